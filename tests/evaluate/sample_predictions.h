/// Judged predictions of made-up rows, and the report page of them: shows how to call src/evaluate and
/// src/report.
#pragma once

#include "evaluate/prediction_evaluation.h"
#include "report/page.h"

namespace crisp {

PredictionEvaluation sample_classes(Exec& exec, int64_t classes, int64_t rows);
PredictionEvaluation sample_numbers(Exec& exec, int64_t rows);
/// `which`: "two", "three", "many" (classes) or "numbers".
report::Page sample_prediction_page(const std::string& which);

}  // namespace crisp
