#include "kernels/distance/centroids.h"
#include "tests/engine.h"
#include "tests/kernels_distance/rows.h"

namespace crisp {
namespace {

class CentroidEngines : public EngineTest {};
CRISP_TEST_ENGINES(CentroidEngines);

TEST_P(CentroidEngines, NameTheSameCentroids) {
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

TEST_P(CentroidEngines, AreExactWhereEstimatesAreNot) {
  const Rows rows = rows_of_two_crowds(200, 300, 1), queries = rows_of_two_crowds(66, 300, 2);
  const Nearest expected = nearest_by_sorting(Metric::l2, rows, queries, 1);
  std::vector<int32_t> labels(66);
  nearest_centroid(exec(), rows.view(), queries.view(), {labels.data(), 66}, {});
  EXPECT_EQ(labels, expected.ids);
}

}  // namespace
}  // namespace crisp
