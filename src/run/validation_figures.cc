#include "run/validation_figures.h"

#include <algorithm>

#include "core/words.h"
#include "cuda/error.h"
#include "evaluate/prediction_metric.h"

namespace crisp {
namespace {

constexpr const char *kWatched = "stopping_metric", *kTold = "metrics", *kLoss = "loss";

/// A figure, and the parameter that asks for it.
struct Asked {
  const char* parameter;
  const PredictionMetric* metric;
};

bool watches(const Params& params) { return params.to_json().value(kWatched, kLoss) != kLoss; }

/// What is watched comes first; no figure twice, and not the loss, which is told anyway.
std::vector<Asked> asked_figures(const Params& params) {
  const Json all = params.to_json();
  const std::string stopping = all.value(kWatched, kLoss), told = all.value(kTold, "");
  const std::vector<std::string_view> watched = words(stopping, " ,");
  if (watched.size() != 1) throw Error(Code::config, concat(kWatched, " is one figure"), concat("tell several with ", kTold, " = \"roc_auc, log_loss\""));
  std::vector<Asked> asked;
  const auto add = [&](const char* parameter, std::string_view name) {
    if (name == kLoss) return;
    const PredictionMetric& metric = find_prediction_metric(std::string(name));
    if (std::none_of(asked.begin(), asked.end(), [&](const Asked& other) { return other.metric == &metric; })) asked.push_back({parameter, &metric});
  };
  add(kWatched, watched[0]);
  for (const std::string_view name : words(told, " ,")) add(kTold, name);
  return asked;
}

/// classes: of the target; nothing where they are not known yet.
void require_fitting(const Asked& asked, Task task, std::optional<int64_t> classes, const std::string& what) {
  const PredictionMetric& metric = *asked.metric;
  const bool sided = asked.parameter == kTold || metric.better != Better::nearest_zero;
  const bool counts = !classes || metric.classes == ClassCount::any || (metric.classes == ClassCount::two) == (*classes == 2);
  if (metric.task() == task && counts && sided) return;
  std::string names;
  for (const PredictionMetric* other : metrics_of(task, classes.value_or(2))) {
    if (asked.parameter == kTold || other->better != Better::nearest_zero) names += concat(names.empty() ? "" : ", ", other->name);
  }
  const bool told = asked.parameter == kTold;
  throw Error(Code::config, concat(asked.parameter, " '", metric.name, told ? "' is no figure of " : "' cannot be watched for ", what),
              concat("take loss or one of ", names));
}

std::vector<double> figures_of_classes(const std::vector<Asked>& asked, const Target& target, const std::vector<int32_t>& truth,
                                       std::span<const double> scores) {
  const auto rows = static_cast<int64_t>(truth.size()), classes = static_cast<int64_t>(target.classes().size());
  const ClassificationFigures figures = RankedPredictions({truth, {scores.data(), rows, classes, classes}, target.classes()}).figures();
  std::vector<double> out;
  for (const Asked& one : asked) out.push_back(figures.*one.metric->of_classes);
  return out;
}

std::vector<double> figures_of_numbers(const std::vector<Asked>& asked, const std::vector<double>& truth, std::span<const double> scores) {
  const RegressionFigures figures = PreparedRegression({truth, scores}).figures();
  std::vector<double> out;
  for (const Asked& one : asked) out.push_back(figures.*one.metric->of_numbers);
  return out;
}

}  // namespace

void check_validation_figures(const Params& params, std::optional<Task> task) {
  for (const Asked& asked : asked_figures(params)) {
    if (task) require_fitting(asked, *task, std::nullopt, concat("a ", task_name(*task)));
  }
}

void require_fitting_figures(const Params& params, const Target& target) {
  for (const Asked& asked : asked_figures(params)) require_fitting(asked, target.task(), static_cast<int64_t>(target.classes().size()), target.column());
}

ValidationFigures validation_figures(const Params& params, const Target& target, const std::vector<double>& truth) {
  require_fitting_figures(params, target);
  const std::vector<Asked> asked = asked_figures(params);
  ValidationFigures figures;
  if (asked.empty()) return figures;
  for (const Asked& one : asked) figures.names.push_back(one.metric->name);
  figures.watched = watches(params);
  figures.higher = asked[0].metric->better == Better::higher;
  if (target.is_classes()) {
    figures.of = [asked, target, known = std::vector<int32_t>(truth.begin(), truth.end())](std::span<const double> scores) {
      return figures_of_classes(asked, target, known, scores);
    };
  } else {
    figures.of = [asked, truth](std::span<const double> scores) { return figures_of_numbers(asked, truth, scores); };
  }
  return figures;
}

}  // namespace crisp
