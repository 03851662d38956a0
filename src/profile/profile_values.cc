#include "profile/profile_values.h"

#include <algorithm>

#include "core/format.h"
#include "table/cell_text.h"

namespace crisp {
namespace {

constexpr double kTwoDays = 2 * 86'400;
constexpr int kFigures = 4;

std::string moment_text(double seconds, bool minutes) {
  std::string text;
  append_timestamp(text, std::llround(seconds * 1e6));
  const size_t time = text.find('T');
  if (!minutes) return text.substr(0, time);
  text[time] = ' ';
  return text.substr(0, time + 6);
}

/// Counts spread over fewer bars of equal width; a bin across a border is shared, so that even counts stay
/// even.
std::vector<double> spread(const std::vector<int64_t>& counts, size_t bars) {
  std::vector<double> out(bars, 0.0);
  const double scale = static_cast<double>(bars) / static_cast<double>(counts.size());
  for (size_t i = 0; i < counts.size(); ++i) {
    const double begin = static_cast<double>(i) * scale, end = static_cast<double>(i + 1) * scale;
    const auto bar = static_cast<size_t>(begin);
    const double over = bar + 1 < bars ? std::max(0.0, end - static_cast<double>(bar + 1)) / scale : 0.0;
    out[bar] += static_cast<double>(counts[i]) * (1 - over);
    if (over > 0) out[bar + 1] += static_cast<double>(counts[i]) * over;
  }
  return out;
}

}  // namespace

std::string share_text(int64_t part, int64_t whole) {
  return format_percent(whole > 0 ? static_cast<double>(part) / static_cast<double>(whole) : 0.0);
}

namespace {

/// An estimate to three figures: the fourth is noise.
std::string counted(int64_t count, bool exact) {
  if (exact) return format_count(count);
  int64_t unit = 1;
  while (count / unit >= 1000) unit *= 10;
  return concat("≈ ", format_count((count + unit / 2) / unit * unit));
}

}  // namespace

std::string distinct_text(const ColumnProfile& column) { return counted(column.distinct, column.distinct_exact); }
std::string duplicates_text(const TableProfile& profile) {
  return counted(profile.duplicates, profile.duplicates_exact);
}

std::string value_text(const ColumnProfile& column, double value, bool brief) {
  if (std::isnan(value)) return "";
  if (column.type != ColumnType::timestamp) return format_number(value, kFigures);
  const bool minutes = column.high - column.low < kTwoDays;
  return moment_text(value, minutes).substr(brief && minutes ? std::string_view("2020-").size() : 0);
}

std::string spread_text(const ColumnProfile& column, double difference) {
  if (std::isnan(difference)) return "";
  return column.type == ColumnType::timestamp ? format_seconds(difference)
                                              : format_number(difference, kFigures);
}

std::string quantile_name(double percent) { return concat("p", percent); }

std::vector<double> small_bars(const ColumnProfile& column, size_t bars) {
  std::vector<double> out;
  if (!column.has_distribution()) {
    for (const ValueCount& value : column.frequent) out.push_back(static_cast<double>(value.count));
    if (out.size() > bars) out.resize(bars);
    return out;
  }
  return spread(column.histogram.counts, std::min(bars, column.histogram.counts.size()));
}

std::string frequent_text(const ColumnProfile& column, size_t values) {
  std::string text;
  for (size_t i = 0; i < std::min(values, column.frequent.size()); ++i) {
    const ValueCount& value = column.frequent[i];
    text += concat(i == 0 ? "" : ", ", value.value, " ", share_text(value.count, column.count));
  }
  return text;
}

std::vector<std::pair<std::string, std::string>> source_pairs(const std::string& path,
                                                              const ReadReport& reading) {
  const size_t files = reading.files.size();
  const std::string count = files == 1 ? std::string() : concat(files, " files, ");
  std::vector<std::pair<std::string, std::string>> pairs{
      {"data", concat(path, ", ", count, format_bytes(static_cast<double>(reading.bytes())))}};
  for (const std::string& note : reading.notes) pairs.emplace_back("note", note);
  return pairs;
}

}  // namespace crisp
