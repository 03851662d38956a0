#include "kernels/distance/kmeans.h"

#include <gtest/gtest.h>

#include <set>

#include "cuda/error.h"
#include "kernels/distance/centroids.h"
#include "kernels/distance/kmeans_row.h"
#include "tests/golden_rows.h"
#include "tests/kernels_distance/rows.h"

namespace crisp {
namespace {

Rows golden(const std::string& name, const std::string& kind) {
  const std::vector<double> values = golden_row(golden_rows("distance/golden.csv"), name, kind).values;
  return {std::vector<float>(values.begin(), values.end()), static_cast<int64_t>(values.size()) / 5, 5};
}

TEST(KMeans, EqualsScikitLearn) {
  Exec exec;
  const Rows rows = golden("rows", "values");
  for (const char* name : {"near", "empty"}) {
    SCOPED_TRACE(name);
    const Rows start = golden(name, "start"), expected = golden(name, "centroids");
    const KMeans mine = fit_kmeans(exec, rows.view(), {4, 300, 1e-4}, start.view());
    const auto truth = golden_rows("distance/golden.csv");
    const std::vector<double> labels = golden_row(truth, name, "labels").values, fit = golden_row(truth, name, "fit").values;
    EXPECT_EQ(mine.labels, std::vector<int32_t>(labels.begin(), labels.end()));
    for (size_t i = 0; i < mine.centroids.size(); ++i) ASSERT_NEAR(mine.centroids[i], expected.values[i], 1e-5);
    EXPECT_NEAR(mine.inertia, fit[0], 1e-5 * fit[0]);
    EXPECT_EQ(static_cast<double>(mine.iterations), fit[1]);
    EXPECT_TRUE(mine.converged);
  }
}

/// Lloyd's algorithm as it is written in books, sums in long double.
std::vector<float> plain_lloyd(const Rows& rows, std::vector<float> centroids, int64_t iterations) {
  const int64_t d = rows.columns, k = static_cast<int64_t>(centroids.size()) / d;
  for (int64_t it = 0; it < iterations; ++it) {
    std::vector<long double> sums(centroids.size());
    std::vector<int64_t> counts(static_cast<size_t>(k));
    for (int64_t i = 0; i < rows.rows; ++i) {
      int64_t best = 0;
      for (int64_t c = 1; c < k; ++c) {
        if (measure(Metric::l2, &centroids[static_cast<size_t>(c * d)], rows.view().row(i), d) <
            measure(Metric::l2, &centroids[static_cast<size_t>(best * d)], rows.view().row(i), d)) {
          best = c;
        }
      }
      for (int64_t j = 0; j < d; ++j) sums[static_cast<size_t>(best * d + j)] += rows.view().at(i, j);
      ++counts[static_cast<size_t>(best)];
    }
    for (size_t i = 0; i < sums.size(); ++i) {
      const auto count = counts[i / static_cast<size_t>(d)];
      if (count > 0) centroids[i] = static_cast<float>(sums[i] / static_cast<long double>(count));
    }
  }
  return centroids;
}

TEST(KMeans, EqualsPlainLloyd) {
  for (const int64_t columns : {1, 3, 33}) {
    const Rows rows = random_rows(5000, columns, 1, 40);
    const std::vector<float> start(rows.values.begin(), rows.values.begin() + 20 * columns);
    Exec exec;
    const KMeans mine = fit_kmeans(exec, rows.view(), {20, 7, 0.0}, {start.data(), 20, columns, columns});
    const std::vector<float> expected = plain_lloyd(rows, start, 7);
    for (size_t i = 0; i < expected.size(); ++i) ASSERT_NEAR(mine.centroids[i], expected[i], 1e-5 * std::abs(expected[i]));
    double inertia = 0;
    for (int64_t i = 0; i < rows.rows; ++i) {
      const auto label = static_cast<size_t>(mine.labels[static_cast<size_t>(i)]);
      inertia += measure(Metric::l2, &mine.centroids[label * static_cast<size_t>(columns)], rows.view().row(i), columns);
    }
    EXPECT_NEAR(mine.inertia, inertia, 1e-11 * inertia);
  }
}

TEST(KMeans, IsEqualForEveryInstructionSetAndThreadCount) {
  const Rows rows = random_rows(9000, 13, 2);
  const auto fit = [&](int threads) {
    Exec exec(Device::cpu(), threads);
    return fit_kmeans(exec, rows.view(), {17, 30, 1e-4}, 5);
  };
  const KMeans expected = fit(1);
  for (const CpuIsa isa : kIsas) {
    const IsaLimit limit(isa);
    for (const int threads : {1, 2, 7, 64}) {
      const KMeans mine = fit(threads);
      ASSERT_EQ(mine.centroids, expected.centroids);
      ASSERT_EQ(mine.labels, expected.labels);
      ASSERT_EQ(mine.inertia, expected.inertia);
      ASSERT_EQ(mine.iterations, expected.iterations);
    }
  }
}

TEST(KMeans, BeginsWithRowsOfEveryCluster) {
  Rows rows = random_rows(6000, 4, 3);
  for (int64_t i = 0; i < rows.rows; ++i) {
    for (int64_t j = 0; j < 4; ++j) rows.at(i, j) += static_cast<float>(100 * (i % 12) * (j + 1));
  }
  Exec exec;
  for (uint64_t seed = 0; seed < 20; ++seed) {
    std::set<int64_t> clusters;
    for (const int64_t row : kmeans_plus_plus(exec, rows.view(), 12, seed)) clusters.insert(row % 12);
    EXPECT_EQ(clusters.size(), 12u);
  }
  EXPECT_NE(kmeans_plus_plus(exec, rows.view(), 12, 1), kmeans_plus_plus(exec, rows.view(), 12, 2));
}

TEST(KMeans, ManagesEqualRows) {
  Exec exec;
  const Rows rows{std::vector<float>(300, 2.5f), 100, 3};
  const KMeans fitted = fit_kmeans(exec, rows.view(), {5, 10, 1e-4}, 1);
  EXPECT_EQ(fitted.centroids, std::vector<float>(15, 2.5f));
  EXPECT_EQ(fitted.labels, std::vector<int32_t>(100, 0));
  EXPECT_EQ(fitted.inertia, 0.0);
  const Rows few = random_rows(6, 2, 1);
  const KMeans each = fit_kmeans(exec, few.view(), {6, 10, 1e-4}, 1);
  EXPECT_EQ(each.inertia, 0.0);
  EXPECT_EQ(fit_kmeans(exec, few.view(), {1, 10, 0.0}, 1).labels, std::vector<int32_t>(6, 0));
}

TEST(KMeans, AddsExactly) {
  using namespace kmeans;
  EXPECT_EQ(fixed_value(3.0f, 4.0), 12);
  EXPECT_EQ(fixed_value(-3.3f, 1.0), -3);
  for (const double largest : {1e-40, 0.7, 1.0, 3e14}) {
    const double factor = fixed_factor(largest, 200'000);
    EXPECT_LT(std::abs(static_cast<double>(fixed_value(static_cast<float>(largest), factor))) * 200'000, 0x1p62);
    EXPECT_GE(largest * factor, 0x1p43);
  }
}

TEST(KMeans, RefusesWhatCannotBeClustered) {
  const auto message = [](const Rows& rows, const KMeansParams& params) -> std::string {
    Exec exec;
    try {
      fit_kmeans(exec, rows.view(), params, 1);
    } catch (const Error& error) {
      return error.message();
    }
    return "";
  };
  Rows rows = random_rows(4, 2, 1);
  EXPECT_EQ(message(rows, {5}), "cannot make 5 clusters of 4 rows: ask for fewer");
  EXPECT_EQ(message(rows, {0}), "cannot make 0 clusters: at least one");
  EXPECT_EQ(message(rows, {2, 0}), "k-means needs at least one iteration, not 0");
  EXPECT_EQ(message(rows, {2, 1, NAN}), "the tolerance of k-means must be 0 or more");
  rows.at(2, 1) = INFINITY;
  EXPECT_EQ(message(rows, {2}), "column 2 has a value that is infinite or beyond 2^50: scale it before clustering");
  rows.at(2, 1) = NAN;
  EXPECT_EQ(message(rows, {2}), "column 2 has 1 missing values: clusters need all of them");
}

TEST(NearestCentroid, IsExact) {
  for (const int64_t count : {1, 2, 12, 13, 70}) {
    Rows centroids = random_rows(count, 33, 1, 1000), rows = random_rows(3000, 33, 2, 1000);
    // Rows half-way between two centroids, and on one of two equal ones.
    for (int64_t i = 0; i < 300 && count > 1; ++i) {
      for (int64_t j = 0; j < 33; ++j) rows.at(i, j) = (centroids.at(i % count, j) + centroids.at((i + 1) % count, j)) / 2;
    }
    rows.at(400, 3) = NAN;
    rows.at(401, 3) = 3e38f;
    Exec exec;
    std::vector<int32_t> labels(3000);
    std::vector<float> distances(3000);
    const Nearest expected = nearest_by_sorting(Metric::l2, centroids, rows, 1);
    for (const CpuIsa isa : kIsas) {
      const IsaLimit limit(isa);
      nearest_centroid(exec, centroids.view(), rows.view(), {labels.data(), 3000}, {distances.data(), 3000});
      ASSERT_EQ(labels, expected.ids);
      ASSERT_EQ(bits_of(distances), bits_of(expected.distances));
    }
  }
}

TEST(NearestCentroid, IsExactWhereEstimatesAreNot) {
  const Rows centroids = rows_of_two_crowds(26, 33, 1), rows = rows_of_two_crowds(2000, 33, 2);
  const Nearest expected = nearest_by_sorting(Metric::l2, centroids, rows, 1);
  Exec exec;
  for (const CpuIsa isa : kIsas) {
    const IsaLimit limit(isa);
    std::vector<int32_t> labels(2000);
    nearest_centroid(exec, centroids.view(), rows.view(), {labels.data(), 2000}, {});
    ASSERT_EQ(labels, expected.ids);
  }
}

}  // namespace
}  // namespace crisp
