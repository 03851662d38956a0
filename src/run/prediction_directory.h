/// The folder that a predicting run leaves: bundle, report, predictions of the test rows, and what is known of the run itself.
#pragma once

#include "core/output_directory.h"
#include "core/run_info.h"
#include "run/prediction_run.h"

namespace crisp {

/// Writes report.html, predictions.parquet, run.json, and the bundle with its manifest last.
void write_prediction_run(Exec& exec, OutputDirectory& directory, const PredictionResult& result, const Json& document,
                          const PhaseClock& clock);

}  // namespace crisp
