/// Carries a forecasting project through: read, put in order, prepare, split by time, train, forecast from every row of the test.
#pragma once

#include "run/prediction_run.h"

namespace crisp {

/// What run_prediction() does where the project forecasts. `result.evaluation` judges all values ahead together, `result.dummy` the
/// same values said by the season before.
PredictionResult run_forecast(Exec& exec, const PredictionProject& project, const Registry& registry, TrainingRun run,
                              PhaseClock& clock);

/// What fit_prediction() does where the project forecasts.
void fit_forecast(Exec& exec, const PredictionProject& project, const Registry& registry, TrainingRun& run, PhaseClock& clock);

}  // namespace crisp
