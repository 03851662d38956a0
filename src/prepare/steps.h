/// All kinds of steps: each reads its keys and gives the step. Listed in steps.cc.
#pragma once

#include <memory>

#include "prepare/step.h"
#include "prepare/step_options.h"

namespace crisp {

using StepPtr = std::unique_ptr<Step>;

// Rows (steps_rows.cc, steps_order.cc).
StepPtr make_filter(StepOptions& options);
StepPtr make_drop_missing(StepOptions& options);
StepPtr make_drop_duplicates(StepOptions& options);
StepPtr make_check(StepOptions& options);
StepPtr make_sort(StepOptions& options);
StepPtr make_shuffle(StepOptions& options);
StepPtr make_sample(StepOptions& options);
// Columns (steps_columns.cc).
StepPtr make_derive(StepOptions& options);
StepPtr make_select(StepOptions& options);
StepPtr make_drop(StepOptions& options);
StepPtr make_rename(StepOptions& options);
StepPtr make_cast(StepOptions& options);
StepPtr make_date_parts(StepOptions& options);
StepPtr make_narrow(StepOptions& options);
// Events to groups.
StepPtr make_sessionise(StepOptions& options);
StepPtr make_aggregate(StepOptions& options);
// Fitted on the training rows.
StepPtr make_scale(StepOptions& options);
StepPtr make_impute(StepOptions& options);
StepPtr make_encode(StepOptions& options);
StepPtr make_bin(StepOptions& options);
StepPtr make_clip(StepOptions& options);

/// Reads one step; Code::config for an unknown one.
StepPtr make_step(const Json& keys);

/// Name and one line for each step, for the documentation.
struct StepInfo {
  std::string name, keys, meaning;
};
std::vector<StepInfo> step_reference();

/// The rows whose flag is set.
Table keep_rows(const Table& table, const std::vector<uint8_t>& keep);

}  // namespace crisp
