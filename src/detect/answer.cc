#include "detect/answer.h"

#include "detect/reasons.h"
#include "evaluate/labels.h"

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
  const Labels labels = read_labels(answer, pipeline.label());
  std::vector<uint8_t> correct(count), unknown(count);
  for (size_t i = 0; i < count; ++i) {
    unknown[i] = labels.rows[i] == Label::none;
    correct[i] = (labels.rows[i] == Label::anomaly) == (scored.anomalous[i] != 0);
  }
  return answer.with_booleans("prediction_correct", correct, unknown);
}

}  // namespace crisp
