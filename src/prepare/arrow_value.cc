#include "prepare/arrow_value.h"

#include <arrow/compute/cast.h>

#include <cmath>

#include "cuda/error.h"

namespace crisp {
namespace {

constexpr double kMicro = 1e6;

[[noreturn]] void refuse_text(std::string_view text, int64_t row, ColumnType type) {
  fail(Code::data, "row ", row + 1, ": '", text.substr(0, 60), "' cannot be read as ",
       column_type_name(type));
}

arrow::Datum parse_timestamps(const arrow::StringArray& texts) {
  arrow::TimestampBuilder builder(arrow_type(ColumnType::timestamp), arrow::default_memory_pool());
  for (int64_t row = 0; row < texts.length(); ++row) {
    if (texts.IsNull(row)) {
      check(builder.AppendNull());
      continue;
    }
    const auto time = parse_timestamp(texts.GetView(row));
    if (!time) refuse_text(texts.GetView(row), row, ColumnType::timestamp);
    check(builder.Append(*time));
  }
  return check(builder.Finish());
}

/// Arrow's cast, whose error names no row: it is found afterwards.
arrow::Datum cast_texts(const arrow::StringArray& texts, ColumnType type) {
  auto result = arrow::compute::Cast(arrow::Datum(texts.Slice(0)), arrow_type(type));
  if (result.ok()) return *result;
  for (int64_t row = 0; row < texts.length(); ++row) {
    if (texts.IsNull(row)) continue;
    const auto text = texts.GetView(row);
    if (!arrow::compute::Cast(arrow::Datum(std::string(text)), arrow_type(type)).ok())
      refuse_text(text, row, type);
  }
  check(result.status());
  return {};
}

Value parse_texts(const Value& value, ColumnType type) {
  const auto array = spread(value, 1).data.make_array();
  const auto& texts = static_cast<const arrow::StringArray&>(*array);
  const Value out =
      make_value(type == ColumnType::timestamp ? parse_timestamps(texts) : cast_texts(texts, type));
  return value.constant() ? make_value(check(out.data.make_array()->GetScalar(0))) : out;
}

}  // namespace

Value make_value(arrow::Datum data) {
  const ColumnType type = column_type(*data.type());
  return {type, false, std::move(data)};
}

Value make_constant(bool value) { return make_value(arrow::Datum(value)); }
Value make_constant(int64_t value) { return make_value(arrow::Datum(value)); }
Value make_constant(double value) { return make_value(arrow::Datum(value)); }
Value make_constant(const std::string& value) { return make_value(arrow::Datum(value)); }

Value make_timestamp(int64_t microseconds) {
  return make_value(arrow::Datum(
      std::make_shared<arrow::TimestampScalar>(microseconds, arrow_type(ColumnType::timestamp))));
}

Value make_missing(ColumnType type, bool untyped) {
  return {type, untyped, arrow::Datum(arrow::MakeNullScalar(arrow_type(type)))};
}

arrow::Datum arrow_call(const std::string& function, const std::vector<arrow::Datum>& arguments,
                        const arrow::compute::FunctionOptions* options) {
  return check(arrow::compute::CallFunction(function, arguments, options));
}

Value convert(const Value& value, ColumnType type) {
  if (value.untyped) return make_missing(type);
  if (value.type == type) return value;
  if (value.type == ColumnType::text) return parse_texts(value, type);
  if (type == ColumnType::timestamp && value.numeric()) return timestamp_from_seconds(value);
  if (value.type == ColumnType::timestamp && type != ColumnType::text)
    return convert(from_numbers(to_numbers(value, value.data.length())), type);
  return make_value(
      check(arrow::compute::Cast(value.data, arrow_type(type), arrow::compute::CastOptions::Safe())));
}

Value only_finite(Value value) {
  if (value.type != ColumnType::real) return value;
  if (value.constant()) {
    const auto& scalar = value.data.scalar_as<arrow::DoubleScalar>();
    return !scalar.is_valid || std::isfinite(scalar.value) ? value : make_missing(ColumnType::real);
  }
  const auto kept = value.data.make_array();
  const auto& array = static_cast<const arrow::DoubleArray&>(*kept);
  bool finite = true;
  for (int64_t i = 0; i < array.length(); ++i) finite &= array.IsNull(i) || std::isfinite(array.Value(i));
  return finite ? value : from_numbers(to_numbers(value, array.length()));
}

std::vector<double> to_numbers(const Value& value, int64_t rows) {
  const Value column = spread(value, rows);
  const auto array = column.data.make_array();
  std::vector<double> out(static_cast<size_t>(rows), NAN);
  const auto fill = [&](auto number_at) {
    for (int64_t i = 0; i < rows; ++i) {
      if (!array->IsNull(i)) out[static_cast<size_t>(i)] = number_at(i);
    }
  };
  switch (column.type) {
    case ColumnType::real:
      fill([&](int64_t i) { return static_cast<const arrow::DoubleArray&>(*array).Value(i); });
      break;
    case ColumnType::integer:
      fill([&](int64_t i) {
        return static_cast<double>(static_cast<const arrow::Int64Array&>(*array).Value(i));
      });
      break;
    case ColumnType::timestamp:
      fill([&](int64_t i) {
        return static_cast<double>(static_cast<const arrow::TimestampArray&>(*array).Value(i)) / kMicro;
      });
      break;
    case ColumnType::boolean:
      fill([&](int64_t i) { return static_cast<const arrow::BooleanArray&>(*array).Value(i) ? 1.0 : 0.0; });
      break;
    case ColumnType::text:
      fail(Code::bug, "text where numbers were expected");
  }
  return out;
}

std::vector<uint8_t> to_flags(const Value& value, int64_t rows) {
  CRISP_ASSERT(value.type == ColumnType::boolean);
  const auto array = spread(value, rows).data.array_as<arrow::BooleanArray>();
  std::vector<uint8_t> out(static_cast<size_t>(rows));
  for (int64_t i = 0; i < rows; ++i) out[static_cast<size_t>(i)] = !array->IsNull(i) && array->Value(i);
  return out;
}

std::string constant_text(const Value& value) {
  return value.data.scalar_as<arrow::StringScalar>().value->ToString();
}

double constant_number(const Value& value) { return to_numbers(value, 1)[0]; }

Value from_numbers(const std::vector<double>& numbers) {
  arrow::DoubleBuilder builder;
  check(builder.Reserve(static_cast<int64_t>(numbers.size())));
  for (const double number : numbers) {
    if (std::isfinite(number)) {
      builder.UnsafeAppend(number);
    } else {
      builder.UnsafeAppendNull();
    }
  }
  return make_value(check(builder.Finish()));
}

Value from_integers(const std::vector<int64_t>& numbers) {
  arrow::Int64Builder builder;
  check(builder.AppendValues(numbers));
  return make_value(check(builder.Finish()));
}

Value timestamp_from_seconds(const Value& seconds) {
  const Value real = convert(seconds, ColumnType::real);
  const auto micro = arrow_call("round", {arrow_call("multiply", {real.data, arrow::Datum(kMicro)})});
  const auto ticks = check(arrow::compute::Cast(micro, arrow::int64()));
  return make_value(check(arrow::compute::Cast(ticks, arrow_type(ColumnType::timestamp))));
}

Value spread(const Value& value, int64_t rows) {
  if (!value.constant()) return value;
  return {value.type, false, check(arrow::MakeArrayFromScalar(*value.data.scalar(), rows))};
}

}  // namespace crisp
