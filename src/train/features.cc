#include "train/features.h"

#include <algorithm>

#include "cuda/error.h"

namespace crisp {
namespace {

bool is_numeric(ColumnType type) {
  return type == ColumnType::integer || type == ColumnType::real || type == ColumnType::boolean;
}

}  // namespace

bool matches_pattern(const std::string& name, const std::string& pattern) {
  // The usual two-pointer walk: on a mismatch go back to the last star and let it take one character more.
  size_t n = 0, p = 0, star = std::string::npos, resume = 0;
  while (n < name.size()) {
    if (p < pattern.size() && pattern[p] == '*') {
      star = p++;
      resume = n;
    } else if (p < pattern.size() && pattern[p] == name[n]) {
      ++p;
      ++n;
    } else if (star != std::string::npos) {
      p = star + 1;
      n = ++resume;
    } else {
      return false;
    }
  }
  return std::all_of(pattern.begin() + static_cast<std::ptrdiff_t>(p), pattern.end(), [](char c) { return c == '*'; });
}

std::vector<std::string> choose_features(const Table& table, const std::vector<std::string>& patterns,
                                         const std::vector<std::string>& excluded) {
  const std::vector<ColumnInfo> schema = table.schema();
  for (const std::string& pattern : patterns) {
    const bool found = std::any_of(schema.begin(), schema.end(),
                                   [&](const ColumnInfo& column) { return matches_pattern(column.name, pattern); });
    if (found) continue;
    const std::string nearest = nearest_name(pattern, table.names());
    throw Error(Code::config, concat("feature '", pattern, "' matches no column"),
                nearest.empty() ? "" : concat("did you mean '", nearest, "'?"));
  }
  std::vector<std::string> features;
  for (const ColumnInfo& column : schema) {
    const auto named = [&](const std::string& pattern) { return matches_pattern(column.name, pattern); };
    if (patterns.empty() ? is_numeric(column.type) : std::any_of(patterns.begin(), patterns.end(), named)) {
      if (std::find(excluded.begin(), excluded.end(), column.name) == excluded.end()) features.push_back(column.name);
    }
  }
  if (features.empty()) {
    throw Error(Code::data, "no column of numbers to learn from",
                "text columns are not read by this model; name features, or derive numbers in a recipe");
  }
  return features;
}

}  // namespace crisp
