/// How a training went: each figure over the epochs, training and validation rows beside each other.
#pragma once

#include <vector>

#include "core/json.h"
#include "report/chart_lines.h"

namespace crisp::report {

/// `history`: one object an epoch (or boosting round) with "epoch", and figures named "train_X" and
/// "validation_X" (drawn in one chart) or otherwise (a chart each, if the figure changes). `facts`:
/// "best_epoch" is marked in every chart. What is no number breaks the line. No charts for fewer than two
/// epochs.
std::vector<LineChart> learning_charts(const Json& history, const Json& facts);

}  // namespace crisp::report
