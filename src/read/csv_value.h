/// What the text of one CSV value means. Every value has exactly one kind, and a column's type is the join of
/// the kinds of its values: so the decision depends on no order, block or thread.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "table/table.h"

namespace crisp {

/// The kinds, as a semilattice: none < boolean, integer, timestamp; integer < real; everything < text.
enum class Kind : uint8_t { none, boolean, integer, real, timestamp, text };

inline Kind join(Kind a, Kind b) {
  if (a == b || b == Kind::none) return a;
  if (a == Kind::none) return b;
  const bool numbers = (a == Kind::integer || a == Kind::real) && (b == Kind::integer || b == Kind::real);
  return numbers ? Kind::real : Kind::text;
}

ColumnType type_of(Kind kind);  ///< a column with no value at all is text
Kind kind_of(ColumnType type);

/// true True TRUE false False FALSE
bool parse_boolean(std::string_view text, bool& value);
/// [-]digits within int64; no leading zeros (007 is a code, not a number), no -0 (a real).
bool parse_integer(std::string_view text, int64_t& value);
/// [-]digits[.digits][e[+-]digits], .5 and 5. too, and [-]inf[inity] in any case; no leading zeros. Rounded
/// to nearest (too small: 0); beyond the range of a double (1e400) is not a number.
bool parse_real(std::string_view text, double& value);

/// ISO 8601 (YYYY-MM-DD[ T]HH:MM[:SS[.fraction]][Z|+hh:mm|+hhmm|+hh], or the date alone; a sign and six
/// digits for far years), or one of `formats`; without a zone: UTC. Fractions are cut to microseconds.
bool parse_timestamp(std::string_view text, const std::vector<std::string>& formats, int64_t& microseconds);

/// For columns whose type was forced: also with a leading + and zeros; booleans also 0 1 yes no y n t f in
/// any case.
bool parse_forced_boolean(std::string_view text, bool& value);
bool parse_forced_integer(std::string_view text, int64_t& value);
bool parse_forced_real(std::string_view text, double& value);

/// The kind of a value that is not missing.
Kind classify(std::string_view text, const std::vector<std::string>& timestamp_formats);

/// Without the spaces and tabs around it.
inline std::string_view trimmed(std::string_view text) {
  const auto blank = [](char c) { return c == ' ' || c == '\t'; };
  while (!text.empty() && blank(text.front())) text.remove_prefix(1);
  while (!text.empty() && blank(text.back())) text.remove_suffix(1);
  return text;
}

/// The spellings of a missing value.
class MissingValues {
 public:
  explicit MissingValues(const std::vector<std::string>& spellings);
  /// `text` is trimmed.
  bool contains(std::string_view text) const {
    if (text.empty()) return empty_;
    return first_[static_cast<uint8_t>(text.front())] && text.size() <= longest_ && listed(text);
  }

 private:
  bool listed(std::string_view text) const;
  std::vector<std::string> spellings_;
  bool first_[256] = {};  // sorts out nearly every value by its first letter
  bool empty_ = false;
  size_t longest_ = 0;
};

}  // namespace crisp
