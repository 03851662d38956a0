/// Building messages: concat("row ", 7, ": ", 0.5) without streams, locales or <format> (GCC 12 has none).
#pragma once

#include <charconv>
#include <concepts>
#include <string>
#include <string_view>
#include <type_traits>

namespace crisp {

inline void append_text(std::string& out, std::string_view part) { out.append(part); }
inline void append_text(std::string& out, char part) { out.push_back(part); }

/// Only for bool itself: a string literal would rather turn into a plain `bool` parameter than into a string_view.
template <std::same_as<bool> Bool>
void append_text(std::string& out, Bool part) {
  out.append(part ? "true" : "false");
}

/// Numbers are written by std::to_chars: shortest form that reads back to the same value, in every locale.
template <class Number>
  requires(std::is_arithmetic_v<Number> && !std::is_same_v<Number, bool> && !std::is_same_v<Number, char>)
void append_text(std::string& out, Number part) {
  char buffer[64];
  const auto end = std::to_chars(buffer, buffer + sizeof buffer, part);
  out.append(buffer, end.ptr);
}

template <class... Parts>
std::string concat(const Parts&... parts) {
  std::string out;
  (append_text(out, parts), ...);
  return out;
}

}  // namespace crisp
