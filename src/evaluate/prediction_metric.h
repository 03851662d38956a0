/// The figures by which a predicting model is judged, by the names that project files, --gate, early stopping
/// and --json know.
#pragma once

#include <span>
#include <string>
#include <vector>

#include "evaluate/classification.h"
#include "evaluate/regression.h"
#include "train/task.h"

namespace crisp {

enum class Better { higher, lower, nearest_zero };
/// Of how many classes a figure is given.
enum class ClassCount { any, two, more };

struct PredictionMetric {
  const char* name;  ///< as scikit-learn's users know it: "f1_macro"
  Better better;
  double lowest, highest;  ///< that it can take
  const char* about;       ///< one line
  double ClassificationFigures::*of_classes = nullptr;
  ClassCount classes = ClassCount::any;
  double RegressionFigures::*of_numbers = nullptr;
  bool interval = true;  ///< the bootstrap says something about it (nothing about a maximum)

  Task task() const { return of_classes ? Task::classification : Task::regression; }
};

/// Classification first; the first of each task is the one to name where one is wanted.
std::span<const PredictionMetric> prediction_metrics();
std::vector<std::string> prediction_metric_names();
/// By its name, or by one of those of LightGBM, XGBoost and scikit-learn ("auc"); Code::usage naming the nearest one where there is none.
const PredictionMetric& find_prediction_metric(const std::string& name);
/// What a model with so many classes (regression: 0) is judged by.
std::vector<const PredictionMetric*> metrics_of(Task task, int64_t classes);

}  // namespace crisp
