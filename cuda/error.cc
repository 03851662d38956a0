#include "cuda/error.h"

#include <algorithm>
#include <cstddef>

namespace crisp {

Error::Error(Code code, std::string message, std::string hint)
    : code_(code), message_(std::move(message)), hint_(std::move(hint)), full_(message_) {}

Error& Error::add_context(const std::string& where) {
  full_ = concat(where, ": ", full_);
  return *this;
}

void fail_assertion(const char* condition, const char* file, int line) {
  throw Error(Code::bug, concat("internal error: ", condition, " does not hold (", file, ":", line, ")"),
              "this is a bug in crisp; please report it with the command that you ran");
}

namespace {

size_t edit_distance(const std::string& a, const std::string& b) {
  std::vector<size_t> row(b.size() + 1);
  for (size_t j = 0; j <= b.size(); ++j) row[j] = j;
  for (size_t i = 1; i <= a.size(); ++i) {
    size_t diagonal = row[0];
    row[0] = i;
    for (size_t j = 1; j <= b.size(); ++j) {
      const size_t change = diagonal + (a[i - 1] == b[j - 1] ? 0 : 1);
      diagonal = row[j];
      row[j] = std::min({change, row[j] + 1, row[j - 1] + 1});
    }
  }
  return row[b.size()];
}

std::string lower(std::string text) {
  for (char& c : text) {
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
  }
  return text;
}

}  // namespace

std::string nearest_name(const std::string& wanted, const std::vector<std::string>& names) {
  std::string best;
  // Half of the letters may differ, at most: beyond that a suggestion misleads more than it helps.
  size_t best_distance = std::max<size_t>(wanted.size() / 2, 1) + 1;
  const std::string key = lower(wanted.substr(0, 256));
  for (const std::string& name : names) {
    const size_t distance = edit_distance(key, lower(name.substr(0, 256)));
    if (distance < best_distance) {
      best_distance = distance;
      best = name;
    }
  }
  return best;
}

}  // namespace crisp
