/// The drawings of a judged prediction. Each needs the details of its task; those without data are left out
/// by the page.
#pragma once

#include "evaluate/prediction_evaluation.h"
#include "report/chart_heat.h"
#include "report/chart_histogram.h"
#include "report/chart_lines.h"
#include "report/chart_scatter.h"

namespace crisp {

report::RocChart roc_chart(const PredictionEvaluation& evaluation);
report::LineChart precision_recall_chart(const PredictionEvaluation& evaluation);
/// Precision, recall and F1 at every cutoff; of two classes.
report::LineChart cutoff_chart(const PredictionEvaluation& evaluation);
/// Of many classes the most frequent ones; the others are one.
report::HeatChart confusion_chart(const PredictionEvaluation& evaluation);
report::LineChart calibration_chart(const PredictionEvaluation& evaluation);
report::HistogramChart probability_chart(const PredictionEvaluation& evaluation);

report::ScatterChart predicted_chart(const PredictionEvaluation& evaluation);
report::ScatterChart error_chart(const PredictionEvaluation& evaluation);
report::HistogramChart error_histogram(const PredictionEvaluation& evaluation);
report::ScatterChart quantile_chart(const PredictionEvaluation& evaluation);

}  // namespace crisp
