#include "prepare/grouping.h"

#include <arrow/compute/api_vector.h>

#include <limits>
#include <unordered_map>

#include "cuda/error.h"
#include "prepare/arrow_grouping.h"

namespace crisp {
namespace {

struct Codes {
  std::vector<int32_t> code;
  int64_t count = 0;
};

/// Numbers the distinct values of one key by first appearance.
Codes encode(const Value& key, int64_t rows) {
  const arrow::compute::DictionaryEncodeOptions options(arrow::compute::DictionaryEncodeOptions::ENCODE);
  const auto encoded = arrow_call("dictionary_encode", {spread(key, rows).data}, &options).make_array();
  const auto& array = static_cast<const arrow::DictionaryArray&>(*encoded);
  const auto& indices = static_cast<const arrow::Int32Array&>(*array.indices());
  return {{indices.raw_values(), indices.raw_values() + rows}, array.dictionary()->length()};
}

/// Pairs of codes, renumbered by first appearance.
Codes combine(const Codes& a, const Codes& b) {
  std::unordered_map<uint64_t, int32_t> numbers;
  Codes out;
  out.code.reserve(a.code.size());
  for (size_t i = 0; i < a.code.size(); ++i) {
    const uint64_t pair = static_cast<uint64_t>(a.code[i]) << 32 | static_cast<uint32_t>(b.code[i]);
    out.code.push_back(numbers.try_emplace(pair, static_cast<int32_t>(numbers.size())).first->second);
  }
  out.count = static_cast<int64_t>(numbers.size());
  return out;
}

/// Counting sort: stable, one pass each to count and to place.
void order_by_code(Grouping& out, int64_t groups) {
  out.offsets.assign(static_cast<size_t>(groups) + 1, 0);
  for (const int32_t code : out.code) ++out.offsets[static_cast<size_t>(code) + 1];
  for (size_t g = 1; g < out.offsets.size(); ++g) out.offsets[g] += out.offsets[g - 1];
  std::vector<int64_t> next(out.offsets.begin(), out.offsets.end());
  out.order.resize(out.code.size());
  for (size_t i = 0; i < out.code.size(); ++i) {
    out.order[static_cast<size_t>(next[static_cast<size_t>(out.code[i])]++)] = static_cast<int64_t>(i);
  }
}

}  // namespace

Grouping group_values(const std::vector<Value>& keys, int64_t rows) {
  if (rows > std::numeric_limits<int32_t>::max())
    fail(Code::data, "grouping ", rows, " rows; the limit is 2^31 - 1");
  Codes codes{std::vector<int32_t>(static_cast<size_t>(rows), 0), rows > 0 ? 1 : 0};
  for (size_t k = 0; k < keys.size(); ++k) {
    Codes next = encode(keys[k], rows);
    codes = k == 0 ? std::move(next) : combine(codes, next);
  }
  Grouping out;
  out.code = std::move(codes.code);
  order_by_code(out, codes.count);
  return out;
}

Grouping group_rows(const Table& table, const std::vector<std::string>& keys) {
  arrow_start();
  std::vector<Value> values;
  for (const std::string& key : keys) values.push_back(column_value(table, key));
  return group_values(values, table.rows());
}

Value column_value(const Table& table, const std::string& name) {
  const auto column = table.arrow()->column(table.index_of(name));
  if (column->num_chunks() == 1) return make_value(column->chunk(0));
  if (column->num_chunks() == 0) return make_value(check(arrow::MakeEmptyArray(column->type())));
  return make_value(check(arrow::Concatenate(column->chunks()), concat("column '", name, "'")));
}

Value take_rows(const Value& value, const std::vector<int64_t>& rows) {
  arrow::Int64Builder builder;
  check(builder.Reserve(static_cast<int64_t>(rows.size())));
  for (const int64_t row : rows) {
    if (row < 0) {
      builder.UnsafeAppendNull();
    } else {
      builder.UnsafeAppend(row);
    }
  }
  const auto options = arrow::compute::TakeOptions::NoBoundsCheck();
  return {value.type, false, arrow_call("take", {value.data, check(builder.Finish())}, &options)};
}

std::vector<int64_t> sorted_rows(const std::vector<Value>& keys, const std::vector<uint8_t>& descending) {
  std::vector<std::shared_ptr<arrow::Field>> fields;
  arrow::ArrayVector columns;
  std::vector<arrow::compute::SortKey> order;
  for (size_t k = 0; k < keys.size(); ++k) {
    const std::string name = concat(k);
    columns.push_back(keys[k].data.make_array());
    fields.push_back(arrow::field(name, columns.back()->type()));
    order.emplace_back(
        name, descending[k] ? arrow::compute::SortOrder::Descending : arrow::compute::SortOrder::Ascending);
  }
  const auto batch = arrow::RecordBatch::Make(arrow::schema(fields), columns.at(0)->length(), columns);
  const arrow::compute::SortOptions options(order);
  const auto indices = arrow_call("sort_indices", {batch}, &options).make_array();
  const auto& rows = static_cast<const arrow::UInt64Array&>(*indices);
  return {rows.raw_values(), rows.raw_values() + rows.length()};
}

}  // namespace crisp
