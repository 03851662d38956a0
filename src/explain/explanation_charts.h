/// The drawings of an explanation.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "explain/explanation.h"
#include "report/chart.h"
#include "report/chart_attribution.h"
#include "report/chart_bars.h"

namespace crisp {

/// The most important columns by one measure, largest first; a bar has the interval of a deviation around it where there is one.
report::BarChart importance_bars(const std::vector<ColumnImportance>& columns, const std::string& title, const std::string& note,
                                 const std::function<Permuted(const ColumnImportance&)>& measure);

/// What the splits of a model of trees gained, by the columns that it reads; nothing where that is not known.
std::optional<report::BarChart> gain_bars(const PredictionPipeline& pipeline);

/// Of every row the Shapley values of the most important columns.
report::Chart beeswarm(const Explanation& explanation);
/// A chart for each of the most important columns: its Shapley value by its value, coloured by the column that parts it most beside it.
std::vector<report::Chart> dependence_charts(const Explanation& explanation);
/// From the expected margin to that of the row at `place`.
report::WaterfallChart waterfall(const Explanation& explanation, size_t place);

}  // namespace crisp
