#include "train/streamed_rows.h"

#include <map>

#include "core/format.h"
#include "core/interrupt.h"
#include "cuda/error.h"
#include "train/features.h"

namespace crisp {

StreamedTableRows::StreamedTableRows(const StreamedTable& table, const FittedRecipe& recipe, std::vector<std::string> features, bool missing,
                                     int64_t window_rows, int threads)
    : table_(table), recipe_(recipe), features_(std::move(features)), missing_(missing), window_rows_(window_rows), exec_(Device::cpu(), threads) {
  if (recipe.in_pieces() && recipe.keeps_rows() && !recipe.tells_target()) return;
  throw Error(Code::config, concat("a step of the recipe ", recipe.tells_target() ? "encodes by the target" : "looks at other rows",
                                   ": a table that is read in parts cannot go through it"),
              "prepare the table before, and train on what comes out");
}

Json StreamedTableRows::identity() const {
  return {{"groups", table_.groups().size()}, {"shape", table_.groups().shape()}, {"window_rows", window_rows_}};
}

StreamedRows StreamedTableRows::prepare(int64_t group, StepLog& log) const {
  const TargetRows rows = table_.read(exec_, group);
  try {
    const Table ready = recipe_.run_steps(exec_, rows.rows, table_.own_steps(), recipe_.size(), false, log);
    return {model_features(ready, features_, missing_), {rows.target.begin(), rows.target.end()}};
  } catch (Error& error) {
    error.add_context(table_.groups().name(group));
    throw;
  }
}

StreamedRows StreamedTableRows::read(int64_t group) const {
  StepLog untold;
  return prepare(group, untold);
}

std::vector<float> StreamedTableRows::targets(int64_t group) const {
  const std::vector<double> values = table_.targets(exec_, group);
  return {values.begin(), values.end()};
}

std::vector<std::string> StreamedTableRows::check() const {
  std::map<std::string, int64_t> unseen;
  for (int64_t group = 0; group < table_.groups().size(); ++group) {
    check_interrupt();
    StepLog log;
    prepare(group, log);
    for (const StepRecord& step : log) {
      for (const auto& [column, rows] : step.unseen) unseen[column] += rows;
    }
  }
  std::vector<std::string> notes;
  for (const auto& [column, rows] : unseen) {
    notes.push_back(concat(column, ": ", counted(rows, "row"), " of ", format_count(this->rows()),
                           " to learn from have a value that the preparation has not seen"));
  }
  return notes;
}

}  // namespace crisp
