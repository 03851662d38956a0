/// The answer of `predict` and `detect`: one row per scored row, in input order.
#pragma once

#include "train/pipeline.h"

namespace crisp {

/// The rows' own columns, then score, threshold, is_anomaly, reasons (of anomalies) and, where the label column is
/// there, prediction_correct.
Table answer_table(Exec& exec, const Pipeline& pipeline, const Scored& scored);

/// The reasons of each anomalous row of `scored` as one text; "" for the others.
std::vector<std::string> anomaly_reasons(Exec& exec, const Pipeline& pipeline, const Scored& scored);

/// 1 where the label says anomaly. Code::data naming a label value that is neither of the two.
std::vector<uint8_t> truth_of(const Table& rows, const LabelPlan& label);

}  // namespace crisp
