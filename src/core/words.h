/// The words of a text.
#pragma once

#include <algorithm>
#include <string_view>
#include <vector>

namespace crisp {

/// The parts of `text` between any of the characters `between`; none is empty. They point into the text.
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
