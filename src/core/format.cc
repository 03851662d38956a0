#include "core/format.h"

#include <algorithm>
#include <charconv>
#include <cmath>

#include "cuda/text.h"

namespace crisp {
namespace {

std::string raw(double value, std::chars_format format, int precision) {
  char buffer[400];  // the largest double has 309 digits before the point
  const auto end = std::to_chars(buffer, buffer + sizeof buffer, value, format, precision);
  return {buffer, end.ptr};
}

std::string special(double value) {
  if (std::isnan(value)) return "–";
  return value > 0 ? "∞" : "-∞";
}

void drop_trailing_zeros(std::string& text) {
  if (text.find('.') == std::string::npos) return;
  text.erase(text.find_last_not_of('0') + 1);
  if (text.back() == '.') text.pop_back();
}

void drop_sign_of_zero(std::string& text) {
  if (text[0] == '-' && text.find_first_not_of("-0.") == std::string::npos) text.erase(0, 1);
}

void separate_thousands(std::string& text) {
  const size_t first = text[0] == '-' ? 1 : 0;
  const size_t point = std::min(text.find('.'), text.size());
  for (size_t at = point; at > first + 3;) text.insert(at -= 3, 1, ',');
}

// 1.20e-07 -> 1.2e-7
std::string scientific(double value, int significant) {
  std::string text = raw(value, std::chars_format::scientific, significant - 1);
  const size_t e = text.find('e');
  std::string mantissa = text.substr(0, e);
  drop_trailing_zeros(mantissa);
  const bool negative = text[e + 1] == '-';
  const size_t digits = std::min(text.find_first_not_of('0', e + 2), text.size() - 1);
  return mantissa + (negative ? "e-" : "e") + text.substr(digits);
}

}  // namespace

std::string format_number(double value, int significant) {
  if (!std::isfinite(value)) return special(value);
  if (value == 0) return "0";
  const double size = std::abs(value);
  if (size >= 1e15 || size < 1e-4) return scientific(value, significant);
  const int decimals = significant - 1 - static_cast<int>(std::floor(std::log10(size)));
  std::string text = raw(value, std::chars_format::fixed, std::max(0, decimals));
  drop_trailing_zeros(text);
  separate_thousands(text);
  return text;
}

std::string format_fixed(double value, int decimals) {
  if (!std::isfinite(value)) return special(value);
  if (std::abs(value) >= 1e15) return scientific(value, 3);
  std::string text = raw(value, std::chars_format::fixed, decimals);
  drop_sign_of_zero(text);
  separate_thousands(text);
  return text;
}

std::string format_count(int64_t value) {
  char buffer[24];
  std::string text(buffer, std::to_chars(buffer, buffer + sizeof buffer, value).ptr);
  separate_thousands(text);
  return text;
}

std::string counted(int64_t count, const std::string& noun) {
  return concat(format_count(count), " ", noun, count == 1 ? "" : "s");
}

std::string format_percent(double share, int decimals) {
  return std::isfinite(share) ? format_fixed(100 * share, decimals) + " %" : special(share);
}

std::string format_bytes(double amount) {
  static constexpr const char* kUnits[] = {" B", " KiB", " MiB", " GiB", " TiB", " PiB"};
  size_t unit = 0;
  for (; amount >= 1023.95 && unit + 1 < std::size(kUnits); ++unit) amount /= 1024;
  return format_fixed(amount, unit == 0 ? 0 : 1) + kUnits[unit];
}

std::string format_seconds(double seconds) {
  if (!std::isfinite(seconds)) return special(seconds);
  if (seconds < 0) return "-" + format_seconds(-seconds);
  if (seconds < 0.9995) return format_number(1000 * seconds, 3) + " ms";
  if (seconds < 59.95) return format_number(seconds, 3) + " s";
  const double whole = std::round(seconds);
  if (whole < 3600)
    return format_count(static_cast<int64_t>(whole / 60)) + " min " + format_number(std::fmod(whole, 60)) + " s";
  const double minutes = std::min(std::round(seconds / 60), 1e15);
  return format_count(static_cast<int64_t>(minutes / 60)) + " h " + format_number(std::fmod(minutes, 60)) + " min";
}

std::string format_short(double value) {
  if (!std::isfinite(value)) return format_fixed(value, 0);
  const char* prefix = "";
  for (const char* next : {" k", " M", " G", " T"}) {
    if (std::fabs(value) < 999.5) break;
    value /= 1000;
    prefix = next;
  }
  const double size = std::fabs(value);
  const int digits = *prefix == 0 && value == std::floor(value) ? 0 : size < 9.995 ? 2 : size < 99.95 ? 1 : 0;
  return format_fixed(value, digits) + prefix;
}

std::optional<double> displayed_value(std::string_view text) {
  std::string digits;
  size_t at = 0;
  const auto is_number_part = [](char c) {
    return (c >= '0' && c <= '9') || c == '.' || c == ',' || c == '-' || c == '+';
  };
  for (; at < text.size(); ++at) {
    const bool exponent = text[at] == 'e' && at + 1 < text.size() && at > 0 && is_number_part(text[at + 1]);
    if (!is_number_part(text[at]) && !exponent) break;
    if (text[at] != ',' && !(at == 0 && text[at] == '+')) digits += text[at];
  }
  double value = 0;
  const auto end = std::from_chars(digits.data(), digits.data() + digits.size(), value);
  if (end.ec != std::errc() || end.ptr != digits.data() + digits.size() || !std::isfinite(value)) return {};
  // A unit is at most one short word without digits: "12 mph" is a number, "12 Main Street" and "2021x7" are
  // not.
  std::string_view unit = text.substr(at);
  if (!unit.empty() && unit[0] == ' ') unit.remove_prefix(1);
  if (unit.size() > 6 || unit.find_first_of(" 0123456789,:-") != std::string_view::npos) return {};
  return value;
}

}  // namespace crisp
