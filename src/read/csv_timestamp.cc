#include <algorithm>
#include <chrono>

#include "read/csv_value.h"

namespace crisp {
namespace {

/// Reads a text from the left; every step says whether it fitted.
struct Cursor {
  std::string_view rest;

  bool skip(char c) {
    if (rest.empty() || rest.front() != c) return false;
    rest.remove_prefix(1);
    return true;
  }
  /// Between `least` and `most` digits.
  bool number(size_t least, size_t most, int64_t& value) {
    size_t n = 0;
    for (value = 0; n < most && n < rest.size() && rest[n] >= '0' && rest[n] <= '9'; ++n) {
      value = value * 10 + (rest[n] - '0');
    }
    if (n < least) {
      value = 0;
      return false;
    }
    rest.remove_prefix(n);
    return true;
  }
  /// The digits after a decimal point, as microseconds; digits beyond the sixth are cut.
  bool fraction(int64_t& microseconds) {
    size_t n = 0;
    microseconds = 0;
    for (; n < rest.size() && rest[n] >= '0' && rest[n] <= '9'; ++n) {
      if (n < 6) microseconds = microseconds * 10 + (rest[n] - '0');
    }
    for (size_t i = n; i < 6; ++i) microseconds *= 10;
    rest.remove_prefix(n);
    return n > 0;
  }
  /// The index of the word (at least three letters of it, any case) that comes next.
  template <size_t N>
  bool word(const std::string_view (&words)[N], int64_t& index) {
    for (size_t i = 0; i < N; ++i) {
      for (const size_t length : {words[i].size(), size_t{3}}) {
        const std::string_view head = rest.substr(0, length);
        const auto same = [](char a, char b) { return (a | 32) == (b | 32); };
        if (head.size() == length && std::equal(head.begin(), head.end(), words[i].begin(), same)) {
          index = static_cast<int64_t>(i);
          rest.remove_prefix(length);
          return true;
        }
      }
    }
    return false;
  }
};

struct Moment {
  int64_t year = 1970, month = 1, day = 1, hour = 0, minute = 0, second = 0, microsecond = 0;
  int64_t offset = 0;       ///< seconds east of UTC
  int64_t day_of_year = 0;  ///< instead of month and day, where > 0
  int64_t epoch = 0;        ///< instead of everything but the fraction
  bool has_epoch = false, afternoon = false, half_days = false;

