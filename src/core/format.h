/// Numbers as people read them: few digits, thousands separated, never a locale.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace crisp {

/// About `significant` digits without trailing zeros: 0.8437 -> "0.844", 12345.6 -> "12,346", 1.2e-7 ->
/// "1.2e-7"; not-a-number -> "–", infinities "∞" and "-∞".
std::string format_number(double value, int significant = 3);

/// Exactly `decimals` digits after the point (columns of figures line up): format_format_fixed(0.5, 3) -> "0.500".
std::string format_fixed(double value, int decimals);

/// Whole numbers: 177840 -> "177,840".
std::string format_count(int64_t value);

/// A share of one as a percentage: format_percent(0.8704) -> "87.0 %".
std::string format_percent(double share, int decimals = 1);

/// "1 row", "12,000 rows": a number and its noun.
std::string counted(int64_t count, const std::string& noun);

/// Three figures with a unit prefix, for rates: "950", "12.3 k", "1.25 M".
std::string format_short(double value);

/// Bytes in the unit that fits: "463 B", "1.2 MiB" (powers of 1024, as limits are given).
std::string format_bytes(double amount);

/// Seconds in the unit that fits: "350 ms", "4.2 s", "3 min 20 s", "2 h 5 min".
std::string format_seconds(double seconds);

/// The value at the start of a text that the functions above could have written ("12,346", "87.0 %", "4.2
/// s"): what right-aligns a column, sorts it and draws its bars. Empty where the text is not a number with at
/// most a unit.
std::optional<double> displayed_value(std::string_view text);

}  // namespace crisp
