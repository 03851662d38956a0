#include <arrow/compute/api.h>

#include <unordered_set>

#include "cuda/error.h"
#include "table/arrow_bridge.h"

namespace crisp {
namespace {

using Chunked = std::shared_ptr<arrow::ChunkedArray>;
using Type = std::shared_ptr<arrow::DataType>;

/// One column on its way to one of the five types.
struct Normaliser {
  const std::string& name;
  std::vector<std::string>* notes;

  void note(const std::string& text) const {
    if (notes != nullptr) notes->push_back(concat("column '", name, "': ", text));
  }

  Chunked cast(const Chunked& column, const Type& type, bool truncate_time = false) const {
    arrow::compute::CastOptions options = arrow::compute::CastOptions::Safe(type);
    options.allow_time_truncate = truncate_time;
    options.allow_float_truncate = true;  // int64 beyond 2^53 where a real was asked for
    const auto result = arrow::compute::Cast(column, options);
    check(result.status(), concat("column '", name, "'"));
    return result->chunked_array();
  }

  Chunked real(const Chunked& column) const {
    const Chunked numbers = cast(column, arrow::float64());
    const arrow::Datum is_nan = check(arrow::compute::CallFunction("is_nan", {numbers}), name);
    const arrow::Datum any = check(arrow::compute::CallFunction("any", {is_nan}), name);
    const auto& found = any.scalar_as<arrow::BooleanScalar>();
    if (!found.is_valid || !found.value) return numbers;
    const arrow::Datum missing(arrow::MakeNullScalar(arrow::float64()));
    return check(arrow::compute::CallFunction("if_else", {is_nan, missing, numbers}), name).chunked_array();
  }

  Chunked unsigned_long(const Chunked& column) const {
    arrow::compute::CastOptions options = arrow::compute::CastOptions::Safe(arrow::int64());
    const auto result = arrow::compute::Cast(column, options);
    if (result.ok()) return result->chunked_array();
    note("has integers above 9223372036854775807; read as real");
    options = arrow::compute::CastOptions::Unsafe(arrow::float64());
    return check(arrow::compute::Cast(column, options), name).chunked_array();
  }

  /// Times of day and durations, whatever their unit, in seconds.
  Chunked seconds(const Chunked& column, arrow::TimeUnit::type unit) const {
    const bool narrow = column->type()->id() == arrow::Type::TIME32;
    const Chunked count = cast(cast(column, narrow ? arrow::int32() : arrow::int64()), arrow::float64());
    static constexpr double kPerSecond[] = {1.0, 1e3, 1e6, 1e9};
    note("read as seconds");
    return check(arrow::compute::CallFunction("divide", {count, arrow::Datum(kPerSecond[unit])}), name)
        .chunked_array();
  }

  Chunked timestamp(const Chunked& column) const {
    const auto& type = static_cast<const arrow::TimestampType&>(*column->type());
    if (type.unit() == arrow::TimeUnit::NANO) note("nanoseconds cut to microseconds");
    const Chunked micro = cast(column, arrow::timestamp(arrow::TimeUnit::MICRO, type.timezone()), true);
    return cast(micro, arrow_type(ColumnType::timestamp));
  }

  /// An utf8 array addresses 2 GiB; bigger ones are cut in halves until they fit.
  void append_text(const std::shared_ptr<arrow::Array>& array, arrow::ArrayVector& out) const {
    constexpr int64_t kLimit = int64_t{1} << 30;
    int64_t bytes = 0;
    if (array->type_id() == arrow::Type::LARGE_STRING || array->type_id() == arrow::Type::LARGE_BINARY) {
      bytes = static_cast<const arrow::LargeBinaryArray&>(*array).total_values_length();
    }
    if (bytes > kLimit && array->length() > 1) {
      const int64_t half = array->length() / 2;
      append_text(array->Slice(0, half), out);
      append_text(array->Slice(half), out);
      return;
    }
    const auto options = arrow::compute::CastOptions::Safe(arrow::utf8());
    out.push_back(check(arrow::compute::Cast(arrow::Datum(array), options), concat("column '", name, "'"))
                      .make_array());
  }

  Chunked text(const Chunked& column) const {
    arrow::ArrayVector chunks;
    for (const auto& chunk : column->chunks()) append_text(chunk, chunks);
    return check(arrow::ChunkedArray::Make(chunks, arrow::utf8()), name);
  }

  Chunked storage(const Chunked& column) const {
    arrow::ArrayVector chunks;
    const auto& type = static_cast<const arrow::ExtensionType&>(*column->type());
    for (const auto& chunk : column->chunks()) {
      chunks.push_back(static_cast<const arrow::ExtensionArray&>(*chunk).storage());
    }
    return check(arrow::ChunkedArray::Make(chunks, type.storage_type()), name);
  }

  Chunked operator()(const Chunked& column) const {
    using arrow::Type;
    const arrow::DataType& type = *column->type();
    switch (type.id()) {
      case Type::BOOL:
      case Type::INT64:
        return column;
      case Type::STRING:
        return column;
      case Type::INT8:
      case Type::INT16:
      case Type::INT32:
      case Type::UINT8:
      case Type::UINT16:
      case Type::UINT32:
        return cast(column, arrow::int64());
      case Type::UINT64:
        return unsigned_long(column);
      case Type::HALF_FLOAT:
      case Type::FLOAT:
      case Type::DOUBLE:
      case Type::DECIMAL32:
      case Type::DECIMAL64:
      case Type::DECIMAL128:
      case Type::DECIMAL256:
        return real(column);
      case Type::DATE32:
      case Type::DATE64:
        return cast(cast(column, arrow::timestamp(arrow::TimeUnit::MICRO)),
                    arrow_type(ColumnType::timestamp));
      case Type::TIMESTAMP:
        return timestamp(column);
      case Type::TIME32:
      case Type::TIME64:
        return seconds(column, static_cast<const arrow::TimeType&>(type).unit());
      case Type::DURATION:
        return seconds(column, static_cast<const arrow::DurationType&>(type).unit());
      case Type::LARGE_STRING:
      case Type::STRING_VIEW:
      case Type::BINARY:
      case Type::LARGE_BINARY:
      case Type::BINARY_VIEW:
      case Type::FIXED_SIZE_BINARY:
        return text(column);
      case Type::NA:
        return cast(column, arrow::utf8());
      case Type::DICTIONARY:
        return (*this)(cast(column, static_cast<const arrow::DictionaryType&>(type).value_type()));
      case Type::EXTENSION:
        return (*this)(storage(column));
      default:
        throw Error(Code::data, concat("column '", name, "' has the nested type ", type.ToString()),
                    "leave it out, or flatten it into plain columns first");
    }
  }
};

}  // namespace

std::shared_ptr<arrow::Table> normalise_types(const std::shared_ptr<arrow::Table>& table,
                                              std::vector<std::string>* notes) {
  arrow_start();
  arrow::FieldVector fields;
  arrow::ChunkedArrayVector columns;
  std::unordered_set<std::string> seen;
  for (int i = 0; i < table->num_columns(); ++i) {
    const std::string& name = table->field(i)->name();
    CRISP_REQUIRE(seen.insert(name).second, Code::data, "two columns are named '", name, "'");
    columns.push_back(Normaliser{name, notes}(table->column(i)));
    fields.push_back(arrow::field(name, columns.back()->type()));
  }
  return arrow::Table::Make(arrow::schema(std::move(fields)), std::move(columns), table->num_rows());
}

}  // namespace crisp
