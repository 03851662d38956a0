#include "read/csv_dialect.h"

#include <algorithm>
#include <unordered_map>
#include <unordered_set>

#include "cuda/error.h"
#include "read/csv_tokens.h"
#include "read/csv_value.h"

namespace crisp {
namespace {

constexpr size_t kRecords = 20;

/// How many values each of the first records has; the last one is left out where it may be cut off.
std::vector<int64_t> counts(std::string_view start, bool whole, char separator) {
  std::vector<int64_t> out;
  CsvTokens tokens(start, separator);
  for (tokens.skip_blank_lines(); !tokens.at_end() && out.size() < kRecords; tokens.skip_blank_lines()) {
    int64_t values = 0;
    CsvStop stop = CsvStop::separator;
    std::string_view value;
    bool quoted;
    for (; stop == CsvStop::separator; ++values) stop = tokens.next(value, quoted);
    if (stop != CsvStop::line_end && (!whole || stop != CsvStop::text_end) && !out.empty()) break;
    out.push_back(values);
    if (stop != CsvStop::line_end) break;
  }
  return out;
}

}  // namespace

int64_t byte_order_mark(std::string_view start, const std::string& file) {
  using namespace std::string_view_literals;
  const bool wide = start.starts_with("\xff\xfe"sv) || start.starts_with("\xfe\xff"sv) ||
                    start.starts_with("\0\0\xfe\xff"sv);
  if (wide) {
    throw Error(Code::data, concat(file, ": the text is UTF-16 or UTF-32, not UTF-8"),
                "convert it first, for example: iconv -f utf16 -t utf8 FILE");
  }
  return start.starts_with("\xef\xbb\xbf"sv) ? 3 : 0;
}

char find_separator(std::string_view start, bool whole) {
  char best = ',', most_frequent = ',';
  int64_t best_count = 1, most = 1;
  for (const char candidate : {',', ';', '\t', '|'}) {
    const std::vector<int64_t> found = counts(start, whole, candidate);
    if (found.empty()) continue;
    if (found.front() > most) {
      most = found.front();
      most_frequent = candidate;
    }
    const bool even = std::all_of(found.begin(), found.end(), [&](int64_t n) { return n == found.front(); });
    if (even && found.front() > best_count) {
      best_count = found.front();
      best = candidate;
    }
  }
  return best_count > 1 ? best : most_frequent;
}

void make_unique(std::vector<std::string>& names, const std::string& file, std::vector<std::string>& notes) {
  std::unordered_set<std::string> taken;
  std::unordered_map<std::string, int64_t> next;  // where the search for a free number goes on
  for (const std::string& name : names) taken.insert(name);
  std::unordered_set<std::string> seen;
  for (size_t i = 0; i < names.size(); ++i) {
    std::string name = names[i].empty() ? concat("f", i) : names[i];
    if ((names[i].empty() && taken.contains(name)) || !seen.insert(name).second) {
      int64_t& number = next.try_emplace(name, 2).first->second;
      std::string numbered;
      do numbered = concat(name, "_", number++);
      while (taken.contains(numbered));
      taken.insert(numbered);
      name = std::move(numbered);
      seen.insert(name);
    }
    if (name == names[i]) continue;
    notes.push_back(names[i].empty() ? concat(file, ": column ", i + 1, " has no name; called '", name, "'")
                                     : concat(file, ": column ", i + 1, " repeats the name '", names[i],
                                              "'; called '", name, "'"));
    names[i] = std::move(name);
    taken.insert(names[i]);
  }
}

}  // namespace crisp
