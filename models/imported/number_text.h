/// Numbers and words of other libraries' files: whole tokens, without locale.
#pragma once

#include <algorithm>
#include <charconv>
#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

namespace crisp {

template <class Number>
std::optional<Number> number_in(std::string_view text) {
  Number value{};
  const auto read = std::from_chars(text.data(), text.data() + text.size(), value);
  if (read.ec != std::errc() || read.ptr != text.data() + text.size()) return std::nullopt;
  return value;
}

inline std::optional<int64_t> whole_number(std::string_view text) { return number_in<int64_t>(text); }
inline std::optional<double> real_number(std::string_view text) { return number_in<double>(text); }

/// The parts of `text` between any of the characters `between`; none is empty.
inline std::vector<std::string_view> words(std::string_view text, std::string_view between) {
  std::vector<std::string_view> out;
  for (size_t begin = text.find_first_not_of(between); begin != std::string_view::npos;) {
    const size_t end = std::min(text.find_first_of(between, begin), text.size());
    out.push_back(text.substr(begin, end - begin));
    begin = text.find_first_not_of(between, end);
  }
  return out;
}

}  // namespace crisp
