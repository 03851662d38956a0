#include "kernels/segments/segment_statistics.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <vector>

#include "tests/engine.h"
#include "tests/golden_rows.h"

namespace crisp {
namespace {

using enum SegmentStatistic;

class SegmentStatistics : public EngineTest {
 protected:
  std::vector<double> run(const std::vector<double>& values, const std::vector<int64_t>& offsets,
                          const std::vector<SegmentRequest>& requests) {
    const int64_t segments = static_cast<int64_t>(offsets.size()) - 1,
                  columns = static_cast<int64_t>(requests.size());
    std::vector<double> out(static_cast<size_t>(segments * columns));
    segment_statistics(exec(), {values.data(), static_cast<int64_t>(values.size())},
                       {offsets.data(), segments + 1}, requests, {out.data(), segments, columns, columns});
    return out;
  }
};
CRISP_TEST_ENGINES(SegmentStatistics);

const std::vector<SegmentRequest> kAll = {{count},          {sum},           {mean}, {deviation},
                                          {variance},       {low},           {high}, {percentile, 25},
                                          {count_above, 2}, {count_below, 2}};

TEST_P(SegmentStatistics, ByHandWithMissingValuesSkipped) {
  const std::vector<double> out = run({1, NAN, 2, 6}, {0, 4}, kAll);
  const std::vector<double> want = {3, 9, 3, std::sqrt(7), 7, 1, 6, 1.5, 1, 1};
  for (size_t k = 0; k < want.size(); ++k) EXPECT_DOUBLE_EQ(out[k], want[k]) << k;
}

TEST_P(SegmentStatistics, EmptyAndSingleSegments) {
  const std::vector<double> out = run({5, NAN}, {0, 0, 1, 2}, kAll);
  for (const size_t empty : {size_t{0}, size_t{2}}) {
    for (const size_t zero : {0, 1, 8, 9}) EXPECT_EQ(out[empty * kAll.size() + zero], 0.0);
    for (const size_t none : {2, 3, 4, 5, 6, 7})
      EXPECT_TRUE(std::isnan(out[empty * kAll.size() + none])) << none;
  }
  EXPECT_EQ(out[10 + 2], 5.0);
  EXPECT_TRUE(std::isnan(out[10 + 3]));
  EXPECT_EQ(out[10 + 7], 5.0);
}

TEST_P(SegmentStatistics, AgreesWithNumpy) {
  const auto rows = golden_rows("statistics/golden.csv");
  for (const GoldenRow& row : rows) {
    if (row.kind != "values") continue;
    const auto& want = golden_row(rows, row.name, "statistics").values;
    const auto& percents = golden_row(rows, row.name, "percentiles").values;
    std::vector<SegmentRequest> requests = {{count}, {mean}, {variance}, {low}, {high}};
    for (const double percent : {0.0, 10.0, 25.0, 50.0, 90.0, 99.5, 100.0})
      requests.push_back({percentile, percent});
    const std::vector<double> out = run(row.values, {0, static_cast<int64_t>(row.values.size())}, requests);
    const std::vector<double> expected = {want[0], want[1], want[2], want[5], want[6]};
    for (size_t k = 0; k < expected.size(); ++k)
      EXPECT_NEAR(out[k], expected[k], 1e-12 * std::abs(expected[k])) << row.name << k;
    for (size_t k = 0; k < percents.size(); ++k)
      EXPECT_NEAR(out[5 + k], percents[k], 1e-15 + 1e-13 * std::abs(percents[k])) << row.name << k;
  }
}

TEST_P(SegmentStatistics, SegmentsDoNotMix) {
  std::vector<double> values;
  std::vector<int64_t> offsets = {0};
  for (int s = 0; s < 100; ++s) {
    values.insert(values.end(), static_cast<size_t>(s % 7), static_cast<double>(s));
    offsets.push_back(static_cast<int64_t>(values.size()));
  }
  const std::vector<double> out = run(values, offsets, {{sum}, {percentile, 100}});
  for (int s = 0; s < 100; ++s) {
    EXPECT_EQ(out[static_cast<size_t>(2 * s)], s * (s % 7));
    if (s % 7 > 0) {
      EXPECT_EQ(out[static_cast<size_t>(2 * s + 1)], s);
    }
  }
}

}  // namespace
}  // namespace crisp
