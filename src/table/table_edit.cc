#include <cmath>
#include <unordered_set>

#include "cuda/error.h"
#include "table/arrow_bridge.h"
#include "table/table.h"

namespace crisp {
namespace {

using Array = std::shared_ptr<arrow::Array>;

/// An array of `values`, those missing for which present(value) is false.
template <class Builder, class Values, class Present>
Array build(const Values& values, Present present) {
  Builder builder(arrow::default_memory_pool());
  check(builder.Reserve(static_cast<int64_t>(values.size())));
  for (const auto& value : values) check(present(value) ? builder.Append(value) : builder.AppendNull());
  return check(builder.Finish());
}

constexpr auto kAlways = [](const auto&) { return true; };

/// utf8 arrays address 2 GiB each, so long texts come in several chunks.
std::shared_ptr<arrow::ChunkedArray> build_texts(const std::vector<std::string>& values) {
  constexpr size_t kChunkBytes = size_t{1} << 30;
  arrow::ArrayVector chunks;
  arrow::StringBuilder builder;
  size_t bytes = 0;
  for (const std::string& value : values) {
    if (bytes + value.size() > kChunkBytes) {
      chunks.push_back(check(builder.Finish()));
      bytes = 0;
    }
    check(builder.Append(value));
    bytes += value.size();
  }
  chunks.push_back(check(builder.Finish()));
  return check(arrow::ChunkedArray::Make(std::move(chunks)));
}

Table with_column(const Table& table, const std::string& name, std::shared_ptr<arrow::ChunkedArray> column) {
  const bool first = table.columns() == 0 && table.rows() == 0;
  if (!first && column->length() != table.rows()) {
    fail(Code::bug, "column '", name, "' has ", column->length(), " values for ", table.rows(), " rows");
  }
  const auto field = arrow::field(name, column->type());
  if (first) return Table(arrow::Table::Make(arrow::schema({field}), {column}));
  const auto& inner = table.arrow();
  return table.has(name) ? Table(check(inner->SetColumn(table.index_of(name), field, std::move(column))))
                         : Table(check(inner->AddColumn(table.columns(), field, std::move(column))));
}

Table with_column(const Table& table, const std::string& name, const Array& array) {
  return with_column(table, name, std::make_shared<arrow::ChunkedArray>(array));
}

}  // namespace

Table Table::with_numbers(const std::string& name, const std::vector<double>& values) const {
  return with_column(*this, name,
                     build<arrow::DoubleBuilder>(values, [](double v) { return !std::isnan(v); }));
}

Table Table::with_integers(const std::string& name, const std::vector<int64_t>& values) const {
  return with_column(*this, name, build<arrow::Int64Builder>(values, kAlways));
}

Table Table::with_timestamps(const std::string& name, const std::vector<int64_t>& microseconds) const {
  arrow::TimestampBuilder builder(arrow::timestamp(arrow::TimeUnit::MICRO, "UTC"), arrow::default_memory_pool());
  check(builder.AppendValues(microseconds));
  return with_column(*this, name, check(builder.Finish()));
}

Table Table::with_booleans(const std::string& name, const std::vector<uint8_t>& values,
                           const std::vector<uint8_t>& missing) const {
  if (!missing.empty() && missing.size() != values.size()) fail(Code::bug, "with_booleans: lengths differ");
  arrow::BooleanBuilder builder;
  std::vector<uint8_t> valid;
  for (const uint8_t absent : missing) valid.push_back(absent == 0);
  check(builder.AppendValues(values.data(), static_cast<int64_t>(values.size()), valid.empty() ? nullptr : valid.data()));
  return with_column(*this, name, check(builder.Finish()));
}

Table Table::with_texts(const std::string& name, const std::vector<std::string>& values) const {
  return with_column(*this, name, build_texts(values));
}

Table Table::with_column_of(const std::string& name, const Table& other, const std::string& source) const {
  return with_column(*this, name, other.arrow()->column(other.index_of(source)));
}

Table Table::with_missing(const std::string& name) const {
  const auto type = table_->column(index_of(name))->type();
  return with_column(*this, name, check(arrow::MakeArrayOfNull(type, rows())));
}

Table Table::select(const std::vector<std::string>& names) const {
  std::vector<int> indices;
  for (const std::string& name : names) indices.push_back(index_of(name));
  return Table(check(table_->SelectColumns(indices)));
}

Table Table::without(const std::vector<std::string>& names) const {
  std::unordered_set<int> dropped;
  for (const std::string& name : names) dropped.insert(index_of(name));
  std::vector<int> kept;
  for (int i = 0; i < columns(); ++i) {
    if (!dropped.contains(i)) kept.push_back(i);
  }
  return Table(check(table_->SelectColumns(kept)));
}

}  // namespace crisp
