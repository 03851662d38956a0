/// What a pipeline is made from: the recipe, the model, and where normal ends.
#pragma once

#include <string>
#include <vector>

#include "prepare/recipe.h"
#include "train/model_set.h"
#include "train/threshold.h"

namespace crisp {

/// What the label column means, where there is one.
struct LabelPlan {
  std::string column;   ///< "driver"; empty: none
  std::string anomaly;  ///< the value that stands for an anomaly ("other")
  std::string normal;   ///< the other value ("owner"); empty: everything else
};

constexpr int kMaxFolds = 100;

struct PipelinePlan {
  Recipe recipe;
  std::vector<std::string> features;  ///< names or patterns; empty: all columns of numbers
  std::string per;                    ///< a model per value of this column; empty: one for all
  FitPlan fit;
  ThresholdRule threshold;
  /// 0: the cutoff comes from the training scores; >= 2: from scores by recipes and models that have not seen the row.
  int folds = 0;
  LabelPlan label;
};

}  // namespace crisp
