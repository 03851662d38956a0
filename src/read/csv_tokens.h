/// Steps through the values of a CSV text. The grammar: RFC 4180; besides LF and CRLF a CR alone ends a line;
/// a quote that does not begin a value is an ordinary character of it.
#pragma once

#include <cstring>
#include <string>
#include <string_view>

#include "read/csv_scan.h"

namespace crisp {

/// What stopped a value.
enum class CsvStop : uint8_t { separator, line_end, text_end, unclosed_quote, text_behind_quote };

class CsvTokens {
 public:
  /// `text` has kScanSlack readable bytes behind it.
  CsvTokens(std::string_view text, char separator)
      : at_(text.data()), end_(at_ + text.size()), separator_(separator) {}

  bool at_end() const { return at_ == end_; }
  const char* at() const { return at_; }
  int64_t lines() const { return lines_; }  ///< line ends passed
  std::string_view rest() const { return {at_, static_cast<size_t>(end_ - at_)}; }

  /// Passes line ends: blank lines.
  void skip_blank_lines() {
    while (at_ < end_ && (*at_ == '\n' || *at_ == '\r')) pass_line_end();
  }

  /// The next value; its text stays valid until the next call.
  CsvStop next(std::string_view& value, bool& quoted) {
    quoted = at_ < end_ && *at_ == '"';
    if (quoted) {
      if (!read_quoted(value)) return CsvStop::unclosed_quote;
    } else {
      const char* stop = find_value_end(at_, end_, separator_);
      value = {at_, static_cast<size_t>(stop - at_)};
      at_ = stop;
    }
    if (at_ == end_) return CsvStop::text_end;
    if (*at_ == separator_) {
      ++at_;
      return CsvStop::separator;
    }
    if (*at_ != '\n' && *at_ != '\r') return CsvStop::text_behind_quote;
    pass_line_end();
    return CsvStop::line_end;
  }

 private:
  void pass_line_end() {
    const bool carriage = *at_++ == '\r';
    if (carriage && at_ < end_ && *at_ == '\n') ++at_;
    ++lines_;
  }

  /// From the opening quote to behind the closing one. Doubled quotes make a copy necessary.
  bool read_quoted(std::string_view& value) {
    const char* from = ++at_;
    bool copied = false;
    for (;;) {
      const auto* quote = static_cast<const char*>(std::memchr(at_, '"', static_cast<size_t>(end_ - at_)));
      if (quote == nullptr) {
        at_ = end_;
        return false;
      }
      at_ = quote + 1;
      const bool doubled = at_ < end_ && *at_ == '"';
      if (!doubled && !copied) {
        value = {from, static_cast<size_t>(quote - from)};
        break;
      }
      if (!copied) unescaped_.clear();
      copied = true;
      unescaped_.append(from, doubled ? quote + 1 : quote);
      if (!doubled) {
        value = unescaped_;
        break;
      }
      from = ++at_;
    }
    lines_ += count_line_ends(value);
    return true;
  }

  const char* at_;
  const char* end_;
  char separator_;
  int64_t lines_ = 0;
  std::string unescaped_;
};

}  // namespace crisp
