#include <cmath>

#include "kernels/segments/segment_statistics.h"
#include "prepare/arrow_function.h"

namespace crisp {
namespace {

/// For every row, the row `step` places further on in its group (-1: there is none).
Value shifted(Call& c, int64_t step, size_t first_key) {
  const Grouping& groups = c.groups(first_key);
  std::vector<int64_t> source(groups.order.size(), -1);
  for (int64_t g = 0; g < groups.groups(); ++g) {
    for (int64_t i = groups.offsets[g]; i < groups.offsets[g + 1]; ++i) {
      const int64_t from = i + step;
      if (from >= groups.offsets[g] && from < groups.offsets[g + 1])
        source[groups.order[i]] = groups.order[from];
    }
  }
  return take_rows(spread(c[0], c.on.rows()), source);
}

/// Far shifts all give nothing; held small so that sums of places cannot overflow.
int64_t places(const Call& c) { return std::min(c.integer(1), int64_t{1} << 40); }

Value previous(Call& c) { return shifted(c, -1, 1); }
Value next(Call& c) { return shifted(c, 1, 1); }
Value lag(Call& c) { return shifted(c, -places(c), 2); }
Value lead(Call& c) { return shifted(c, places(c), 2); }

/// For every row, the first or last row of its group.
Value end_of_group(Call& c, bool last) {
  const Grouping& groups = c.groups(1);
  std::vector<int64_t> source(groups.order.size());
  for (size_t row = 0; row < source.size(); ++row) {
    const int32_t g = groups.code[row];
    source[row] = groups.order[last ? groups.offsets[g + 1] - 1 : groups.offsets[g]];
  }
  return take_rows(spread(c[0], c.on.rows()), source);
}

Value first(Call& c) { return end_of_group(c, false); }
Value last(Call& c) { return end_of_group(c, true); }

Value row_number(Call& c) {
  const Grouping& groups = c.groups(0);
  std::vector<int64_t> numbers(groups.order.size());
  for (int64_t g = 0; g < groups.groups(); ++g) {
    for (int64_t i = groups.offsets[g]; i < groups.offsets[g + 1]; ++i)
      numbers[groups.order[i]] = i - groups.offsets[g] + 1;
  }
  return from_integers(numbers);
}

/// One number a group, written to each of its rows.
Value over_group(Call& c, SegmentStatistic statistic) {
  const Grouping& groups = c.groups(1);
  const std::vector<double> numbers = to_numbers(c[0], c.on.rows());
  std::vector<double> sorted, answer(static_cast<size_t>(groups.groups())), out;
  sorted.reserve(numbers.size());
  for (const int64_t row : groups.order) sorted.push_back(numbers[static_cast<size_t>(row)]);
  const SegmentRequest request[] = {{statistic}};
  segment_statistics(c.on.exec(), {sorted.data(), static_cast<int64_t>(sorted.size())},
                     {groups.offsets.data(), static_cast<int64_t>(groups.offsets.size())}, request,
                     {answer.data(), groups.groups(), 1, 1});
  out.reserve(numbers.size());
  for (const int32_t g : groups.code) out.push_back(answer[static_cast<size_t>(g)]);
  return from_numbers(out);
}

Value group_sum(Call& c) { return over_group(c, SegmentStatistic::sum); }
Value group_mean(Call& c) { return over_group(c, SegmentStatistic::mean); }
Value group_min(Call& c) { return over_group(c, SegmentStatistic::low); }
Value group_max(Call& c) { return over_group(c, SegmentStatistic::high); }
Value group_std(Call& c) { return over_group(c, SegmentStatistic::deviation); }

Value group_count(Call& c) {
  c.arguments[0] =
      make_value(check(arrow::compute::Cast(arrow_call("is_valid", {c[0].data}), arrow::float64())));
  return convert(over_group(c, SegmentStatistic::sum), ColumnType::integer);
}

Value cumulative_sum(Call& c) {
  const Grouping& groups = c.groups(1);
  std::vector<double> numbers = to_numbers(c[0], c.on.rows());
  for (int64_t g = 0; g < groups.groups(); ++g) {
    double sum = 0.0;
    for (int64_t i = groups.offsets[g]; i < groups.offsets[g + 1]; ++i) {
      double& number = numbers[static_cast<size_t>(groups.order[i])];
      if (!std::isnan(number)) number = sum += number;
    }
  }
  return from_numbers(numbers);
}

Value session(Call& c) {
  const Grouping& groups = c.groups(2);
  const std::vector<double> times = to_numbers(c[0], c.on.rows());
  const double gap = constant_number(c[1]);
  if (!c[1].constant() || !(gap >= 0))
    fail(Code::config, "the gap must be a constant number of seconds, 0 or more");
  std::vector<int64_t> numbers(times.size());
  for (int64_t g = 0; g < groups.groups(); ++g) {
    int64_t number = 1;
    double before = NAN;
    for (int64_t i = groups.offsets[g]; i < groups.offsets[g + 1]; ++i) {
      const size_t row = static_cast<size_t>(groups.order[i]);
      if (times[row] - before > gap) ++number;
      if (!std::isnan(times[row])) before = times[row];
      numbers[row] = number;
    }
  }
  return from_integers(numbers);
}

}  // namespace

std::vector<Function> window_functions() {
  const char* g = "window";
  return {
      make_function(g, "previous", "x:any key:any*", "as x",
                    "x of the row before, among rows of equal keys, in table order", "previous(x, vehicle)",
                    "missing, 1, missing, 2", previous),
      make_function(g, "next", "x:any key:any*", "as x", "x of the row after", "next(x, vehicle)",
                    "2, 8, missing, missing", next),
      make_function(g, "lag", "x:any n:count key:any*", "as x", "x of n rows before", "lag(x, 2, vehicle)",
                    "missing, missing, missing, 1", lag),
      make_function(g, "lead", "x:any n:count key:any*", "as x", "x of n rows after", "lead(x, 2, vehicle)",
                    "8, missing, missing, missing", lead),
      make_function(g, "row_number", "key:any*", "integer",
                    "place of the row among those of equal keys, from 1", "row_number(vehicle)", "1, 2, 1, 3",
                    row_number),
      make_function(g, "first", "x:any key:any*", "as x", "x of the first row of equal keys",
                    "first(x, vehicle)", "1, 1, 4, 1", first),
      make_function(g, "last", "x:any key:any*", "as x", "x of the last row of equal keys",
                    "last(x, vehicle)", "8, 8, 4, 8", last),
      make_function(g, "group_sum", "x:number key:any*", "real", "sum over the rows of equal keys",
                    "group_sum(x, vehicle)", "11.0, 11.0, 4.0, 11.0", group_sum),
      make_function(g, "group_mean", "x:number key:any*", "real", "mean over the rows of equal keys",
                    "group_mean(speed, vehicle)", "14.25, 14.25, missing, 14.25", group_mean),
      make_function(g, "group_std", "x:number key:any*", "real", "sample standard deviation (n - 1)",
                    "round(group_std(x), 6)", "3.095696", group_std),
      make_function(g, "group_min", "x:number key:any*", "real", "smallest of equal keys",
                    "group_min(x, vehicle)", "1.0, 1.0, 4.0, 1.0", group_min),
      make_function(g, "group_max", "x:number key:any*", "real", "largest of equal keys",
                    "group_max(x, vehicle)", "8.0, 8.0, 4.0, 8.0", group_max),
      make_function(g, "group_count", "x:any key:any*", "integer", "values of x that are not missing",
                    "group_count(speed, vehicle)", "3, 3, 0, 3", group_count),
      make_function(g, "cumulative_sum", "x:number key:any*", "real",
                    "sum of x from the first row of equal keys to this one", "cumulative_sum(x, vehicle)",
                    "1.0, 3.0, 4.0, 11.0", cumulative_sum),
      make_function(g, "session", "t:timestamp gap_seconds:number key:any*", "integer",
                    "number of the session: a new one begins after a pause longer than the gap",
                    "session(t, 600, vehicle)", "1, 1, 1, 2", session),
  };
}

}  // namespace crisp
