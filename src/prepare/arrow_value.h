/// One column, or one constant, inside an expression. Includes Arrow: only for .cc files of src/prepare.
#pragma once

#include <arrow/api.h>
#include <arrow/compute/api.h>

#include <optional>
#include <string>
#include <vector>

#include "table/arrow_bridge.h"

namespace crisp {

/// An Arrow array or scalar of one of the five column types. `data` is never chunked.
struct Value {
  ColumnType type = ColumnType::real;
  bool untyped = false;  ///< the literal null: takes whatever type is needed
  arrow::Datum data;

  bool constant() const { return data.is_scalar(); }
  bool numeric() const { return type == ColumnType::integer || type == ColumnType::real; }
};

Value make_value(arrow::Datum data);
Value make_constant(bool value);
Value make_constant(int64_t value);
Value make_constant(double value);
Value make_constant(const std::string& value);
Value make_timestamp(int64_t microseconds);
/// Nothing, of the given type.
Value make_missing(ColumnType type, bool untyped = false);

/// Calls one of Arrow's compute functions.
arrow::Datum arrow_call(const std::string& function, const std::vector<arrow::Datum>& arguments,
                        const arrow::compute::FunctionOptions* options = nullptr);

/// The value as another type: number to number, boolean to number, anything to text, text to anything
/// (Code::data naming the row where it cannot be read).
Value convert(const Value& value, ColumnType type);

/// A real value without NaN and infinities: they become missing. Other types pass.
Value only_finite(Value value);

/// A numeric, boolean or timestamp (in seconds) value as doubles, missing as NaN; a constant gives `rows`
/// copies.
std::vector<double> to_numbers(const Value& value, int64_t rows);
/// True and not missing, for each row.
std::vector<uint8_t> to_flags(const Value& value, int64_t rows);
/// The constant's value; only for constants that are not missing.
std::string constant_text(const Value& value);
double constant_number(const Value& value);

Value from_numbers(const std::vector<double>& numbers);  ///< NaN and infinities become missing
Value from_integers(const std::vector<int64_t>& numbers);

/// Seconds since 1970 as a timestamp, to the nearest microsecond.
Value timestamp_from_seconds(const Value& seconds);

/// A constant as an array of `rows`; arrays pass.
Value spread(const Value& value, int64_t rows);

/// "2020-12-06", "2020-12-06 08:30", "...T08:30:00.25Z", "...+01:00" as microseconds since 1970 UTC (no zone:
/// UTC); nothing for anything else.
std::optional<int64_t> parse_timestamp(std::string_view text);

}  // namespace crisp
