/// The names that src/profile knows the functions of core/format.h by.
#pragma once

#include "core/format.h"

namespace crisp::report {

inline std::string number(double value, int significant = 3) { return format_number(value, significant); }
inline std::string count(int64_t value) { return format_count(value); }
inline std::string percent(double share, int decimals = 1) { return format_percent(share, decimals); }
inline std::string bytes(double amount) { return format_bytes(amount); }
inline std::string duration(double seconds) { return format_seconds(seconds); }

}  // namespace crisp::report
