#include "explain/colouring.h"

#include <algorithm>
#include <cmath>
#include <numeric>

#include "core/format.h"

namespace crisp {
namespace {

constexpr size_t kGroups = 20, kCandidates = 20;
constexpr double kWorthShowing = 0.02;  // of what the Shapley values still vary by

/// The finite values in order.
std::vector<double> sorted_values(const std::vector<double>& values) {
  std::vector<double> sorted;
  for (const double value : values) {
    if (std::isfinite(value)) sorted.push_back(value);
  }
  std::sort(sorted.begin(), sorted.end());
  return sorted;
}

/// Sums within a group of rows.
struct Moments {
  double count = 0, x = 0, y = 0, xx = 0, xy = 0, yy = 0;

  void add(double a, double b) { ++count, x += a, y += b, xx += a * a, xy += a * b, yy += b * b; }
  double vary_y() const { return count > 0 ? std::max(0.0, yy - y * y / count) : 0; }
  /// The part of it that a line of x explains.
  double explained() const {
    const double vary_x = count > 0 ? xx - x * x / count : 0, both = count > 0 ? xy - x * y / count : 0;
    return vary_x > 1e-12 * xx ? both * both / vary_x : 0;
  }
};

/// Which share of what y varies by within the groups straight lines of x explain, a line a group.
double explained_share(const std::vector<double>& x, const std::vector<double>& y, const std::vector<size_t>& groups) {
  std::vector<Moments> moments(*std::max_element(groups.begin(), groups.end()) + 1);
  double explained = 0, varies = 0;
  for (size_t row = 0; row < x.size(); ++row) {
    if (std::isfinite(x[row])) moments[groups[row]].add(x[row], y[row]);
  }
  for (const Moments& group : moments) explained += group.explained(), varies += group.vary_y();
  return varies > 0 ? explained / varies : 0;
}

}  // namespace

std::optional<std::vector<double>> column_numbers(const Explanation& explanation, const InputColumn& column) {
  const Table& table = explanation.table;
  if (!column.given || table.type(column.name) == ColumnType::text) return std::nullopt;
  return table.numbers(column.name);
}

Colouring colouring_of(const std::string& name, const std::vector<double>& values) {
  const std::vector<double> sorted = sorted_values(values);
  if (sorted.empty() || sorted.front() == sorted.back()) return {};
  double low = sorted[sorted.size() / 20], high = sorted[sorted.size() - 1 - sorted.size() / 20];
  if (low == high) low = sorted.front(), high = sorted.back();
  Colouring colouring{name, format_number(low), format_number(high), {}};
  for (const double value : values) colouring.shades.push_back(std::clamp((value - low) / (high - low), 0.0, 1.0));
  return colouring;
}

Colouring strongest_partner(const Explanation& explanation, size_t column, const std::vector<size_t>& groups) {
  const ShapleyValues& shapley = *explanation.shapley;
  std::vector<double> y;
  for (size_t row = 0; row < shapley.rows(); ++row) y.push_back(shapley.at(row, column));
  Colouring best;
  double most = kWorthShowing;
  for (size_t other = 0; other < std::min(kCandidates, explanation.columns.size()); ++other) {
    const InputColumn& candidate = explanation.columns[other].column;
    const auto values = other == column ? std::nullopt : column_numbers(explanation, candidate);
    if (!values) continue;
    const double share = explained_share(*values, y, groups);
    if (share > most) most = share, best = colouring_of(candidate.name, *values);
  }
  return best;
}

std::vector<size_t> value_groups(const std::vector<double>& values) {
  const std::vector<double> sorted = sorted_values(values);
  std::vector<size_t> groups;
  for (const double value : values) {
    const auto below = static_cast<size_t>(std::lower_bound(sorted.begin(), sorted.end(), value) - sorted.begin());
    groups.push_back(std::isfinite(value) ? below * kGroups / sorted.size() : kGroups);
  }
  return groups;
}

}  // namespace crisp
