#include "evaluate/criterion.h"

#include <algorithm>
#include <charconv>
#include <cmath>

#include "cuda/error.h"
#include "evaluate/evaluation.h"
#include "evaluate/prediction_evaluation.h"

namespace crisp {
namespace {

std::string trimmed(std::string part) {
  part.erase(0, std::min(part.find_first_not_of(' '), part.size()));
  part.erase(part.find_last_not_of(' ') + 1);
  return part;
}

double parse_bound(const std::string& text, const std::string& bound) {
  double value = 0;
  const char* end = bound.data() + bound.size();
  const auto parsed = std::from_chars(bound.data(), end, value);
  CRISP_REQUIRE(parsed.ec == std::errc() && parsed.ptr == end && std::isfinite(value), Code::usage, "'", text,
                "': '", bound, "' is not a number");
  return value;
}

const PredictionMetric& metric_in(const std::string& text, const std::string& name) {
  try {
    return find_prediction_metric(name);
  } catch (const Error& error) {
    throw Error(error.code(), concat("'", text, "': ", error.what()), error.hint());
  }
}

/// Whoever asks for at least so much of an error meant at most.
void require_sense(const Criterion& criterion, const PredictionMetric& metric, const std::string& text) {
  if (metric.better == Better::nearest_zero || criterion.at_most == (metric.better == Better::lower)) return;
  throw Error(
      Code::usage,
      concat("'", text, "': ", metric.name, " is better when it is ", criterion.at_most ? "higher" : "lower"),
      concat("did you mean ", metric.name, criterion.at_most ? ">=" : "<=", criterion.bound, "?"));
}

}  // namespace

Criterion Criterion::parse(const std::string& text) {
  const size_t sign = std::min(text.find(">="), text.find("<="));
  CRISP_REQUIRE(sign != std::string::npos, Code::usage, "'", text,
                "': expected METRIC>=VALUE or METRIC<=VALUE");
  Criterion criterion{trimmed(text.substr(0, sign)), 0, text[sign] == '<'};
  const PredictionMetric& metric = metric_in(text, criterion.metric);
  criterion.metric = metric.name;
  criterion.bound = parse_bound(text, trimmed(text.substr(sign + 2)));
  require_sense(criterion, metric, text);
  return criterion;
}

Criterion Criterion::of(const std::string& metric, double bound) {
  return {metric, bound, find_prediction_metric(metric).better == Better::lower};
}

std::string Criterion::complaint(double reached) const {
  if (at_most ? reached <= bound : reached >= bound) return "";
  return concat(metric, " is ", std::isfinite(reached) ? concat(reached) : "not defined", ", wanted at ",
                at_most ? "most " : "least ", bound);
}

std::string Criterion::complaint(const Evaluation& evaluation) const {
  for (const Metric& known : all_metrics()) {
    if (metric == known.name) return complaint(known.value(evaluation));
  }
  return concat(metric, " is no figure of an anomaly detector");
}

std::string Criterion::complaint(const PredictionEvaluation& evaluation) const {
  const MetricResult* result = evaluation.find(metric);
  return result ? complaint(result->value) : concat(metric, " is no figure of ", evaluation.kind());
}

}  // namespace crisp
