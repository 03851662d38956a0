/// The flags of `train` that go with --target: what is predicted, and by which rows it is judged.
#pragma once

#include <string>
#include <vector>

#include "run/prediction_run.h"
#include "tools/program.h"
#include "tools/table_flags.h"

namespace crisp {

struct TargetFlags {
  std::string target, task, positive, weight, group, time, split_column, test_value, test, valid, refit = "none", calibrate = "none", stream = "auto", memory_limit;
  double test_share = 0, validation_share = 0;
  int64_t horizon = 0, lookback = 0, season = 0;
  int folds = 0;
  std::string init_from;
  std::vector<std::string> freeze, metrics;
  bool allow_leak = false;
};

void add_target_flags(CLI::App& verb, TargetFlags& flags);

/// Code::usage for flags of one kind of model that were given to the other.
void require_fitting_flags(const CLI::App& verb, const TargetFlags& flags);

/// Checks everything that needs no data.
PredictionProject prediction_project(const Program& program, const TableFlags& table, const TargetFlags& target, bool model_given);

}  // namespace crisp
