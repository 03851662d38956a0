#include "read/csv_value.h"

#include <algorithm>
#include <charconv>
#include <limits>

namespace crisp {
namespace {

bool is_digit(char c) { return c >= '0' && c <= '9'; }

char lower(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c; }

bool equals_ignoring_case(std::string_view text, std::string_view lower_case) {
  return std::equal(text.begin(), text.end(), lower_case.begin(), lower_case.end(),
                    [](char a, char b) { return lower(a) == b; });
}

bool parse_infinity(std::string_view text, double& value) {
  const bool negative = !text.empty() && text.front() == '-';
  if (negative) text.remove_prefix(1);
  if (!equals_ignoring_case(text, "inf") && !equals_ignoring_case(text, "infinity")) return false;
  value = negative ? -std::numeric_limits<double>::infinity() : std::numeric_limits<double>::infinity();
  return true;
}

/// Where std::from_chars found a number out of range: is it too small (then it rounds to 0) or too large? The
/// decimal exponent of its first digit tells; the exponent written may have any number of digits.
bool is_tiny(std::string_view digits) {
  int64_t exponent = 0;
  const size_t e = std::min(digits.find_first_of("eE"), digits.size());
  if (e < digits.size()) {
    std::string_view written = digits.substr(e + 1);
    const bool negative = written.starts_with('-');
    if (negative || written.starts_with('+')) written.remove_prefix(1);
    const auto result = std::from_chars(written.data(), written.data() + written.size(), exponent);
    if (result.ec == std::errc::result_out_of_range) exponent = std::numeric_limits<int32_t>::max();
    if (negative) exponent = -exponent;
  }
  const std::string_view mantissa = digits.substr(0, e);
  const int64_t point = static_cast<int64_t>(std::min(mantissa.find('.'), mantissa.size()));
  const int64_t first = static_cast<int64_t>(mantissa.find_first_of("123456789"));
  return point - first + exponent < 0;
}

/// Forced columns take what a person may write by hand: +5, 007.
std::string_view without_plus_and_zeros(std::string_view text, std::string& copy) {
  bool negative = false;
  if (!text.empty() && (text.front() == '+' || text.front() == '-')) {
    negative = text.front() == '-';
    text.remove_prefix(1);
    if (!text.empty() && (text.front() == '+' || text.front() == '-')) return {};
  }
  while (text.size() > 1 && text[0] == '0' && is_digit(text[1])) text.remove_prefix(1);
  copy.assign(negative ? "-" : "").append(text);
  return copy;
}

}  // namespace

ColumnType type_of(Kind kind) {
  switch (kind) {
    case Kind::boolean:
      return ColumnType::boolean;
    case Kind::integer:
      return ColumnType::integer;
    case Kind::real:
      return ColumnType::real;
    case Kind::timestamp:
      return ColumnType::timestamp;
    case Kind::none:
    case Kind::text:
      break;
  }
  return ColumnType::text;
}

Kind kind_of(ColumnType type) {
  switch (type) {
    case ColumnType::boolean:
      return Kind::boolean;
    case ColumnType::integer:
      return Kind::integer;
    case ColumnType::real:
      return Kind::real;
    case ColumnType::timestamp:
      return Kind::timestamp;
    case ColumnType::text:
      break;
  }
  return Kind::text;
}

bool parse_boolean(std::string_view text, bool& value) {
  value = text == "true" || text == "True" || text == "TRUE";
  return value || text == "false" || text == "False" || text == "FALSE";
}

bool parse_integer(std::string_view text, int64_t& value) {
  const size_t sign = !text.empty() && text.front() == '-' ? 1 : 0;
  if (text.size() == sign || !is_digit(text[sign])) return false;
  if (text[sign] == '0' && text.size() > (sign == 0 ? 1u : 0u)) return false;  // 007, -0
  const auto result = std::from_chars(text.data(), text.data() + text.size(), value);
  return result.ec == std::errc() && result.ptr == text.data() + text.size();
}

bool parse_real(std::string_view text, double& value) {
  const size_t sign = !text.empty() && text.front() == '-' ? 1 : 0;
  if (text.size() == sign) return false;
  const char first = text[sign];
  if (!is_digit(first) && first != '.') return parse_infinity(text, value);
  if (first == '0' && text.size() > sign + 1 && is_digit(text[sign + 1])) return false;
  const auto result = std::from_chars(text.data(), text.data() + text.size(), value);
  if (result.ptr != text.data() + text.size()) return false;
  if (result.ec == std::errc()) return true;
  if (result.ec != std::errc::result_out_of_range || !is_tiny(text.substr(sign))) return false;
  value = sign == 0 ? 0.0 : -0.0;
  return true;
}

bool parse_forced_boolean(std::string_view text, bool& value) {
  static constexpr std::string_view kTrue[] = {"true", "1", "yes", "y", "t"};
  static constexpr std::string_view kFalse[] = {"false", "0", "no", "n", "f"};
  const auto is = [&](std::string_view word) { return equals_ignoring_case(text, word); };
  value = std::any_of(std::begin(kTrue), std::end(kTrue), is);
  return value || std::any_of(std::begin(kFalse), std::end(kFalse), is);
}

bool parse_forced_integer(std::string_view text, int64_t& value) {
  if (parse_integer(text, value)) return true;
  std::string copy;
  const std::string_view plain = without_plus_and_zeros(text, copy);
  return parse_integer(plain == "-0" ? "0" : plain, value);
}

bool parse_forced_real(std::string_view text, double& value) {
  if (parse_real(text, value)) return true;
  std::string copy;
  return parse_real(without_plus_and_zeros(text, copy), value);
}

Kind classify(std::string_view text, const std::vector<std::string>& timestamp_formats) {
  bool boolean;
  int64_t integer;
  double real;
  if (parse_integer(text, integer)) return Kind::integer;
  if (parse_real(text, real)) return Kind::real;
  if (parse_boolean(text, boolean)) return Kind::boolean;
  return parse_timestamp(text, timestamp_formats, integer) ? Kind::timestamp : Kind::text;
}

MissingValues::MissingValues(const std::vector<std::string>& spellings) : spellings_(spellings) {
  for (const std::string& spelling : spellings_) {
    longest_ = std::max(longest_, spelling.size());
    if (spelling.empty()) {
      empty_ = true;
    } else {
      first_[static_cast<uint8_t>(spelling.front())] = true;
    }
  }
}

bool MissingValues::listed(std::string_view text) const {
  return std::find(spellings_.begin(), spellings_.end(), text) != spellings_.end();
}

}  // namespace crisp
