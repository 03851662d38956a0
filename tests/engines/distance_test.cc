#include <cmath>

#include "cuda/buffer.h"
#include "cuda/error.h"
#include "kernels/distance/centroids.h"
#include "kernels/distance/kmeans.h"
#include "kernels/distance/neighbours.h"
#include "kernels/distance/pairwise.h"
#include "tests/engine.h"
#include "tests/kernels_distance/rows.h"

namespace crisp {
namespace {

class DistanceEngines : public EngineTest {
 protected:
  static std::vector<float> pairwise(Exec& exec, Metric metric, const Rows& a, const Rows& b) {
    std::vector<float> out(static_cast<size_t>(a.rows * b.rows), -1.0f);
    pairwise_distance(exec, metric, a.view(), b.view(), {out.data(), a.rows, b.rows, b.rows});
    return out;
  }

  void expect_nearest(Metric metric, const Rows& rows, const Rows& queries, int64_t k) {
    const Nearest expected = nearest_by_sorting(metric, rows, queries, k);
    Nearest mine(queries.rows, k);
    const NeighbourIndex index(exec(), metric, rows.view());
    nearest_neighbours(exec(), index, queries.view(), mine.id_view(), mine.distance_view());
    ASSERT_EQ(mine.ids, expected.ids) << "metric " << static_cast<int>(metric);
    ASSERT_EQ(bits_of(mine.distances), bits_of(expected.distances));
  }
};
CRISP_TEST_ENGINES(DistanceEngines);

/// With values that are missing, infinite, too large for their squares, and a row of zeros.
Rows odd_rows(int64_t rows, int64_t columns, uint64_t seed) {
  Rows out = random_rows(rows, columns, seed);
  if (rows < 20) return out;
  out.at(3, 0) = NAN;
  out.at(5, columns - 1) = INFINITY;
  out.at(6, 0) = -INFINITY;
  out.at(11, columns / 2) = -3e38f;
  out.at(13, columns / 2) = 1e-30f;
  for (int64_t j = 0; j < columns; ++j) out.at(17, j) = 0.0f;
  std::copy_n(&out.at(1, 0), columns, &out.at(19, 0));
  return out;
}

TEST_P(DistanceEngines, GiveEqualBitsOfAllPairs) {
  for (const auto& [m, n, d] : {std::tuple<int64_t, int64_t, int64_t>{1, 1, 1}, {70, 66, 33}, {3, 130, 100}}) {
    const Rows a = odd_rows(m, d, 1), b = odd_rows(n, d, 2);
    for (const Metric metric : kMetrics) {
      ASSERT_EQ(bits_of(pairwise(exec(), metric, a, b)), bits_of(pairwise(cpu(), metric, a, b)));
    }
  }
}

TEST_P(DistanceEngines, FindTheSameNeighbours) {
  for (const Metric metric : kMetrics) {
    expect_nearest(metric, odd_rows(150, 33, 3), odd_rows(70, 33, 4), 7);
    expect_nearest(metric, odd_rows(1, 1, 3), odd_rows(1, 1, 4), 1);
    expect_nearest(metric, odd_rows(70, 3, 3), odd_rows(2, 3, 4), 70);
  }
}

TEST_P(DistanceEngines, FindManyNeighbours) { expect_nearest(Metric::l2, random_rows(1300, 2, 3), random_rows(3, 2, 4), 1024); }

// Two segments on a device with few blocks' worth of queries; rows sorted so that every tile brings nearer ones.
TEST_P(DistanceEngines, FindNeighboursAcrossSegments) {
  Rows rows = random_rows(8300, 1, 5);
  std::sort(rows.values.begin(), rows.values.end());
  expect_nearest(Metric::l2, rows, Rows{{2.0f, -2.0f}, 2, 1}, 100);
}

TEST_P(DistanceEngines, FindNearRowsFarFromZero) {
  Rows rows = random_rows(200, 17, 3, 1e5);
  for (int64_t i = 1; i < 100; ++i) {
    std::copy_n(&rows.at(0, 0), 17, &rows.at(i, 0));
    if (i % 3 != 0) rows.at(i, i % 17) = std::nextafter(rows.at(i, i % 17), 2e5f);
  }
  for (const Metric metric : kMetrics) expect_nearest(metric, rows, Rows{{rows.values.begin(), rows.values.begin() + 34}, 2, 17}, 50);
}

TEST_P(DistanceEngines, AreExactWhereEstimatesAreNot) {
  const Rows rows = rows_of_two_crowds(200, 300, 1), queries = rows_of_two_crowds(66, 300, 2);
  for (const Metric metric : kMetrics) expect_nearest(metric, rows, queries, 5);
  const Nearest expected = nearest_by_sorting(Metric::l2, rows, queries, 1);
  std::vector<int32_t> labels(66);
  nearest_centroid(exec(), rows.view(), queries.view(), {labels.data(), 66}, {});
  EXPECT_EQ(labels, expected.ids);
}

TEST_P(DistanceEngines, SearchWhatLiesOnTheDevice) {
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

TEST_P(DistanceEngines, NameTheSameCentroids) {
  for (const int64_t count : {1, 13, 70}) {
    const Rows centroids = random_rows(count, 9, 1, 100);
    Rows rows = random_rows(150, 9, 2, 100);
    for (int64_t i = 20; i < 60; ++i) {
      for (int64_t j = 0; j < 9; ++j) rows.at(i, j) = (centroids.view().at(i % count, j) + centroids.view().at((i + 1) % count, j)) / 2;
    }
    rows.at(3, 0) = NAN;
    rows.at(4, 0) = 3e38f;
    const Nearest expected = nearest_by_sorting(Metric::l2, centroids, rows, 1);
    Nearest mine(150, 1);
    nearest_centroid(exec(), centroids.view(), rows.view(), {mine.ids.data(), 150}, {mine.distances.data(), 150});
    ASSERT_EQ(mine.ids, expected.ids);
    ASSERT_EQ(bits_of(mine.distances), bits_of(expected.distances));
  }
}

TEST_P(DistanceEngines, ClusterAlike) {
  const Rows rows = random_rows(1500, 7, 4, 20);  // two chunks
  EXPECT_EQ(kmeans_plus_plus(exec(), rows.view(), 9, 3), kmeans_plus_plus(cpu(), rows.view(), 9, 3));
  const KMeans mine = fit_kmeans(exec(), rows.view(), {9, 6, 0.0}, 3), expected = fit_kmeans(cpu(), rows.view(), {9, 6, 0.0}, 3);
  EXPECT_EQ(mine.centroids, expected.centroids);
  EXPECT_EQ(mine.labels, expected.labels);
  EXPECT_EQ(mine.inertia, expected.inertia);
  EXPECT_EQ(mine.iterations, expected.iterations);
}

TEST_P(DistanceEngines, FillEmptyClustersAlike) {
  const Rows rows = random_rows(300, 2, 5);
  const std::vector<float> start = {0, 0, 50, 50, 60, 60, 0.1f, 0};
  const auto fit = [&](Exec& on) { return fit_kmeans(on, rows.view(), {4, 5, 0.0}, {start.data(), 4, 2, 2}); };
  const KMeans mine = fit(exec());
  EXPECT_EQ(mine.centroids, fit(cpu()).centroids);
  for (const float value : mine.centroids) EXPECT_LT(std::abs(value), 1.0f);
}

}  // namespace
}  // namespace crisp
