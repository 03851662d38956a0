/// What the evaluation of classes and of numbers share: metrics with their intervals, and notes on the rows.
#pragma once

#include <vector>

#include "evaluate/prediction_evaluation.h"

namespace crisp {

/// What was left out, and whether so few rows say much.
void add_row_notes(PredictionEvaluation& evaluation);

/// `values` of the metrics over all rows; `figures` those of a resample of bootstrap_rows(evaluation.rows,
/// plan).
void add_metrics(Exec& exec, const BootstrapPlan& plan, const std::vector<const PredictionMetric*>& metrics,
                 const std::vector<double>& values, const ResampleFigures& figures,
                 PredictionEvaluation& evaluation);

}  // namespace crisp
