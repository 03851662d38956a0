#include "run/streaming.h"

#include <algorithm>

#include "core/format.h"
#include "core/log.h"
#include "core/memory_size.h"
#include "core/processes.h"
#include "cuda/error.h"
#include "train/peers.h"

namespace crisp {
namespace {

/// Of a number as the table has it; prepared (once more as large) and as the model reads it; and copies in between. By trial, see
/// perf/nets/stream.py.
constexpr int64_t kCellBytes = 8, kResidentCellBytes = 28, kPreparedCellBytes = 24;
constexpr int64_t kWindowBytes = int64_t{256} << 20;

int64_t columns_of(const RowGroups& groups) { return std::max<int64_t>(1, static_cast<int64_t>(groups.columns().size())); }

/// Of a row as a model reads it.
int64_t row_bytes(const RowGroups& groups) { return (columns_of(groups) + 15) / 16 * 64; }

std::string size_text(int64_t bytes) { return format_bytes(static_cast<double>(bytes)); }

/// What the table takes in memory while a net is trained on it, about.
int64_t resident_bytes(const RowGroups& groups) { return groups.rows() * columns_of(groups) * kResidentCellBytes; }

}  // namespace

int64_t stream_limit(const PredictionProject& project, Peers* peers) {
  int64_t limit = project.stream.memory_limit;
  if (limit == 0) limit = machine_memory() / 2 / std::max(1, find_processes().local_size);
  if (peers) peers->broadcast(0, std::as_writable_bytes(std::span(&limit, 1)));
  return limit;
}

std::optional<RowGroups> open_stream(const PredictionProject& project, int64_t limit) {
  const bool asked = project.stream.when == Streaming::always;
  if (project.stream.when == Streaming::never || (!asked && !project.learner->streams())) return std::nullopt;
  std::string why = project.stream_obstacle();
  if (!asked && is_pipe(project.data.path)) return std::nullopt;
  std::optional<RowGroups> groups = RowGroups::open(project.data, why);
  if (asked && !groups) {
    throw Error(Code::usage, concat("the table cannot be read in parts (--stream always): ", why), "write it as Parquet, in row groups of some 100,000 rows");
  }
  if (asked || !groups || resident_bytes(*groups) <= limit) return asked ? std::move(groups) : std::nullopt;
  if (why.empty()) return groups;
  warn("the table takes about ", size_text(resident_bytes(*groups)), " in memory, more than the limit of ", size_text(limit),
       ", and is read as a whole: ", why, " does not go with reading it in parts");
  return std::nullopt;
}

StreamSizes stream_sizes(const RowGroups& groups, int64_t limit) {
  const int64_t columns = columns_of(groups);
  int64_t largest = 0;
  for (int64_t group = 0; group < groups.size(); ++group) largest = std::max(largest, groups.rows(group));
  const int64_t most = limit / 4 / (columns * kPreparedCellBytes);
  if (largest > most) {
    throw Error(Code::no_memory, concat("a row group has ", counted(largest, "row"), ", and of ", counted(columns, "column"), " no more than ",
                                        format_count(most), " go with the memory limit of ", size_text(limit)),
                "write the table with smaller row groups, or raise --memory-limit");
  }
  const int64_t window = std::min(kWindowBytes, limit / 8) / row_bytes(groups);
  const int64_t kept = limit / 8 / (columns * kCellBytes);
  return {limit, std::max(window, largest), kept, kept};
}

StreamedTable::Kept keep_rows(Exec& exec, StreamedTable& table, const SplitPlan& plan, bool test, const StreamSizes& sizes) {
  table.draw(exec, plan, test);
  const int64_t held = table.split().test_rows() + table.split().validation_rows();
  if (held > std::max<int64_t>(sizes.held, 2)) {
    throw Error(Code::no_memory, concat(counted(held, "row"), " to test and to say when to stop are kept in memory, and its limit of ",
                                        size_text(sizes.limit), " leaves room for ", format_count(sizes.held)),
                "take smaller shares (--test-share, --validation-share), or raise --memory-limit");
  }
  StreamedTable::Kept kept = table.keep(exec, sizes.sample, plan.seed);
  CRISP_REQUIRE(kept.sample.size() > 0, Code::no_memory, "the memory limit of ", size_text(sizes.limit), " leaves no rows to prepare the columns by");
  return kept;
}

std::string stream_text(const StreamedTable& table, const StreamSizes& sizes, int64_t sample) {
  const RowGroups& groups = table.groups();
  const int64_t learned = table.learned_rows();
  return concat("reading ", counted(groups.size(), "row group"), " of ", format_count(groups.rows()), " rows in windows of up to ",
                format_count(sizes.window), ": in memory they would take about ", size_text(resident_bytes(groups)), ", and the limit is ",
                size_text(sizes.limit), "; the preparation is fitted on ", sample == learned ? "all " : concat(format_count(sample), " of the "),
                format_count(learned), " rows to learn from");
}

Json stream_json(const StreamedTable& table, const StreamSizes& sizes, int64_t sample) {
  return {{"row_groups", table.groups().size()}, {"window_rows", sizes.window}, {"memory_limit", sizes.limit}, {"prepared_on_rows", sample}};
}

}  // namespace crisp
