#include "kernels/distance/pairwise.h"

#include <gtest/gtest.h>

#include "cuda/error.h"
#include "tests/golden_rows.h"
#include "tests/kernels_distance/rows.h"

namespace crisp {
namespace {

std::vector<float> all_distances(Metric metric, const Rows& a, const Rows& b, int threads = 2) {
  Exec exec(Device::cpu(), threads);
  std::vector<float> out(static_cast<size_t>(a.rows * b.rows));
  pairwise_distance(exec, metric, a.view(), b.view(), {out.data(), a.rows, b.rows, b.rows});
  return out;
}

Rows golden(const char* name) {
  const std::vector<double> values = golden_row(golden_rows("distance/golden.csv"), name, "values").values;
  return {std::vector<float>(values.begin(), values.end()), static_cast<int64_t>(values.size()) / 5, 5};
}

TEST(Pairwise, EqualsScipy) {
  const auto truth = golden_rows("distance/golden.csv");
  const Rows rows = golden("rows"), queries = golden("queries");
  const char* names[] = {"l2", "l2_squared", "l1", "cosine"};
  for (const Metric metric : kMetrics) {
    const std::vector<double>& expected = golden_row(truth, names[static_cast<int>(metric)], "distances").values;
    const std::vector<float> mine = all_distances(metric, queries, rows);
    ASSERT_EQ(mine.size(), expected.size());
    for (size_t i = 0; i < mine.size(); ++i) {
      ASSERT_NEAR(mine[i], expected[i], 1e-6 * expected[i] + 2e-7) << names[static_cast<int>(metric)] << " " << i;
    }
  }
}

// |a|^2 + |b|^2 - 2 a.b in float gives 0 here, or tens too much.
TEST(Pairwise, KeepsTheDigitsOfNearRows) {
  Rows a = random_rows(40, 33, 1, 1e4), b = a;
  for (int64_t i = 0; i < b.rows; ++i) b.at(i, i % 33) += 0.125f;
  const std::vector<float> squared = all_distances(Metric::l2_squared, a, b), l1 = all_distances(Metric::l1, a, b);
  for (int64_t i = 0; i < a.rows; ++i) {
    EXPECT_EQ(squared[static_cast<size_t>(i * 40 + i)], 0.015625f);
    EXPECT_EQ(l1[static_cast<size_t>(i * 40 + i)], 0.125f);
  }
  for (const Metric metric : kMetrics) {
    const std::vector<float> own = all_distances(metric, a, a);
    for (size_t i = 0; i < 40; ++i) EXPECT_EQ(own[i * 41], 0.0f);
  }
  // Directions 1e-4 apart: 1 - cos = 5e-9 is nothing to a float beside 1.
  const Rows x{{1, 0}, 1, 2}, y{{1, 1e-4f}, 1, 2};
  EXPECT_NEAR(all_distances(Metric::cosine, x, y)[0], 5e-9, 1e-14);
}

TEST(Pairwise, StaysWithinItsBoundAtManyColumns) {
  for (const int64_t columns : {1, 7, 64, 65, 500, 3000}) {
    const Rows a = random_rows(5, columns, 3), b = random_rows(37, columns, 4);
    for (const Metric metric : {Metric::l2_squared, Metric::l1}) {
      const std::vector<float> mine = all_distances(metric, a, b);
      for (size_t i = 0; i < mine.size(); ++i) {
        const auto row = static_cast<int64_t>(i);
        const double exact = measure(metric, a.view().row(row / 37), b.view().row(row % 37), columns);
        ASSERT_NEAR(mine[i], exact, exact * (36 + static_cast<double>(columns) / 128) * 0x1p-23);
      }
    }
  }
}

TEST(Pairwise, IsEqualForEveryInstructionSetAndThreadCount) {
  const Rows a = random_rows(131, 70, 5), b = random_rows(77, 70, 6);
  for (const Metric metric : kMetrics) {
    const std::vector<float> expected = all_distances(metric, a, b, 1);
    for (const CpuIsa isa : kIsas) {
      const IsaLimit limit(isa);
      for (const int threads : {1, 2, 7, 64}) ASSERT_EQ(all_distances(metric, a, b, threads), expected);
    }
  }
}

TEST(Pairwise, SaysNanWhereADifferenceIsNan) {
  const Rows a{{1, NAN, INFINITY, 2, 0, 0}, 3, 2}, b{{1, 5, INFINITY, 3}, 2, 2};
  const std::vector<float> l2 = all_distances(Metric::l2, a, b), cosine = all_distances(Metric::cosine, a, b);
  EXPECT_TRUE(std::isnan(l2[0]) && std::isnan(l2[1]) && std::isnan(l2[3]));
  EXPECT_EQ(l2[2], INFINITY);
  EXPECT_EQ(l2[4], std::sqrt(26.0f));
  EXPECT_TRUE(std::isnan(cosine[0]) && std::isnan(cosine[2]) && std::isnan(cosine[5]));
  EXPECT_EQ(cosine[4], 1.0f);  // zeros have no direction
}

TEST(Pairwise, RefusesOtherWidths) {
  EXPECT_THROW(all_distances(Metric::l2, random_rows(2, 3, 1), random_rows(2, 4, 1)), Error);
  EXPECT_TRUE(all_distances(Metric::l2, random_rows(0, 3, 1), random_rows(2, 3, 1)).empty());
}

}  // namespace
}  // namespace crisp
