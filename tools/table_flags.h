/// The flags that `train` and `detect` share: a table, a detector, no project file.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "run/run_project.h"
#include "run/table_project.h"
#include "tools/program.h"

namespace crisp {

struct TableFlags {
  std::string data, model = "random_cut_forest", per, label, anomaly = "1", threshold = "mean_std";
  std::optional<double> k, cutoff;
  std::vector<std::string> features, sets;
  uint64_t seed = 0;
};

void add_table_flags(CLI::App& verb, TableFlags& flags);

/// --set key=value, laid over `params`; Code::usage where there is no key.
Json given_params(const std::vector<std::string>& sets, Json params);

/// A table, and the detector that is to be made of it.
struct DetectorTable {
  Table table;
  ReadReport reading;
  Project project;
};
DetectorTable read_detector_table(const Program& program, const TableFlags& flags, const Json& defaults);

/// Reads the table, fits on all of it and scores it. `defaults`: model parameters used unless --set names them.
RunResult run_table(Exec& exec, const Program& program, const TableFlags& flags, const Json& defaults,
                    PhaseClock& clock);

}  // namespace crisp
