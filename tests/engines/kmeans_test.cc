#include "kernels/distance/kmeans.h"
#include "tests/engine.h"
#include "tests/kernels_distance/rows.h"

namespace crisp {
namespace {

class KMeansEngines : public EngineTest {};
CRISP_TEST_ENGINES(KMeansEngines);

TEST_P(KMeansEngines, ClusterAlike) {
  const Rows rows = random_rows(1500, 7, 4, 20);  // two chunks
  EXPECT_EQ(kmeans_plus_plus(exec(), rows.view(), 9, 3), kmeans_plus_plus(cpu(), rows.view(), 9, 3));
  const KMeans mine = fit_kmeans(exec(), rows.view(), {9, 6, 0.0}, 3), expected = fit_kmeans(cpu(), rows.view(), {9, 6, 0.0}, 3);
  EXPECT_EQ(mine.centroids, expected.centroids);
  EXPECT_EQ(mine.labels, expected.labels);
  EXPECT_EQ(mine.inertia, expected.inertia);
  EXPECT_EQ(mine.iterations, expected.iterations);
}

TEST_P(KMeansEngines, FillEmptyClustersAlike) {
  const Rows rows = random_rows(300, 2, 5);
  const std::vector<float> start = {0, 0, 50, 50, 60, 60, 0.1f, 0};
  const auto fit = [&](Exec& on) { return fit_kmeans(on, rows.view(), {4, 5, 0.0}, {start.data(), 4, 2, 2}); };
  const KMeans mine = fit(exec());
  EXPECT_EQ(mine.centroids, fit(cpu()).centroids);
  for (const float value : mine.centroids) EXPECT_LT(std::abs(value), 1.0f);
}

}  // namespace
}  // namespace crisp
