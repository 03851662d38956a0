#include "kernels/distance/neighbours.h"

#include "cuda/buffer.h"
#include "tests/engine.h"
#include "tests/kernels_distance/rows.h"

namespace crisp {
namespace {

class NeighbourEngines : public EngineTest {
 protected:
  void expect_nearest(Metric metric, const Rows& rows, const Rows& queries, int64_t k) {
    const Nearest expected = nearest_by_sorting(metric, rows, queries, k);
    Nearest mine(queries.rows, k);
    const NeighbourIndex index(exec(), metric, rows.view());
    nearest_neighbours(exec(), index, queries.view(), mine.id_view(), mine.distance_view());
    ASSERT_EQ(mine.ids, expected.ids) << "metric " << static_cast<int>(metric);
    ASSERT_EQ(bits_of(mine.distances), bits_of(expected.distances));
  }
};
CRISP_TEST_ENGINES(NeighbourEngines);

TEST_P(NeighbourEngines, FindTheSameNeighbours) {
  for (const Metric metric : kMetrics) {
    expect_nearest(metric, odd_rows(150, 33, 3), odd_rows(70, 33, 4), 7);
    expect_nearest(metric, odd_rows(1, 1, 3), odd_rows(1, 1, 4), 1);
    expect_nearest(metric, odd_rows(70, 3, 3), odd_rows(2, 3, 4), 70);
  }
}

TEST_P(NeighbourEngines, FindManyNeighbours) { expect_nearest(Metric::l2, random_rows(1300, 2, 3), random_rows(3, 2, 4), 1024); }

// Two segments on a device with few blocks' worth of queries; rows sorted so that every tile brings nearer ones.
TEST_P(NeighbourEngines, FindNeighboursAcrossSegments) {
  Rows rows = random_rows(8300, 1, 5);
  std::sort(rows.values.begin(), rows.values.end());
  expect_nearest(Metric::l2, rows, Rows{{2.0f, -2.0f}, 2, 1}, 100);
}

TEST_P(NeighbourEngines, FindNearRowsFarFromZero) {
  Rows rows = random_rows(200, 17, 3, 1e5);
  for (int64_t i = 1; i < 100; ++i) {
    std::copy_n(&rows.at(0, 0), 17, &rows.at(i, 0));
    if (i % 3 != 0) rows.at(i, i % 17) = std::nextafter(rows.at(i, i % 17), 2e5f);
  }
  for (const Metric metric : kMetrics) expect_nearest(metric, rows, Rows{{rows.values.begin(), rows.values.begin() + 34}, 2, 17}, 50);
}

TEST_P(NeighbourEngines, AreExactWhereEstimatesAreNot) {
  const Rows rows = rows_of_two_crowds(200, 300, 1), queries = rows_of_two_crowds(66, 300, 2);
  for (const Metric metric : kMetrics) expect_nearest(metric, rows, queries, 5);
}

TEST_P(NeighbourEngines, SearchWhatLiesOnTheDevice) {
  if (!exec().is_cuda()) GTEST_SKIP() << "no device memory";
  const Rows rows = random_rows(100, 5, 1), queries = random_rows(9, 5, 2);
  const DeviceBuffer<float> there(exec(), queries.values.data(), 45);
  DeviceBuffer<float> searched(exec(), rows.values.data(), 500);
  const NeighbourIndex index(exec(), Metric::l2, {searched.data(), 100, 5, 5});
  searched.fill_zero(exec());  // the index has its own
  const DeviceBuffer<int32_t> ids(exec(), 27);
  const DeviceBuffer<float> distances(exec(), 27);
  nearest_neighbours(exec(), index, {there.data(), 9, 5, 5}, {ids.data(), 9, 3, 3}, {distances.data(), 9, 3, 3});
  Nearest mine(9, 3);
  ids.download(exec(), mine.ids.data(), 27);
  EXPECT_EQ(mine.ids, nearest_by_sorting(Metric::l2, rows, queries, 3).ids);
}

}  // namespace
}  // namespace crisp
