#include "train/windows.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <numeric>

#include "core/format.h"
#include "cuda/error.h"
#include "train/manifest.h"

namespace crisp {
namespace {

constexpr double kDay = 86400;

int64_t whole(const Json& json, const char* key, int64_t low, int64_t high) {
  const Json& value = manifest_member(json, key, &Json::is_number_integer);
  const auto number = value.get<int64_t>();
  CRISP_REQUIRE(number >= low && number <= high, Code::data, "manifest.json: the forecast's ", key, " is ", number, ", not ", low, " to ", high);
  return number;
}

void refuse_twins(const std::vector<double>& times, const std::vector<std::string>& names, const ForecastPlan& plan,
                  const SeriesOrder& order) {
  for (size_t s = 0; s < order.count(); ++s) {
    for (int64_t at = order.begins[s] + 1; at < order.begins[s + 1]; ++at) {
      const auto row = static_cast<size_t>(order.rows[static_cast<size_t>(at)]), before = static_cast<size_t>(order.rows[static_cast<size_t>(at - 1)]);
      if (times[row] != times[before]) continue;
      throw Error(Code::data, concat("rows ", std::min(row, before) + 1, " and ", std::max(row, before) + 1, " have the same ", plan.time,
                                     names.empty() ? "" : concat(" in ", plan.group, " '", names[row], "'"), ": which comes first?"),
                  plan.group.empty() ? "several series in one table are told apart with --group COLUMN" : "leave one of them out");
    }
  }
}

}  // namespace

Json ForecastPlan::to_json() const {
  return {{"horizon", horizon}, {"lookback", lookback}, {"season", season}, {"time", time}, {"group", group}};
}

ForecastPlan ForecastPlan::from_json(const Json& json) {
  ForecastPlan plan;
  plan.horizon = whole(json, "horizon", 1, kMostHorizon);
  plan.lookback = whole(json, "lookback", 1, kMostLookback);
  plan.season = whole(json, "season", 1, std::numeric_limits<int32_t>::max());
  plan.time = manifest_member(json, "time", &Json::is_string).get<std::string>();
  plan.group = manifest_member(json, "group", &Json::is_string).get<std::string>();
  return plan;
}

int64_t SeriesOrder::longest() const {
  int64_t most = 0;
  for (size_t s = 0; s < count(); ++s) most = std::max(most, begins[s + 1] - begins[s]);
  return most;
}

SeriesOrder order_series(const Table& rows, const ForecastPlan& plan) {
  const ColumnType type = rows.type(plan.time);
  CRISP_REQUIRE(type != ColumnType::text && type != ColumnType::boolean, Code::data, "the column ", plan.time, " holds ",
                type == ColumnType::text ? "texts" : "truth values", ", not times or numbers to be ordered by");
  const std::vector<double> times = rows.numbers(plan.time);
  const int64_t blank = std::count_if(times.begin(), times.end(), [](double time) { return std::isnan(time); });
  if (blank > 0) {
    throw Error(Code::data, concat("the column ", plan.time, ": ", counted(blank, "row"), " without a time cannot be put in order"),
                "leave them out");
  }
  const std::vector<std::string> names = plan.group.empty() ? std::vector<std::string>() : rows.texts(plan.group);
  SeriesOrder order;
  order.rows.resize(times.size());
  std::iota(order.rows.begin(), order.rows.end(), int64_t{0});
  std::stable_sort(order.rows.begin(), order.rows.end(), [&](int64_t a, int64_t b) {
    const auto i = static_cast<size_t>(a), j = static_cast<size_t>(b);
    if (!names.empty() && names[i] != names[j]) return names[i] < names[j];
    return times[i] < times[j];
  });
  for (size_t at = 0; at < order.rows.size(); ++at) {
    const bool begins = at == 0 || (!names.empty() && names[static_cast<size_t>(order.rows[at])] != names[static_cast<size_t>(order.rows[at - 1])]);
    if (begins) order.begins.push_back(static_cast<int64_t>(at));
  }
  order.begins.push_back(static_cast<int64_t>(order.rows.size()));
  refuse_twins(times, names, plan, order);
  return order;
}

TimeStep time_step(const Table& rows, const std::string& time, const SeriesOrder& order) {
  const std::vector<double> times = rows.numbers(time);
  std::vector<double> steps;
  for (size_t s = 0; s < order.count(); ++s) {
    for (int64_t at = order.begins[s] + 1; at < order.begins[s + 1]; ++at) {
      const auto row = static_cast<size_t>(order.rows[static_cast<size_t>(at)]), before = static_cast<size_t>(order.rows[static_cast<size_t>(at - 1)]);
      steps.push_back(times[row] - times[before]);
    }
  }
  if (steps.empty()) return {};
  const auto middle = steps.begin() + static_cast<std::ptrdiff_t>(steps.size() / 2);
  std::nth_element(steps.begin(), middle, steps.end());
  // Months differ by a tenth, and hours by what a clock drifts.
  const double usual = *middle;
  return {usual, std::count_if(steps.begin(), steps.end(), [&](double step) { return step > 1.5 * usual; })};
}

int64_t usual_season(double step) {
  constexpr double kShortest = 300;  // a day of shorter steps is more than a window should hold
  const auto near = [&](double days) { return std::fabs(step / (days * kDay) - 1) < 0.05; };
  if (step >= kShortest && step <= kDay / 2 && std::fmod(kDay, step) == 0) return std::llround(kDay / step);
  if (near(1)) return 7;
  if (near(7)) return 52;
  if (near(30.5)) return 12;
  if (near(91.3)) return 4;
  return 1;
}

int64_t usual_lookback(int64_t season, int64_t horizon) {
  constexpr int64_t kLeast = 16, kMost = 512;
  return std::clamp(std::max(2 * std::min(season, kMost), horizon), kLeast, kMost);
}

std::vector<int64_t> whole_windows(const SeriesOrder& order, int64_t lookback) {
  std::vector<int64_t> first;
  for (size_t s = 0; s < order.count(); ++s) {
    for (int64_t at = order.begins[s]; at + lookback <= order.begins[s + 1]; ++at) first.push_back(at);
  }
  return first;
}

std::vector<int64_t> answered_windows(const SeriesOrder& order, const ForecastPlan& plan, std::span<const double> values) {
  std::vector<int64_t> first;
  for (size_t s = 0; s < order.count(); ++s) {
    int64_t there = 0;  // values in a row up to `at`
    for (int64_t at = order.begins[s]; at < order.begins[s + 1]; ++at) {
      there = std::isnan(values[static_cast<size_t>(at)]) ? 0 : there + 1;
      const int64_t begin = at + 1 - plan.horizon - plan.lookback;
      if (there >= plan.horizon && begin >= order.begins[s]) first.push_back(begin);
    }
  }
  return first;
}

std::vector<double> answers_of(const SeriesOrder& order, const ForecastPlan& plan, std::span<const double> values,
                               std::span<const int64_t> first) {
  std::vector<double> answers;
  answers.reserve(first.size() * static_cast<size_t>(plan.horizon));
  for (const int64_t begin : first) {
    const int64_t end = *std::upper_bound(order.begins.begin(), order.begins.end(), begin);
    for (int64_t at = begin + plan.lookback; at < begin + plan.lookback + plan.horizon; ++at) {
      answers.push_back(at < end ? values[static_cast<size_t>(at)] : NAN);
    }
  }
  return answers;
}

WindowRows::WindowRows(const Matrix& rows, const std::vector<int64_t>& order, int64_t lookback)
    : flat_(1, rows.rows() * rows.columns()), rows_(rows.rows()), columns_(rows.columns()), lookback_(lookback) {
  CRISP_ASSERT(static_cast<int64_t>(order.size()) == rows_);
  for (int64_t i = 0; i < rows_; ++i) {
    std::copy_n(rows.view().row(order[static_cast<size_t>(i)]), columns_, flat_.view().data + i * columns_);
  }
}

MatrixView<const float> WindowRows::take(std::span<const int64_t> first, Matrix& copies) const {
  const auto count = static_cast<int64_t>(first.size());
  const int64_t width = lookback_ * columns_;
  const float* const data = flat_.view().data;
  if (count > 0 && first.back() - first.front() == count - 1) return {data + first.front() * columns_, count, width, columns_};
  copies = Matrix(count, width);
  for (int64_t i = 0; i < count; ++i) std::copy_n(data + first[static_cast<size_t>(i)] * columns_, width, copies.view().row(i));
  return copies.view();
}

}  // namespace crisp
