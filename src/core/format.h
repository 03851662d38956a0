/// Numbers as people read them; the same text in every locale.
#pragma once

#include <cstdint>
#include <string>

namespace crisp {

/// "1 row", "12 rows": a number and its noun.
std::string counted(int64_t count, const std::string& noun);
/// 177840 -> "177,840".
std::string format_count(int64_t count);
/// Fixed decimals: (0.8347, 2) -> "0.83"; thousands separated; never "-0.00"; "n/a" for NaN, "inf" and
/// "-inf".
std::string format_number(double value, int digits);
/// A fraction as a percentage: (0.8712, 1) -> "87.1 %".
std::string format_percent(double fraction, int digits = 1);
/// "850 us", "12 ms", "3.2 s", "4 min 05 s", "2 h 07 min".
std::string format_seconds(double seconds);
/// Powers of 1024: "512 B", "1.5 KiB", "2.0 GiB".
std::string format_bytes(int64_t bytes);
/// Three figures with a unit prefix, for rates: "950", "12.3 k", "1.25 M".
std::string format_short(double value);

}  // namespace crisp
