/// How one value is written: in CSV files, as category names, in messages. The reader of CSV files reads each
/// back to the same value of the same type.
#pragma once

#include <cstdint>
#include <string>

namespace crisp {

void append_boolean(std::string& out, bool value);     ///< true, false
void append_integer(std::string& out, int64_t value);  ///< -12
/// Shortest digits that read back to the same value; always with a point or an exponent, so that it stays a
/// real number: 1.0, 0.1, 1e+30, inf, -inf.
void append_real(std::string& out, double value);
/// ISO 8601 with the fewest digits of the fraction: 2016-12-06T08:30:00Z, ...:00.25Z. Years beyond 0-9999
/// have a sign and six digits. `microseconds` since 1970 UTC.
void append_timestamp(std::string& out, int64_t microseconds);

}  // namespace crisp
