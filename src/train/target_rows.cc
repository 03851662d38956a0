#include "train/target_rows.h"

#include <algorithm>
#include <cmath>

#include "core/format.h"
#include "cuda/error.h"
#include "read/read_columns.h"

namespace crisp {
namespace {

/// `table` with fractions where `other` has them.
Table like(Table table, const Table& other) {
  for (const ColumnInfo& column : other.schema()) {
    const bool widens = column.type == ColumnType::real && table.has(column.name) && table.type(column.name) == ColumnType::integer;
    if (widens) table = with_type(table, column.name, ColumnType::real, {});
  }
  return table;
}

template <class Value>
std::vector<Value> picked(const std::vector<Value>& values, const RowList& kept) {
  std::vector<Value> part;
  if (values.empty()) return part;
  part.reserve(kept.size());
  for (const int64_t row : kept) part.push_back(values[static_cast<size_t>(row)]);
  return part;
}

/// The place of each class of `from` among those of `to`; NaN where it is none of them.
std::vector<double> places(const Target& from, const Target& to) {
  std::vector<double> index(from.classes().size(), NAN);
  for (size_t i = 0; i < index.size(); ++i) {
    const auto found = std::find(to.classes().begin(), to.classes().end(), from.classes()[i]);
    if (found != to.classes().end()) index[i] = static_cast<double>(found - to.classes().begin());
  }
  return index;
}

}  // namespace

TargetRows TargetRows::take(const RowList& kept) const { return {rows.take(kept), picked(target, kept), picked(weights, kept)}; }

TargetRows joined(const TargetRows& first, const TargetRows& second) {
  if (second.size() == 0) return first;
  const Table more = like(second.rows, first.rows);
  TargetRows both{Table::concatenate({like(first.rows, more), more}), first.target, first.weights};
  both.target.insert(both.target.end(), second.target.begin(), second.target.end());
  if (first.weights.empty() && second.weights.empty()) return both;
  both.weights.resize(static_cast<size_t>(first.size()), 1.0f);
  both.weights.insert(both.weights.end(), second.weights.begin(), second.weights.end());
  both.weights.resize(both.target.size(), 1.0f);
  return both;
}

TargetRows recoded(const TargetRows& rows, const Target& from, const Target& to) {
  if (!from.is_classes()) return rows;
  const std::vector<double> place = places(from, to);
  RowList kept;
  for (size_t i = 0; i < rows.target.size(); ++i) {
    if (!std::isnan(place[static_cast<size_t>(rows.target[i])])) kept.push_back(static_cast<int64_t>(i));
  }
  TargetRows out = kept.size() == rows.target.size() ? rows : rows.take(kept);
  for (double& value : out.target) value = place[static_cast<size_t>(value)];
  return out;
}

std::vector<float> row_weights(const Table& rows, const std::string& column) {
  const ColumnType type = rows.type(column);
  CRISP_REQUIRE(type == ColumnType::integer || type == ColumnType::real, Code::data, "the weight '", column, "' is a column of ",
                column_type_name(type), ", not of numbers");
  const std::vector<double> values = rows.numbers(column);
  int64_t missing = 0, below = 0, infinite = 0, above = 0;
  for (const double value : values) {
    missing += std::isnan(value);
    below += value < 0;
    infinite += !std::isnan(value) && !std::isfinite(static_cast<float>(value));
    above += static_cast<float>(value) > 0;
  }
  for (const auto& [count, what] : {std::pair{missing, "no value"}, {below, "a value below 0"}, {infinite, "an infinite value"}}) {
    if (count == 0) continue;
    throw Error(Code::data, concat("the weight '", column, "' has ", what, " in ", counted(count, "row")),
                "give each row a number from 0 up, or leave such rows out");
  }
  CRISP_REQUIRE(above > 0 || values.empty(), Code::data, "the weight '", column, "' is 0 in every row");
  return {values.begin(), values.end()};
}

}  // namespace crisp