  bool to_microseconds(int64_t& out) const {
    if (hour > 23 || minute > 59 || second > 59 || month < 1 || month > 12 || day < 1) return false;
    if (half_days && (hour < 1 || hour > 12)) return false;
    // std::chrono's calendar has 16-bit years; 400 of them are 146,097 days.
    const int64_t era = (year >= 0 ? year : year - 399) / 400;
    const std::chrono::year_month_day date{std::chrono::year(static_cast<int>(year - era * 400)),
                                           std::chrono::month(static_cast<unsigned>(month)),
                                           std::chrono::day(static_cast<unsigned>(day))};
    if (!date.ok()) return false;
    int64_t days = std::chrono::sys_days(date).time_since_epoch().count() + era * 146'097;
    if (day_of_year > 0) days += day_of_year - 1;
    const int64_t hours = half_days ? hour % 12 + (afternoon ? 12 : 0) : hour;
    const int64_t seconds = has_epoch ? epoch : days * 86'400 + hours * 3600 + minute * 60 + second - offset;
    int64_t scaled;
    // The fraction is added in seconds' direction: near the lower end the product alone may not fit.
    if (seconds < 0 && microsecond > 0) {
      return !__builtin_mul_overflow(seconds + 1, int64_t{1'000'000}, &scaled) &&
             !__builtin_add_overflow(scaled, microsecond - 1'000'000, &out);
    }
    return !__builtin_mul_overflow(seconds, int64_t{1'000'000}, &scaled) &&
           !__builtin_add_overflow(scaled, microsecond, &out);
  }
};

/// Z, +hh:mm, +hhmm or +hh.
bool parse_zone(Cursor& in, Moment& moment) {
  if (in.skip('Z') || in.skip('z')) return true;
  const bool west = !in.rest.empty() && in.rest.front() == '-';
  if (!west && (in.rest.empty() || in.rest.front() != '+')) return false;
  in.rest.remove_prefix(1);
  int64_t hours = 0, minutes = 0;
  if (!in.number(2, 2, hours)) return false;
  const bool colon = in.skip(':');
  if (!in.number(2, 2, minutes) && colon) return false;
  if (hours > 23 || minutes > 59) return false;
  moment.offset = (hours * 60 + minutes) * (west ? -60 : 60);
  return true;
}

bool parse_iso(std::string_view text, int64_t& microseconds) {
  Cursor in{text};
  Moment moment;
  const bool negative = in.skip('-');
  const bool far = negative || in.skip('+');
  if (!in.number(far ? 6 : 4, far ? 6 : 4, moment.year)) return false;
  if (negative) moment.year = -moment.year;
  if (!in.skip('-') || !in.number(2, 2, moment.month) || !in.skip('-') || !in.number(2, 2, moment.day))
    return false;
  if (in.rest.empty()) return moment.to_microseconds(microseconds);
  if (!in.skip('T') && !in.skip(' ') && !in.skip('t')) return false;
  if (!in.number(2, 2, moment.hour) || !in.skip(':') || !in.number(2, 2, moment.minute)) return false;
  if (in.skip(':')) {
    if (!in.number(2, 2, moment.second)) return false;
    if ((in.skip('.') || in.skip(',')) && !in.fraction(moment.microsecond)) return false;
  }
  if (!in.rest.empty() && in.skip(' ') && in.rest.empty()) return false;
  if (!in.rest.empty() && !parse_zone(in, moment)) return false;
  return in.rest.empty() && moment.to_microseconds(microseconds);
}

bool parse_field(char field, Cursor& in, Moment& moment) {
  static constexpr std::string_view kMonths[] = {"january",   "february", "march",    "april",
                                                 "may",       "june",     "july",     "august",
                                                 "september", "october",  "november", "december"};
  int64_t index = 0;
  switch (field) {
    case 'Y':
      return in.number(4, 4, moment.year);
    case 'y':
      if (!in.number(2, 2, moment.year)) return false;
      moment.year += moment.year < 69 ? 2000 : 1900;
      return true;
    case 'm':
      return in.number(1, 2, moment.month);
    case 'd':
      return in.number(1, 2, moment.day) && moment.day >= 1;
    case 'e':
      in.skip(' ');
      return in.number(1, 2, moment.day) && moment.day >= 1;
    case 'b':
    case 'B':
      if (!in.word(kMonths, index)) return false;
      moment.month = index + 1;
      return true;
    case 'H':
      return in.number(1, 2, moment.hour);
    case 'I':
      moment.half_days = true;
      return in.number(1, 2, moment.hour);
    case 'p':
      moment.afternoon = in.skip('P') || in.skip('p');
      return (moment.afternoon || in.skip('A') || in.skip('a')) && (in.skip('M') || in.skip('m'));
    case 'M':
      return in.number(1, 2, moment.minute);
    case 'S':
      if (!in.number(1, 2, moment.second)) return false;
      return !in.skip('.') || in.fraction(moment.microsecond);
    case 'j':
      return in.number(1, 3, moment.day_of_year) && moment.day_of_year >= 1 && moment.day_of_year <= 366;
    case 'z':
      return parse_zone(in, moment);
    case 's':
      moment.has_epoch = true;
      if (!in.number(1, 12, moment.epoch)) return false;
      return !in.skip('.') || in.fraction(moment.microsecond);
    case '%':
      return in.skip('%');
    default:
      return false;
  }
}

bool parse_format(std::string_view text, std::string_view format, int64_t& microseconds) {
  Cursor in{text};
  Moment moment;
  for (size_t i = 0; i < format.size(); ++i) {
    const bool fitted =
        format[i] == '%' && i + 1 < format.size() ? parse_field(format[++i], in, moment) : in.skip(format[i]);
    if (!fitted) return false;
  }
  return in.rest.empty() && moment.to_microseconds(microseconds);
}

}  // namespace

bool parse_timestamp(std::string_view text, const std::vector<std::string>& formats, int64_t& microseconds) {
  if (parse_iso(text, microseconds)) return true;
  return std::any_of(formats.begin(), formats.end(),
                     [&](const std::string& format) { return parse_format(text, format, microseconds); });
}

}  // namespace crisp
