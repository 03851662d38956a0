#include "detect/answer.h"

#include "cuda/error.h"
#include "detect/reasons.h"

namespace crisp {

constexpr size_t kReasons = 3;  // of each anomaly, in the answer

std::vector<std::string> anomaly_reasons(Exec& exec, const Pipeline& pipeline, const Scored& scored) {
  const size_t count = scored.scores.size();
  std::vector<int64_t> anomalies;
  for (size_t i = 0; i < count; ++i) {
    if (scored.anomalous[i]) anomalies.push_back(static_cast<int64_t>(i));
  }
  const auto explained = explain_rows(exec, pipeline, scored, anomalies, kReasons);
  std::vector<std::string> reasons(count);
  for (size_t i = 0; i < anomalies.size(); ++i) reasons[static_cast<size_t>(anomalies[i])] = reasons_text(explained[i], kReasons);
  return reasons;
}

Table answer_table(Exec& exec, const Pipeline& pipeline, const Scored& scored) {
  const size_t count = scored.scores.size();
  Table answer = scored.rows.with_numbers("score", scored.scores)
                     .with_numbers("threshold", std::vector<double>(count, pipeline.cutoff()))
                     .with_booleans("is_anomaly", scored.anomalous)
                     .with_texts("reasons", anomaly_reasons(exec, pipeline, scored));
  if (pipeline.label().column.empty() || !answer.has(pipeline.label().column)) return answer;
  std::vector<uint8_t> correct = truth_of(answer, pipeline.label());
  for (size_t i = 0; i < count; ++i) correct[i] = correct[i] == scored.anomalous[i];
  return answer.with_booleans("prediction_correct", correct);
}

std::vector<uint8_t> truth_of(const Table& rows, const LabelPlan& label) {
  const std::vector<std::string> values = rows.texts(label.column);
  std::vector<uint8_t> truth;
  for (size_t i = 0; i < values.size(); ++i) {
    const bool anomaly = values[i] == label.anomaly;
    CRISP_REQUIRE(anomaly || label.normal.empty() || values[i] == label.normal, Code::data, "column '", label.column,
                  "', row ", i + 1, ": '", values[i], "' is neither '", label.anomaly, "' nor '", label.normal, "'");
    truth.push_back(anomaly);
  }
  return truth;
}

}  // namespace crisp
