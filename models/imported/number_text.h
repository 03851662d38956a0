/// Numbers of other libraries' files: whole tokens, without locale.
#pragma once

#include <charconv>
#include <cstdint>
#include <optional>
#include <string_view>

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

}  // namespace crisp
