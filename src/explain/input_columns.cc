#include "explain/input_columns.h"

#include <algorithm>
#include <cmath>

#include "core/progress.h"
#include "cuda/error.h"

namespace crisp {
namespace {

bool same(float a, float b) { return a == b || (std::isnan(a) && std::isnan(b)); }

void note_changes(const Matrix& before, const Matrix& after, std::vector<uint8_t>& changed) {
  for (int64_t row = 0; row < before.rows(); ++row) {
    for (int64_t j = 0; j < before.columns(); ++j) {
      if (!same(before.view().at(row, j), after.view().at(row, j))) changed[static_cast<size_t>(j)] = 1;
    }
  }
}

constexpr int64_t kTracedRows = 1000;

/// Evenly out of all.
Table traced_rows(const Table& rows) {
  const int64_t stride = (rows.rows() + kTracedRows - 1) / kTracedRows;
  std::vector<int64_t> places;
  for (int64_t place = 0; place < rows.rows(); place += stride) places.push_back(place);
  return rows.take(places);
}

/// Prepares rows again with one column changed.
class Tracer {
 public:
  Tracer(Exec& exec, const ExplainedRows& rows, uint64_t seed)
      : exec_(exec), rows_(rows), some_(traced_rows(rows.rows())), features_(rows.features(exec, some_)), seed_(seed) {}

  /// Which of the model's columns change with this one.
  std::vector<uint8_t> changed_by(const std::string& column) const {
    std::vector<uint8_t> changed(static_cast<size_t>(features_.columns()));
    note_changes(features_, rows_.features(exec_, shuffled(some_, column, seed_, 0)), changed);
    try {  // a column that is the same in all rows shows itself so; a preparation may refuse blanks
      note_changes(features_, rows_.features(exec_, some_.with_missing(column)), changed);
    } catch (const Error& error) {
      if (error.code() != Code::data) throw;
    }
    return changed;
  }

 private:
  Exec& exec_;
  const ExplainedRows& rows_;
  const Table some_;
  const Matrix features_;
  const uint64_t seed_;
};

constexpr size_t kNobody = SIZE_MAX, kSeveral = SIZE_MAX - 1;

/// The column that one of the model's is named after: its own name, or "colour" of "colour=red", as the step `encode` names it. Of several the longest.
size_t named_after(const std::vector<InputColumn>& columns, const std::string& feature) {
  size_t best = kNobody, length = 0;
  for (size_t c = 0; c < columns.size(); ++c) {
    const std::string& name = columns[c].name;
    const bool fits = feature == name || feature.starts_with(name + "=");
    if (columns[c].given && fits && name.size() >= length) best = c, length = name.size();
  }
  return best;
}

/// A name that no column has yet: what a recipe made of `x` and others in place is not the `x` that was given.
std::string unused_name(const std::vector<InputColumn>& columns, std::string name) {
  const auto taken = [&](const InputColumn& column) { return column.name == name; };
  while (std::any_of(columns.begin(), columns.end(), taken)) name += " (prepared)";
  return name;
}

}  // namespace

std::vector<InputColumn> input_columns(Exec& exec, const ExplainedRows& rows, uint64_t seed) {
  const Tracer tracer(exec, rows, seed);
  const std::vector<std::string> names = rows.columns(), &wanted = rows.pipeline().features();
  std::vector<size_t> source(wanted.size(), kNobody);
  std::vector<InputColumn> columns;
  Progress progress("tracing columns", static_cast<int64_t>(names.size()), "columns");
  for (const std::string& name : names) {
    const std::vector<uint8_t> changed = tracer.changed_by(name);
    progress.step();
    if (std::count(changed.begin(), changed.end(), 1) == 0 && std::find(wanted.begin(), wanted.end(), name) == wanted.end()) continue;
    for (size_t j = 0; j < source.size(); ++j) {
      if (changed[j]) source[j] = source[j] == kNobody ? columns.size() : kSeveral;
    }
    columns.push_back({name, {}});
  }
  for (size_t j = 0; j < source.size(); ++j) {
    if (source[j] == kNobody) source[j] = named_after(columns, wanted[j]);
    if (source[j] >= kSeveral) {
      source[j] = columns.size();
      columns.push_back({unused_name(columns, wanted[j]), {}, false});
    }
    columns[source[j]].features.push_back(static_cast<int64_t>(j));
  }
  return columns;
}

}  // namespace crisp
