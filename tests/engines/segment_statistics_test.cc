#include "kernels/segments/segment_statistics.h"

#include <cmath>

#include "cuda/random.h"
#include "tests/engine.h"

namespace crisp {
namespace {

using S = SegmentStatistic;
constexpr SegmentRequest kRequests[] = {{S::count},           {S::sum},  {S::mean},          {S::deviation},
                                        {S::variance},        {S::low},  {S::high},          {S::percentile, 10},
                                        {S::percentile, 70},  {S::percentile, 100},          {S::percentile, 0},
                                        {S::count_above, 0.5}, {S::count_below, 0.25}, {S::count_below, 0.5}};

bool sums(SegmentStatistic s) { return s == S::sum || s == S::mean || s == S::deviation || s == S::variance; }

class SegmentEngines : public EngineTest {
 protected:
  /// Contract: sums within 1e-12 relative, all else equal.
  void expect_equal(const std::vector<double>& values, const std::vector<int64_t>& offsets,
                    std::span<const SegmentRequest> requests) {
    const auto segments = static_cast<int64_t>(offsets.size()) - 1, width = static_cast<int64_t>(requests.size());
    std::vector<double> mine(static_cast<size_t>(segments * width), -5), expected(mine);
    const ArrayView<const double> column{values.data(), static_cast<int64_t>(values.size())};
    const ArrayView<const int64_t> bounds{offsets.data(), segments + 1};
    segment_statistics(exec(), column, bounds, requests, {mine.data(), segments, width, width});
    segment_statistics(cpu(), column, bounds, requests, {expected.data(), segments, width, width});
    for (size_t i = 0; i < mine.size(); ++i) {
      const auto& request = requests[i % requests.size()];
      SCOPED_TRACE(testing::Message() << "segment " << i / requests.size() << ", request " << i % requests.size());
      ASSERT_EQ(std::isnan(mine[i]), std::isnan(expected[i]));
      if (std::isnan(mine[i]) || mine[i] == expected[i]) continue;
      ASSERT_NEAR(mine[i], expected[i], sums(request.statistic) ? 1e-12 * std::abs(expected[i]) : 0.0);
    }
  }
};
CRISP_TEST_ENGINES(SegmentEngines);

TEST_P(SegmentEngines, AgreeOnSegmentsOfAllSizes) {
  std::vector<double> values;
  std::vector<int64_t> offsets = {0};
  for (const int64_t size : {0, 1, 2, 3, 31, 32, 33, 100, 1500, 0, 5}) {
    for (int64_t i = 0; i < size; ++i) {
      const uint64_t k = values.size();
      // Missing values of either sign: one that is sorted by its bits would come first.
      values.push_back(k % 7 == 3 ? (k % 2 == 0 ? NAN : -NAN) : k % 5 == 0 ? 0.5 : random_uniform(4, 1, k));
    }
    offsets.push_back(static_cast<int64_t>(values.size()));
  }
  expect_equal(values, offsets, kRequests);
  expect_equal(values, offsets, std::span(kRequests).first(3));  // without a sort
}

TEST_P(SegmentEngines, AgreeOnMissingSegmentsAndInfinities) {
  const double inf = INFINITY;
  expect_equal({NAN, NAN, 1, inf, NAN, -inf, 2, 2}, {0, 2, 5, 8}, std::span(kRequests).subspan(5));
}

TEST_P(SegmentEngines, TakeNoSegments) { expect_equal({}, {0}, kRequests); }

}  // namespace
}  // namespace crisp
