#include <charconv>
#include <chrono>

#include "prepare/arrow_value.h"

namespace crisp {
namespace {

/// Reads fixed-width fields from the front of a text.
class Fields {
 public:
  explicit Fields(std::string_view text) : rest_(text) {}

  bool digits(int count, int low, int high, int& out) {
    if (rest_.size() < static_cast<size_t>(count)) return false;
    const auto [stop, error] = std::from_chars(rest_.data(), rest_.data() + count, out);
    if (error != std::errc() || stop != rest_.data() + count || out < low || out > high) return false;
    rest_.remove_prefix(static_cast<size_t>(count));
    return true;
  }

  bool accept(char sign) {
    if (rest_.empty() || rest_.front() != sign) return false;
    rest_.remove_prefix(1);
    return true;
  }

  /// Up to 9 digits of a fraction of a second, in microseconds; digits beyond the sixth are cut off.
  bool fraction(int64_t& microseconds) {
    int64_t unit = 100'000;
    size_t count = 0;
    for (; !rest_.empty() && rest_.front() >= '0' && rest_.front() <= '9'; ++count, unit /= 10) {
      microseconds += (rest_.front() - '0') * unit;
      rest_.remove_prefix(1);
    }
    return count > 0 && count <= 9;
  }

  bool empty() const { return rest_.empty(); }

 private:
  std::string_view rest_;
};

bool read_time(Fields& fields, int64_t& seconds, int64_t& microseconds) {
  int hour = 0, minute = 0, second = 0;
  if (!fields.digits(2, 0, 23, hour) || !fields.accept(':') || !fields.digits(2, 0, 59, minute)) return false;
  if (fields.accept(':')) {
    if (!fields.digits(2, 0, 59, second)) return false;
    if (fields.accept('.') && !fields.fraction(microseconds)) return false;
  }
  seconds += hour * 3600 + minute * 60 + second;
  return true;
}

bool read_zone(Fields& fields, int64_t& seconds) {
  if (fields.empty() || fields.accept('Z')) return true;
  const bool east = fields.accept('+');
  if (!east && !fields.accept('-')) return false;
  int hours = 0, minutes = 0;
  if (!fields.digits(2, 0, 23, hours)) return false;
  if (!fields.empty()) {
    fields.accept(':');
    if (!fields.digits(2, 0, 59, minutes)) return false;
  }
  seconds -= (east ? 1 : -1) * (hours * 3600 + minutes * 60);
  return true;
}

}  // namespace

std::optional<int64_t> parse_timestamp(std::string_view text) {
  Fields fields(text);
  int year = 0, month = 0, day = 0;
  if (!fields.digits(4, 0, 9999, year) || !fields.accept('-') || !fields.digits(2, 1, 12, month) ||
      !fields.accept('-') || !fields.digits(2, 1, 31, day)) {
    return {};
  }
  const std::chrono::year_month_day date{std::chrono::year(year),
                                         std::chrono::month(static_cast<unsigned>(month)),
                                         std::chrono::day(static_cast<unsigned>(day))};
  if (!date.ok()) return {};
  int64_t seconds = std::chrono::sys_days(date).time_since_epoch().count() * int64_t{86400};
  int64_t microseconds = 0;
  if (!fields.empty()) {
    if (!fields.accept('T') && !fields.accept(' ')) return {};
    if (!read_time(fields, seconds, microseconds) || !read_zone(fields, seconds) || !fields.empty())
      return {};
  }
  return seconds * 1'000'000 + microseconds;
}

}  // namespace crisp
