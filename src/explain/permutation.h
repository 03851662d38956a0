/// How much worse a model answers when a column says nothing: its values in another order.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "evaluate/prediction_metric.h"
#include "explain/input_columns.h"

namespace crisp {

/// Of one column: how much worse the metric became, over the repeats. Undefined where it could not be found.
struct Permuted {
  double mean = kUndefined, deviation = kUndefined;  ///< deviation: of a sample; of one repeat undefined
};

struct PermutationPlan {
  std::string metric;  ///< "": roc_auc of classes, rmse of numbers
  int64_t repeats = 5;
  uint64_t seed = 0;
};

struct PermutationImportance {
  const PredictionMetric* metric = nullptr;
  double before = kUndefined;     ///< the metric on the rows as they are
  int64_t rows = 0;               ///< with a truth
  std::vector<Permuted> columns = {};  ///< one a column; undefined where it does not stand in the rows
};

/// Permutation importance (Breiman, "Random forests", Machine Learning 2001; Fisher, Rudin and Dominici, JMLR 2019) on columns of the input: what
/// a text became moves together. `predictions`: of the rows as they are. Rows without a truth are left out. Code::data where no row has one, or the metric is not defined on them;
/// Code::usage for a metric that does not fit the target.
PermutationImportance permutation_importance(Exec& exec, const ExplainedRows& rows, const Predictions& predictions,
                                             const std::vector<InputColumn>& columns, const PermutationPlan& plan);

/// Code::usage where the metric is none, or does not judge such a target.
const PredictionMetric& permutation_metric(const std::string& name, const Target& target);

}  // namespace crisp
