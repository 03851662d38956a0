/// The answer of `predict` and `detect`: one row per scored row, in input order.
#pragma once

#include "train/pipeline.h"

namespace crisp {

/// The rows' own columns, then score, threshold, is_anomaly, reasons (of anomalies) and, where the label column is
/// there, prediction_correct (missing where the row has no label).
Table answer_table(Exec& exec, const Pipeline& pipeline, const Scored& scored);

/// The reasons of each anomalous row of `scored` as one text; "" for the others.
std::vector<std::string> anomaly_reasons(Exec& exec, const Pipeline& pipeline, const Scored& scored);

}  // namespace crisp
