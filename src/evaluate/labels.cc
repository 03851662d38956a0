#include "evaluate/labels.h"

#include <charconv>
#include <optional>

#include "core/format.h"

namespace crisp {
namespace {

bool is_blank(const std::string& text) { return text.find_first_not_of(" \t") == std::string::npos; }

/// "'a' (3 rows), 'b' (1 row)", the first few.
std::string listed(const std::map<std::string, int64_t>& values) {
  constexpr size_t kShown = 5;
  std::string text;
  size_t shown = 0;
  for (const auto& [value, rows] : values) {
    if (shown++ == kShown) return concat(text, " and ", values.size() - kShown, " more");
    text += concat(text.empty() ? "" : ", ", "'", value, "' (", counted(rows, "row"), ")");
  }
  return text;
}

int64_t sum(const std::map<std::string, int64_t>& values) {
  int64_t rows = 0;
  for (const auto& entry : values) rows += entry.second;
  return rows;
}

std::optional<double> as_number(const std::string& text) {
  double number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc() || end != text.data() + text.size()) return std::nullopt;
  return number;
}

/// One of the plan's two values, ready to be compared with cells.
class Meaning {
 public:
  Meaning(std::string text, ColumnType column) : text_(std::move(text)), number_(as_number(text_)) {
    if (column == ColumnType::boolean && number_ && (*number_ == 0 || *number_ == 1)) text_ = *number_ == 1 ? "true" : "false";
  }
  bool is(const std::string& cell) const { return cell == text_ || (number_ && as_number(cell) == number_); }

 private:
  std::string text_;
  std::optional<double> number_;
};

}  // namespace

Labels read_labels(const Table& rows, const LabelPlan& plan) {
  const Meaning anomaly(plan.anomaly, rows.type(plan.column)), normal(plan.normal, rows.type(plan.column));
  Labels labels;
  labels.column = plan.column;
  for (const std::string& value : rows.texts(plan.column)) {
    if (anomaly.is(value)) {
      labels.rows.push_back(Label::anomaly);
      ++labels.anomalies;
    } else if (is_blank(value)) {
      labels.rows.push_back(Label::none);
      ++labels.blank;
    } else if (plan.normal.empty() || normal.is(value)) {
      labels.rows.push_back(Label::normal);
      ++labels.normal;
      if (plan.normal.empty()) ++labels.taken_normal[value];
    } else {
      labels.rows.push_back(Label::none);
      ++labels.neither[value];
    }
  }
  return labels;
}

std::vector<std::string> Labels::notes(const LabelPlan& plan) const {
  std::vector<std::string> notes;
  if (blank > 0) notes.push_back(concat(counted(blank, "row"), " without a label in '", column, "' left out of the figures"));
  if (!neither.empty()) {
    notes.push_back(concat(counted(sum(neither), "row"), " left out of the figures: '", column, "' is neither '", plan.anomaly,
                           "' nor '", plan.normal, "' but ", listed(neither)));
  }
  if (taken_normal.size() > 1 || (anomalies == 0 && !taken_normal.empty())) {
    notes.push_back(concat("taken for normal in '", column, "': ", listed(taken_normal)));
  }
  if (anomalies == 0 && normal > 0) {
    notes.push_back(concat("no row has the anomaly '", plan.anomaly, "' in '", column,
                           "': figures that need one are not given"));
  }
  if (normal == 0 && anomalies > 0) {
    notes.push_back(concat("every labelled row is an anomaly in '", column, "': figures that need a normal row are not given"));
  }
  if (normal + anomalies == 0) notes.push_back(concat("no row has a label in '", column, "': nothing to judge by"));
  return notes;
}

}  // namespace crisp
