#include "evaluate/evaluation.h"

#include <array>

#include "core/json_number.h"
#include "cuda/error.h"

namespace crisp {
namespace {

constexpr std::array<Metric, 8> kMetrics{{
    {"accuracy", [](const Evaluation& e) { return e.counts.accuracy(); }},
    {"balanced_accuracy", [](const Evaluation& e) { return e.counts.balanced_accuracy(); }},
    {"roc_auc", [](const Evaluation& e) { return e.roc_auc; }},
    {"average_precision", [](const Evaluation& e) { return e.average_precision; }},
    {"recall", [](const Evaluation& e) { return e.counts.recall(); }},
    {"specificity", [](const Evaluation& e) { return e.counts.specificity(); }},
    {"precision", [](const Evaluation& e) { return e.counts.precision(); }},
    {"f1", [](const Evaluation& e) { return e.counts.f1(); }},
}};

}  // namespace

std::span<const Metric> all_metrics() { return kMetrics; }

std::vector<std::string> metric_names() {
  std::vector<std::string> names;
  for (const Metric& metric : kMetrics) names.emplace_back(metric.name);
  return names;
}

Evaluation evaluate_labels(const Labels& labels, const LabelPlan& plan, std::span<const double> scores,
                           std::span<const uint8_t> predicted) {
  CRISP_ASSERT(scores.size() == labels.rows.size() && predicted.size() == scores.size());
  Evaluation evaluation;
  evaluation.labels = labels.rows;
  evaluation.notes = labels.notes(plan);
  std::vector<uint8_t> answers;
  for (size_t i = 0; i < scores.size(); ++i) {
    if (labels.rows[i] == Label::none) continue;
    evaluation.truth.push_back(labels.rows[i] == Label::anomaly);
    evaluation.scores.push_back(scores[i]);
    answers.push_back(predicted[i]);
  }
  evaluation.counts = confusion(evaluation.truth, answers);
  evaluation.roc_auc = roc_auc(evaluation.truth, evaluation.scores);
  evaluation.average_precision = average_precision(evaluation.truth, evaluation.scores);
  return evaluation;
}

Json Evaluation::to_json() const {
  const auto left_out = static_cast<int64_t>(labels.size()) - counts.rows();
  Json json = {{"rows", counts.rows()}, {"rows_without_label", left_out}};
  for (const Metric& metric : kMetrics) json[metric.name] = number_or_null(metric.value(*this));
  json["accuracy_always_normal"] = number_or_null(counts.always_negative_accuracy());
  json["confusion"] = counts.to_json();
  return json;
}

}  // namespace crisp
