#include "table/table.h"

#include <arrow/compute/api.h>

#include <limits>

#include "cuda/error.h"
#include "table/arrow_bridge.h"
#include "table/cell_text.h"

namespace crisp {
namespace {

/// Calls cell(row, array, index) for every value that is there, array being of the column's Arrow type.
template <class Array, class Cell>
void for_each_value(const arrow::ChunkedArray& column, Cell cell) {
  int64_t row = 0;
  for (const auto& chunk : column.chunks()) {
    const Array& array = static_cast<const Array&>(*chunk);
    const bool whole = array.null_count() == 0;
    for (int64_t i = 0; i < array.length(); ++i, ++row) {
      if (whole || array.IsValid(i)) cell(row, array.Value(i));
    }
  }
}

const arrow::ChunkedArray& column_of(const Table& table, const std::string& name) {
  return *table.arrow()->column(table.index_of(name));
}

}  // namespace

Table::Table() : table_(arrow::Table::Make(arrow::schema({}), arrow::ChunkedArrayVector{}, 0)) {}

Table::Table(std::shared_ptr<arrow::Table> table) : table_(std::move(table)) {
  for (const auto& field : table_->schema()->fields())
    column_type(*field->type());  // fails on any other type
}

int64_t Table::rows() const { return table_->num_rows(); }
int Table::columns() const { return table_->num_columns(); }

std::vector<ColumnInfo> Table::schema() const {
  std::vector<ColumnInfo> out;
  out.reserve(static_cast<size_t>(columns()));
  for (int i = 0; i < columns(); ++i) {
    const auto& field = table_->field(i);
    out.push_back({field->name(), column_type(*field->type()), table_->column(i)->null_count()});
  }
  return out;
}

std::vector<std::string> Table::names() const { return table_->ColumnNames(); }

bool Table::has(const std::string& name) const { return table_->schema()->GetFieldIndex(name) >= 0; }

int Table::index_of(const std::string& name) const {
  const int index = table_->schema()->GetFieldIndex(name);
  if (index >= 0) return index;
  const std::string near = nearest_name(name, names());
  throw Error(
      Code::data, concat("there is no column '", name, "'"),
      near.empty() ? concat("the table has ", columns(), " columns") : concat("did you mean '", near, "'?"));
}

ColumnType Table::type(const std::string& name) const {
  return column_type(*table_->field(index_of(name))->type());
}

std::vector<double> Table::numbers(const std::string& name) const {
  const arrow::ChunkedArray& column = column_of(*this, name);
  std::vector<double> out(static_cast<size_t>(rows()), std::numeric_limits<double>::quiet_NaN());
  const auto put = [&](int64_t row, auto value) {
    out[static_cast<size_t>(row)] = static_cast<double>(value);
  };
  switch (type(name)) {
    case ColumnType::boolean:
      for_each_value<arrow::BooleanArray>(column, put);
      break;
    case ColumnType::integer:
      for_each_value<arrow::Int64Array>(column, put);
      break;
    case ColumnType::real:
      for_each_value<arrow::DoubleArray>(column, put);
      break;
    case ColumnType::timestamp:
      for_each_value<arrow::TimestampArray>(column, [&](int64_t row, int64_t us) { put(row, us / 1e6); });
      break;
    case ColumnType::text:
      fail(Code::data, "column '", name, "' is text, not numbers");
  }
  return out;
}

std::vector<std::string> Table::texts(const std::string& name) const {
  const arrow::ChunkedArray& column = column_of(*this, name);
  std::vector<std::string> out(static_cast<size_t>(rows()));
  const auto with = [&](auto append) {
    return [&out, append](int64_t row, auto value) { append(out[static_cast<size_t>(row)], value); };
  };
  switch (type(name)) {
    case ColumnType::boolean:
      for_each_value<arrow::BooleanArray>(column, with(append_boolean));
      break;
    case ColumnType::integer:
      for_each_value<arrow::Int64Array>(column, with(append_integer));
      break;
    case ColumnType::real:
      for_each_value<arrow::DoubleArray>(column, with(append_real));
      break;
    case ColumnType::timestamp:
      for_each_value<arrow::TimestampArray>(column, with(append_timestamp));
      break;
    case ColumnType::text:
      for_each_value<arrow::StringArray>(
          column, with([](std::string& cell, std::string_view value) { cell.assign(value); }));
      break;
  }
  return out;
}

std::vector<uint8_t> Table::missing(const std::string& name) const {
  std::vector<uint8_t> out(static_cast<size_t>(rows()));
  size_t row = 0;
  for (const auto& chunk : column_of(*this, name).chunks()) {
    if (chunk->null_count() == 0) {
      row += static_cast<size_t>(chunk->length());
      continue;
    }
    for (int64_t i = 0; i < chunk->length(); ++i) out[row++] = chunk->IsNull(i);
  }
  return out;
}

Table Table::slice(int64_t offset, int64_t count) const {
  CRISP_ASSERT(offset >= 0 && count >= 0);
  return Table(table_->Slice(offset, count));
}

Table Table::take(const std::vector<int64_t>& order) const {
  arrow_start();
  for (const int64_t row : order) CRISP_ASSERT(row >= 0 && row < rows());
  const auto count = static_cast<int64_t>(order.size());
  const auto indices = std::make_shared<arrow::Int64Array>(count, arrow::Buffer::Wrap(order));
  const auto options = arrow::compute::TakeOptions::NoBoundsCheck();
  return Table(check(arrow::compute::Take(table_, std::shared_ptr<arrow::Array>(indices), options)).table());
}

Table Table::concatenate(const std::vector<Table>& parts) {
  if (parts.empty()) return Table();
  const std::vector<std::string> names = parts.front().names();
  std::vector<std::shared_ptr<arrow::Table>> tables;
  for (const Table& part : parts) {
    CRISP_REQUIRE(part.columns() == parts.front().columns(), Code::data, "a table with ", part.columns(),
                  " columns cannot follow one with ", parts.front().columns());
    tables.push_back(part.select(names).arrow());
    for (const std::string& name : names) {
      CRISP_REQUIRE(part.type(name) == parts.front().type(name), Code::data, "column '", name, "' is ",
                    column_type_name(parts.front().type(name)), " in one table and ",
                    column_type_name(part.type(name)), " in another");
    }
  }
  return Table(check(arrow::ConcatenateTables(tables)));
}

}  // namespace crisp
