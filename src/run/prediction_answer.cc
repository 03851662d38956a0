#include <algorithm>
#include <cmath>

#include "run/prediction_run.h"

namespace crisp {
namespace {

std::vector<size_t> predicted_classes(const Predictions& predictions) {
  std::vector<size_t> predicted;
  for (int64_t row = 0; row < predictions.size(); ++row) {
    predicted.push_back(static_cast<size_t>(most_probable({predictions.view().row(row), static_cast<size_t>(predictions.outputs)})));
  }
  return predicted;
}

std::vector<double> probabilities_of(const Predictions& predictions, const std::vector<size_t>& classes) {
  std::vector<double> out;
  for (size_t row = 0; row < classes.size(); ++row) {
    out.push_back(predictions.view().at(static_cast<int64_t>(row), static_cast<int64_t>(classes[row])));
  }
  return out;
}

Table class_table(const Target& target, const Predictions& predictions, std::span<const double> truth, bool all_classes) {
  const std::vector<size_t> predicted = predicted_classes(predictions);
  std::vector<std::string> names;
  for (const size_t index : predicted) names.push_back(target.classes()[index]);
  Table answer = predictions.rows.with_texts("prediction", names).with_numbers("probability", probabilities_of(predictions, predicted));
  for (size_t c = 0; all_classes && c < target.classes().size(); ++c) {
    answer = answer.with_numbers(concat("probability_", target.classes()[c]),
                                 probabilities_of(predictions, std::vector<size_t>(predicted.size(), c)));
  }
  if (truth.empty()) return answer;
  std::vector<uint8_t> correct, unknown;
  for (size_t row = 0; row < predicted.size(); ++row) {
    unknown.push_back(std::isnan(truth[row]));
    correct.push_back(truth[row] == static_cast<double>(predicted[row]));
  }
  return answer.with_booleans("prediction_correct", correct, unknown);
}

/// prediction_1 ... prediction_<horizon>.
Table forecast_table(const Predictions& predictions) {
  Table answer = predictions.rows;
  for (int64_t ahead = 0; ahead < predictions.outputs; ++ahead) {
    std::vector<double> values;
    for (int64_t row = 0; row < predictions.size(); ++row) values.push_back(predictions.view().at(row, ahead));
    answer = answer.with_numbers(concat("prediction_", ahead + 1), values);
  }
  return answer;
}

}  // namespace

Table prediction_table(const Target& target, const Predictions& predictions, std::span<const double> truth, bool all_classes) {
  if (target.task() == Task::forecast) return forecast_table(predictions);
  if (target.is_classes()) return class_table(target, predictions, truth, all_classes);
  const Table answer = predictions.rows.with_numbers("prediction", predictions.values);
  if (truth.empty()) return answer;
  std::vector<double> errors;
  for (size_t row = 0; row < truth.size(); ++row) errors.push_back(predictions.values[row] - truth[row]);
  return answer.with_numbers("prediction_error", errors);
}

}  // namespace crisp
