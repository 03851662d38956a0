#include "table/cell_text.h"

#include <charconv>
#include <chrono>

namespace crisp {
namespace {

constexpr int64_t kPerSecond = 1'000'000;
constexpr int64_t kPerDay = 86'400 * kPerSecond;

void append_padded(std::string& out, int64_t value, int digits) {
  char buffer[8];
  for (int i = digits - 1; i >= 0; --i, value /= 10) buffer[i] = static_cast<char>('0' + value % 10);
  out.append(buffer, static_cast<size_t>(digits));
}

void append_date(std::string& out, int64_t day) {
  // std::chrono::year has 16 bits; 400 years are always 146,097 days, so far years are shifted into its
  // range.
  const int64_t era = (day >= 0 ? day : day - 146'096) / 146'097;
  const std::chrono::year_month_day ymd{std::chrono::sys_days{std::chrono::days(day - era * 146'097)}};
  const int64_t year = static_cast<int>(ymd.year()) + era * 400;
  if (year >= 0 && year <= 9999) {
    append_padded(out, year, 4);
  } else {
    out.push_back(year < 0 ? '-' : '+');
    append_padded(out, year < 0 ? -year : year, 6);
  }
  out.push_back('-');
  append_padded(out, static_cast<unsigned>(ymd.month()), 2);
  out.push_back('-');
  append_padded(out, static_cast<unsigned>(ymd.day()), 2);
}

}  // namespace

void append_boolean(std::string& out, bool value) { out.append(value ? "true" : "false"); }

void append_integer(std::string& out, int64_t value) {
  char buffer[24];
  const char* const end = std::to_chars(buffer, buffer + sizeof buffer, value).ptr;
  out.append(buffer, static_cast<size_t>(end - buffer));
}

void append_real(std::string& out, double value) {
  char buffer[32];
  const char* const end = std::to_chars(buffer, buffer + sizeof buffer, value).ptr;
  out.append(buffer, static_cast<size_t>(end - buffer));
  for (const char* c = buffer; c != end; ++c) {
    if (*c == '.' || *c == 'e' || *c == 'n') return;  // 'n': inf and nan
  }
  out.append(".0");
}

void append_timestamp(std::string& out, int64_t microseconds) {
  int64_t day = microseconds / kPerDay, rest = microseconds % kPerDay;
  if (rest < 0) {
    rest += kPerDay;
    --day;
  }
  append_date(out, day);
  const int64_t second = rest / kPerSecond;
  rest %= kPerSecond;
  out.push_back('T');
  append_padded(out, second / 3600, 2);
  out.push_back(':');
  append_padded(out, second / 60 % 60, 2);
  out.push_back(':');
  append_padded(out, second % 60, 2);
  if (rest != 0) {
    out.push_back('.');
    append_padded(out, rest, 6);
    while (out.back() == '0') out.pop_back();
  }
  out.push_back('Z');
}

}  // namespace crisp
