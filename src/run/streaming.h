/// When a training reads its table in parts, and how large these are.
#pragma once

#include <optional>
#include <string>

#include "read/row_groups.h"
#include "run/prediction_project.h"
#include "train/streamed_table.h"

namespace crisp {

class Peers;

/// What lies in memory at a time, in rows. All of it takes less than the limit.
struct StreamSizes {
  int64_t limit = 0;   ///< bytes
  int64_t window = 0;  ///< rows to learn from that are shuffled together; one such window is learned from, one is being read
  int64_t sample = 0;  ///< rows that the preparation is fitted on
  int64_t held = 0;    ///< the most rows that judge, or say when to stop
};

/// Bytes that the training may take for its rows: the project's limit, else half of the machine's memory, shared by the processes on
/// it. Of several processes all get the first one's.
int64_t stream_limit(const PredictionProject& project, Peers* peers);

/// The table's row groups where it is to be read in parts; nothing where it is to be in memory. Code::usage where the project says `always`,
/// and the files cannot be read so.
std::optional<RowGroups> open_stream(const PredictionProject& project, int64_t limit);

/// Code::no_memory where a row group is too large for the limit.
StreamSizes stream_sizes(const RowGroups& groups, int64_t limit);

/// Draws the rows that do not learn, and reads all that is kept in memory. `test`: see DrawnSplit. Code::no_memory where there is no
/// room for it.
StreamedTable::Kept keep_rows(Exec& exec, StreamedTable& table, const SplitPlan& plan, bool test, const StreamSizes& sizes);

/// What was decided, for a person and for a program. `sample`: rows that the preparation is fitted on.
std::string stream_text(const StreamedTable& table, const StreamSizes& sizes, int64_t sample);
Json stream_json(const StreamedTable& table, const StreamSizes& sizes, int64_t sample);

}  // namespace crisp
