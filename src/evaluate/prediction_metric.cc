#include "evaluate/prediction_metric.h"

#include <algorithm>
#include <array>
#include <limits>
#include <utility>

#include "cuda/error.h"

namespace crisp {
namespace {

using C = ClassificationFigures;
using R = RegressionFigures;
constexpr double kInfinity = std::numeric_limits<double>::infinity();
constexpr ClassCount kTwo = ClassCount::two, kMore = ClassCount::more;

/// A share of classes that is better when it is larger.
constexpr PredictionMetric share_metric(const char* name, const char* about, double C::*of,
                                        ClassCount classes = ClassCount::any) {
  return {name, Better::higher, 0, 1, about, of, classes};
}

constexpr PredictionMetric class_loss(const char* name, const char* about, double highest, double C::*of) {
  return {name, Better::lower, 0, highest, about, of};
}

constexpr PredictionMetric number_metric(const char* name, const char* about, Better better, double lowest,
                                         double highest, double R::*of, bool interval = true) {
  return {name, better, lowest, highest, about, nullptr, ClassCount::any, of, interval};
}

constexpr std::array kMetrics = {
    share_metric("accuracy", "share of rows answered right", &C::accuracy),
    share_metric("balanced_accuracy", "mean recall of the classes", &C::balanced_accuracy),
    share_metric("roc_auc", "area under the ROC curve; above two classes: mean of each", &C::roc_auc),
    share_metric("average_precision", "area under precision over recall; above two: mean",
                 &C::average_precision),
    class_loss("log_loss", "mean -ln of the true class's probability", kInfinity, &C::log_loss),
    class_loss("brier", "squared error of the probabilities; above two: their sum", 2, &C::brier),
    class_loss("ece", "how far confidence is from accuracy", 1, &C::ece),
    PredictionMetric{"mcc", Better::higher, -1, 1, "Matthews correlation of answer and truth", &C::mcc},
    share_metric("precision", "share of answered positives that are", &C::precision, kTwo),
    share_metric("recall", "share of positives found", &C::recall, kTwo),
    share_metric("specificity", "share of negatives recognised", &C::specificity, kTwo),
    share_metric("f1", "harmonic mean of precision and recall", &C::f1, kTwo),
    share_metric("f1_macro", "F1, mean over the classes", &C::f1_macro),
    share_metric("f1_weighted", "F1, mean over the classes by their rows", &C::f1_weighted),
    share_metric("precision_macro", "precision, mean over the classes", &C::precision_macro),
    share_metric("precision_weighted", "precision, mean by their rows", &C::precision_weighted),
    share_metric("recall_macro", "recall, mean over the classes", &C::recall_macro),
    share_metric("recall_weighted", "recall, mean by their rows", &C::recall_weighted),
    share_metric("roc_auc_weighted", "each class against the rest, mean by their rows", &C::roc_auc_weighted,
                 kMore),
    share_metric("average_precision_weighted", "each class against the rest, mean by their rows",
                 &C::average_precision_weighted, kMore),
    number_metric("rmse", "root of the mean squared error", Better::lower, 0, kInfinity, &R::rmse),
    number_metric("mae", "mean absolute error", Better::lower, 0, kInfinity, &R::mae),
    number_metric("r2", "share of the variance explained", Better::higher, -kInfinity, 1, &R::r2),
    number_metric("mape", "mean absolute error as a share of the truth", Better::lower, 0, kInfinity,
                  &R::mape),
    number_metric("median_absolute_error", "half of the errors are smaller", Better::lower, 0, kInfinity,
                  &R::median_absolute_error),
    number_metric("max_error", "largest absolute error", Better::lower, 0, kInfinity, &R::max_error, false),
    number_metric("mean_error", "mean of predicted - true", Better::nearest_zero, -kInfinity, kInfinity,
                  &R::mean_error),
};

/// As users of other libraries know them.
constexpr std::pair<const char*, const char*> kAliases[] = {
    {"auc", "roc_auc"}, {"aucpr", "average_precision"}, {"logloss", "log_loss"}, {"binary_logloss", "log_loss"}, {"multi_logloss", "log_loss"},
    {"mlogloss", "log_loss"}, {"l1", "mae"}, {"mean_absolute_error", "mae"}, {"root_mean_squared_error", "rmse"}, {"l2_root", "rmse"},
};

}  // namespace

std::span<const PredictionMetric> prediction_metrics() { return kMetrics; }

std::vector<std::string> prediction_metric_names() {
  std::vector<std::string> names;
  for (const PredictionMetric& metric : kMetrics) names.emplace_back(metric.name);
  return names;
}

const PredictionMetric& find_prediction_metric(const std::string& name) {
  const auto* alias = std::find_if(std::begin(kAliases), std::end(kAliases), [&](const auto& other) { return name == other.first; });
  const std::string own = alias == std::end(kAliases) ? name : alias->second;
  const auto found =
      std::find_if(kMetrics.begin(), kMetrics.end(), [&](const auto& metric) { return own == metric.name; });
  if (found != kMetrics.end()) return *found;
  const std::string nearest = nearest_name(name, prediction_metric_names());
  std::string known;
  for (const PredictionMetric& metric : kMetrics) known += concat(known.empty() ? "" : ", ", metric.name);
  throw Error(Code::usage, concat("there is no metric '", name, "'"),
              nearest.empty() ? concat("the metrics are ", known) : concat("did you mean '", nearest, "'?"));
}

std::vector<const PredictionMetric*> metrics_of(Task task, int64_t classes) {
  std::vector<const PredictionMetric*> wanted;
  for (const PredictionMetric& metric : kMetrics) {
    const bool fits = metric.classes == ClassCount::any || (metric.classes == kTwo) == (classes == 2);
    if (metric.task() == task && fits) wanted.push_back(&metric);
  }
  return wanted;
}

}  // namespace crisp
