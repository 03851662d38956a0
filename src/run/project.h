/// A project file: one analysis from question to report, as `crisp run` carries it through.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "evaluate/evaluation.h"
#include "prepare/expression.h"
#include "read/read.h"
#include "run/column_mention.h"
#include "run/impostors.h"
#include "run/project_file.h"
#include "train/pipeline.h"

namespace crisp {

struct TracksPlan {
  std::string by;  ///< the column that names an event's row: "trip_id"
  std::string latitude, longitude, time;
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

  /// Checks the whole file before any data is touched.
  static Project read(const ProjectFile& file, const Registry& registry);
};

}  // namespace crisp
