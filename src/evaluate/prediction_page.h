/// A judged prediction for people: tables for the terminal and the report, and the report's sections.
#pragma once

#include <string>
#include <vector>

#include "evaluate/prediction_evaluation.h"
#include "report/page.h"
#include "report/terminal.h"

namespace crisp {

/// "0.8437", or four figures of what is no share; "–" where it is not defined.
std::string metric_text(const PredictionMetric& metric, double value);

/// metric, value, 95 % interval, what it means.
report::TextTable metric_table(const PredictionEvaluation& evaluation);
/// A row a class, and both averages. Classification only.
report::TextTable class_table(const PredictionEvaluation& evaluation);
/// What is most often taken for what, the ten most frequent. Classification only.
report::TextTable mistake_table(const PredictionEvaluation& evaluation);
/// The headlines: three figures and what they are to be compared with.
std::vector<report::KeyFigure> key_figures(const PredictionEvaluation& evaluation);

/// The figures, then what each class or error looks like: two sections with the tables and charts above.
void add_prediction_sections(report::Page& page, const PredictionEvaluation& evaluation);
/// The same figures for a terminal: tables and notes.
std::string prediction_text(const PredictionEvaluation& evaluation, const report::TerminalStyle& style);

}  // namespace crisp
