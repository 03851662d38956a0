#include "prepare/column_role.h"

#include <algorithm>
#include <array>
#include <cmath>

#include "core/format.h"
#include "cuda/text.h"
#include "kernels/statistics/column_statistics.h"
#include "kernels/statistics/percentiles.h"
#include "prepare/categories.h"

namespace crisp {
namespace {

bool is_letter(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'); }

/// The words of a name in small letters: "customerId" and "customer_id" are customer, id.
std::vector<std::string> words_of(const std::string& name) {
  std::vector<std::string> words(1);
  for (size_t i = 0; i < name.size(); ++i) {
    const bool capital = name[i] >= 'A' && name[i] <= 'Z';
    const bool after_small = i > 0 && name[i - 1] >= 'a' && name[i - 1] <= 'z';
    if (!is_letter(name[i]) || (capital && after_small)) words.emplace_back();
    if (is_letter(name[i])) words.back().push_back(capital ? static_cast<char>(name[i] - 'A' + 'a') : name[i]);
  }
  return words;
}

bool named_like_id(const std::string& name) {
  constexpr std::array<std::string_view, 10> kIdWords = {"id",     "ids", "uid",   "uuid", "guid",
                                                         "key",    "idx", "index", "rowid", "serial"};
  const std::vector<std::string> words = words_of(name);
  return std::any_of(words.begin(), words.end(), [&](const std::string& word) {
    return std::find(kIdWords.begin(), kIdWords.end(), word) != kIdWords.end();
  });
}

JudgedColumn dropped(JudgedColumn column, std::string reason) {
  column.role = ColumnRole::dropped;
  column.reason = std::move(reason);
  return column;
}

bool has_long_tails(Exec& exec, const std::vector<double>& values) {
  const auto rows = static_cast<int64_t>(values.size());
  const double percents[] = {0, 25, 50, 75, 100};
  const std::vector<double> at = column_percentiles(exec, MatrixView<const double>{values.data(), rows, 1, 1}, percents).at(0);
  const double quartiles = at[3] - at[1];
  const double spread = quartiles > 0.0 ? quartiles : std::sqrt(column_statistics(exec, {values.data(), rows}).variance);
  return std::max(at[4] - at[2], at[2] - at[0]) > kLongTail * spread;
}

/// Numbers that are different in every row tell rows apart and nothing else where they count them, or are called an id. A
/// measurement in whole numbers that is different in every row has gaps, and nothing with a fraction is ever an id.
std::string id_reason(const std::string& name, std::vector<double> values) {
  const auto count = static_cast<int64_t>(values.size());
  const auto is_whole = [](double v) { return v == std::floor(v); };
  if (count < kFewestIdRows || !std::all_of(values.begin(), values.end(), is_whole)) return "";
  std::sort(values.begin(), values.end());
  if (std::adjacent_find(values.begin(), values.end()) != values.end()) return "";
  const double filled = static_cast<double>(count) / (values.back() - values.front() + 1.0);
  if (count >= kFewestCounterRows && filled >= kCounterShare)
    return concat("a counter: ", format_count(count), " different whole numbers fill ", format_percent(filled, 0), " of their range");
  return named_like_id(name) ? concat("an id by its name: ", format_count(count), " different whole numbers in as many rows") : "";
}

JudgedColumn judge_numbers(Exec& exec, const Table& train, JudgedColumn column) {
  std::vector<double> values = train.numbers(column.name);
  std::erase_if(values, [](double v) { return !std::isfinite(v); });
  if (values.empty()) return dropped(column, "no finite value");
  column.one_value = std::all_of(values.begin(), values.end(), [&](double v) { return v == values[0]; });
  if (column.one_value && !column.has_missing) return dropped(column, concat("one value only: ", values[0]));
  column.long_tails = has_long_tails(exec, values);
  if (std::string reason = column.has_missing ? "" : id_reason(column.name, std::move(values)); !reason.empty())
    return dropped(column, std::move(reason));
  column.role = ColumnRole::number;
  return column;
}

JudgedColumn judge_texts(const Table& train, JudgedColumn column) {
  const DistinctValues distinct = distinct_values(train, column.name, ColumnType::text);
  column.values = static_cast<int64_t>(distinct.keys.size());
  column.one_value = column.values == 1;
  if (column.one_value && !column.has_missing) return dropped(column, concat("one value only: ", spelled(distinct.keys[0])));
  int64_t rows = 0, bytes = 0;
  for (size_t i = 0; i < distinct.keys.size(); ++i) {
    rows += distinct.counts[i];
    bytes += static_cast<int64_t>(distinct.keys[i].size());
  }
  const double share = static_cast<double>(column.values) / static_cast<double>(rows);
  const std::string counts = concat(format_count(column.values), " different texts in ", counted(rows, "row"));
  if (rows >= kFewestIdRows && share >= kIdShare) return dropped(column, concat("an id: ", counts));
  if (column.values > kFreeTextValues && share > kFreeTextShare) return dropped(column, concat("free text: ", counts));
  if (bytes > kLongText * column.values) return dropped(column, concat("free text: of ", bytes / column.values, " bytes on average"));
  column.role = ColumnRole::category;
  return column;
}

JudgedColumn judge_flags(const Table& train, JudgedColumn column) {
  const DistinctValues distinct = distinct_values(train, column.name, ColumnType::boolean);
  column.values = static_cast<int64_t>(distinct.keys.size());
  column.one_value = column.values == 1;
  if (column.one_value && !column.has_missing) return dropped(column, concat("one value only: ", distinct.keys[0]));
  // Where cells are missing, that they are is a third value.
  column.role = column.has_missing ? ColumnRole::category : ColumnRole::flag;
  return column;
}

JudgedColumn judge_times(const Table& train, JudgedColumn column) {
  std::vector<double> seconds = train.numbers(column.name);
  std::erase_if(seconds, [](double v) { return std::isnan(v); });
  const auto [first, last] = std::minmax_element(seconds.begin(), seconds.end());
  column.one_value = *first == *last;
  if (column.one_value && !column.has_missing) return dropped(column, "one value only");
  constexpr double kDay = 86400.0;
  const auto of_day = [](double t) { return t - kDay * std::floor(t / kDay); };
  column.first_second = *first;
  column.days = (*last - *first) / kDay;
  column.hours_differ = std::any_of(seconds.begin(), seconds.end(), [&](double t) { return of_day(t) != of_day(*first); });
  column.role = ColumnRole::time;
  return column;
}

}  // namespace

JudgedColumn judge_column(Exec& exec, const Table& train, const ColumnInfo& column) {
  JudgedColumn judged;
  judged.name = column.name;
  judged.has_missing = column.missing > 0;
  if (column.missing == train.rows()) return dropped(judged, "no value at all");
  switch (column.type) {
    case ColumnType::boolean: return judge_flags(train, std::move(judged));
    case ColumnType::text: return judge_texts(train, std::move(judged));
    case ColumnType::timestamp: return judge_times(train, std::move(judged));
    case ColumnType::integer:
    case ColumnType::real: break;
  }
  return judge_numbers(exec, train, std::move(judged));
}

}  // namespace crisp
