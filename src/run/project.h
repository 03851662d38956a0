/// A project file: one analysis from question to report, as `crisp run` carries it through.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "evaluate/evaluation.h"
#include "prepare/expression.h"
#include "read/read.h"
#include "run/impostors.h"
#include "train/pipeline.h"

namespace crisp {

struct TracksPlan {
  std::string by;  ///< the column that names an event's row: "trip_id"
  std::string latitude, longitude, time;
};

/// A column that the project file names. Whether it will be there is known once the data's columns are.
struct ColumnMention {
  enum class Stage {
    events,    ///< the rows before the last aggregation
    prepared,  ///< after the recipe's first part
    scored,    ///< the same, or what mixing impostors in adds
  };
  Stage stage;
  std::string column;
  std::string where;  ///< "project.toml:12: [report] slices"
};

struct Project {
  std::string name, question;
  ReadRequest data;
  /// Rows of which this is true test, the others train; absent: all rows train, and the same rows are scored.
  std::optional<Expression> test_rows;
  std::optional<ImpostorPlan> impostors;
  PipelinePlan pipeline;
  std::vector<std::string> slices;
  int64_t top = 10;  ///< anomalous rows to explain in the report
  std::optional<TracksPlan> tracks;
  std::vector<ColumnMention> uses;
  std::vector<Criterion> criteria;  ///< of success; else exit code 1
  uint64_t seed = 0;
  std::string output;  ///< default run directory

  /// Reads and checks the whole file before any data is touched. `sets`: "section.key=value" overrides.
  static Project load(const std::string& path, const std::vector<std::string>& sets, const Registry& registry);
};

}  // namespace crisp
