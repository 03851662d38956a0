#include "run/watched_figure.h"

#include "cuda/error.h"
#include "evaluate/prediction_metric.h"

namespace crisp {
namespace {

void require_fitting(const PredictionMetric& metric, const Target& target) {
  const size_t classes = target.classes().size();
  const bool counts = metric.classes == ClassCount::any || (metric.classes == ClassCount::two) == (classes == 2);
  const bool fits = metric.task() == target.task() && counts && metric.better != Better::nearest_zero;
  if (fits) return;
  std::string names;
  for (const PredictionMetric* other : metrics_of(target.task(), static_cast<int64_t>(classes))) {
    if (other->better != Better::nearest_zero) names += concat(names.empty() ? "" : ", ", other->name);
  }
  throw Error(Code::config, concat("stopping_metric '", metric.name, "' cannot be watched for ", target.column()), "take loss or one of " + names);
}

double judge_classes(const PredictionMetric& metric, const Target& target, const std::vector<int32_t>& truth, std::span<const double> scores) {
  const auto rows = static_cast<int64_t>(truth.size()), classes = static_cast<int64_t>(target.classes().size());
  const ClassPredictions predictions{truth, {scores.data(), rows, classes, classes}, target.classes()};
  return RankedPredictions(predictions).figures().*metric.of_classes;
}

}  // namespace

std::optional<WatchedFigure> watched_figure(const Params& params, const Target& target, const std::vector<double>& truth) {
  const std::string name = params.to_json().value("stopping_metric", "loss");
  if (name == "loss") return std::nullopt;
  const PredictionMetric& metric = find_prediction_metric(name);
  require_fitting(metric, target);
  WatchedFigure figure{metric.name, metric.better == Better::higher, {}};
  if (target.is_classes()) {
    figure.of = [&metric, target, known = std::vector<int32_t>(truth.begin(), truth.end())](std::span<const double> scores) {
      return judge_classes(metric, target, known, scores);
    };
  } else {
    figure.of = [&metric, truth](std::span<const double> scores) {
      return PreparedRegression({truth, scores}).figures().*metric.of_numbers;
    };
  }
  return figure;
}

}  // namespace crisp
