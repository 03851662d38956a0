#include "core/format.h"

#include <algorithm>
#include <charconv>
#include <cmath>

#include "cuda/text.h"

namespace crisp {
namespace {

std::string fixed(double value, int digits) {
  char buffer[400];  // 1e308 has 309 digits before the point
  const auto end = std::to_chars(buffer, buffer + sizeof buffer, value, std::chars_format::fixed,
                                 std::clamp(digits, 0, 60));
  return std::string(buffer, end.ptr);
}

// Separates the thousands of the whole part of a plain decimal number.
std::string with_separators(std::string text) {
  const size_t first = text.starts_with('-') ? 1 : 0;
  size_t at = std::min(text.find('.'), text.size());
  while (at > first + 3) {
    at -= 3;
    text.insert(at, ",");
  }
  return text;
}

std::string padded(int64_t value) { return value < 10 ? concat('0', value) : concat(value); }

}  // namespace

std::string counted(int64_t count, const std::string& noun) {
  return concat(format_count(count), " ", noun, count == 1 ? "" : "s");
}

std::string format_count(int64_t count) { return with_separators(concat(count)); }

std::string format_number(double value, int digits) {
  if (std::isnan(value)) return "n/a";
  if (std::isinf(value)) return value > 0 ? "inf" : "-inf";
  std::string text = fixed(value, digits);
  if (text.find_first_not_of("-0.") == std::string::npos && text.starts_with('-')) text.erase(0, 1);
  return with_separators(text);
}

std::string format_percent(double fraction, int digits) {
  return format_number(fraction * 100, digits) + " %";
}

std::string format_seconds(double seconds) {
  if (!std::isfinite(seconds)) return "n/a";
  if (seconds < 0.9995e-3) return format_number(seconds * 1e6, 0) + " us";
  if (seconds < 0.9995) return format_number(seconds * 1e3, 0) + " ms";
  if (seconds < 59.95) return format_number(seconds, 1) + " s";
  if (seconds >= 1e15) return format_number(seconds / 3600, 0) + " h";
  const int64_t whole = std::llround(seconds);
  if (whole < 3600) return concat(whole / 60, " min ", padded(whole % 60), " s");
  return concat(format_count(whole / 3600), " h ", padded(whole % 3600 / 60), " min");
}

std::string format_bytes(int64_t bytes) {
  if (bytes < 1024) return concat(bytes, " B");
  double value = static_cast<double>(bytes);
  const char* unit = "";
  for (const char* next : {"KiB", "MiB", "GiB", "TiB", "PiB"}) {
    if (value < 1023.95 && *unit) break;
    value /= 1024;
    unit = next;
  }
  return concat(format_number(value, 1), ' ', unit);
}

std::string format_short(double value) {
  if (!std::isfinite(value)) return format_number(value, 0);
  const char* prefix = "";
  for (const char* next : {" k", " M", " G", " T"}) {
    if (std::fabs(value) < 999.5) break;
    value /= 1000;
    prefix = next;
  }
  const double size = std::fabs(value);
  const int digits = *prefix == 0 && value == std::floor(value) ? 0 : size < 9.995 ? 2 : size < 99.95 ? 1 : 0;
  return format_number(value, digits) + prefix;
}

}  // namespace crisp
