#include "kernels/anomaly/random_cut_forest.h"

#include <gtest/gtest.h>

#include <cstring>
#include <map>

#include "cuda/cpu_isa.h"
#include "cuda/error.h"
#include "tests/kernels_anomaly/forest_reference.h"

namespace crisp {
namespace {

std::vector<double> scores_of(Exec& exec, const RandomCutForest& forest, const ForestRows& rows) {
  std::vector<double> scores(rows.rows);
  score_random_cut_forest(exec, forest, derive_tables(exec, forest), rows.view(), scores);
  return scores;
}

void expect_reference_scores(const ForestRows& train, const ForestRows& test) {
  Exec exec(Device::cpu(), 2);
  const RandomCutForest forest = build_random_cut_forest(exec, train.view(), {20, 100}, 7);
  check_random_cut_forest(forest);
  const NaiveForest reference(forest);
  for (const ForestRows* rows : {&train, &test}) {
    const std::vector<double> scores = scores_of(exec, forest, *rows);
    for (int64_t i = 0; i < rows->rows; ++i) {
      ASSERT_NEAR(scores[i], reference.score(&rows->values[i * rows->columns]), 1e-6) << "row " << i;
    }
  }
}

TEST(RandomCutForest, ScoresHeavyTailedRowsAsDefined) {
  expect_reference_scores(heavy_tailed(300, 29, 1), heavy_tailed(700, 29, 2));
}
TEST(RandomCutForest, ScoresRowsFarFromZeroAsDefined) {
  expect_reference_scores(far_from_zero(300, 7, 1), far_from_zero(700, 7, 2));
}
TEST(RandomCutForest, ScoresDuplicatesAsDefined) {
  expect_reference_scores(duplicates(300, 4, 1), duplicates(300, 4, 2));
}
TEST(RandomCutForest, ScoresOneColumnAsDefined) {
  expect_reference_scores(heavy_tailed(150, 1, 1), heavy_tailed(300, 1, 2));
}
TEST(RandomCutForest, ScoresManyColumnsAsDefined) {
  expect_reference_scores(heavy_tailed(120, 203, 1), heavy_tailed(100, 203, 2));
}

class IsaLimit {
 public:
  explicit IsaLimit(CpuIsa isa) { isa_limit() = isa; }
  ~IsaLimit() { isa_limit() = CpuIsa::avx512; }
};

TEST(RandomCutForest, EngineThreadsAndNeighboursDoNotChangeABit) {
  for (const int64_t columns : {1, 3, 8, 29, 64, 65, 130}) {
    const ForestRows rows = heavy_tailed(5000, columns, 3);
    Exec one(Device::cpu(), 1);
    const RandomCutForest forest = build_random_cut_forest(one, rows.view(), {10, 200}, 5);
    const ForestTables tables = derive_tables(one, forest);
    std::vector<double> expected(rows.rows);
    {
      const IsaLimit limit(CpuIsa::baseline);
      for (int64_t i = 0; i < rows.rows; ++i) {
        const MatrixView<const float> row{rows.view().row(i), 1, columns, columns};
        score_random_cut_forest(one, forest, tables, row, {&expected[i], 1});
      }
    }
    for (const CpuIsa isa : {CpuIsa::baseline, CpuIsa::avx2, CpuIsa::avx512}) {
      const IsaLimit limit(isa);
      for (const int threads : {1, 2, 3, 64}) {
        Exec exec(Device::cpu(), threads);
        EXPECT_EQ(build_random_cut_forest(exec, rows.view(), {10, 200}, 5), forest) << threads;
        EXPECT_EQ(scores_of(exec, forest, rows), expected)
            << "engine " << static_cast<int>(isa) << ", " << columns;
      }
      for (const int64_t count : {1, 2, 15, 16, 17, 40, 63, 64, 65, 100}) {
        std::vector<double> scores(count);
        score_random_cut_forest(one, forest, tables, {rows.view().row(9), count, columns, columns}, scores);
        for (int64_t i = 0; i < count; ++i) EXPECT_EQ(scores[i], expected[9 + i]) << count << ", " << columns;
      }
    }
  }
}

TEST(RandomCutForest, NegativeZeroEqualsZero) {
  ForestRows rows = duplicates(200, 3, 4);
  Exec exec(Device::cpu(), 1);
  const RandomCutForest forest = build_random_cut_forest(exec, rows.view(), {10, 50}, 1);
  const std::vector<double> scores = scores_of(exec, forest, rows);
  for (float& value : rows.values) value += 0.0f;
  EXPECT_EQ(build_random_cut_forest(exec, rows.view(), {10, 50}, 1), forest);
  EXPECT_EQ(scores_of(exec, forest, rows), scores);
}

TEST(RandomCutForest, RowStrideIsHonoured) {
  const ForestRows rows = heavy_tailed(100, 5, 6);
  Exec exec(Device::cpu(), 1);
  std::vector<float> wide(100 * 16, 1e30f);
  for (int64_t i = 0; i < 100; ++i) std::copy_n(&rows.values[i * 5], 5, &wide[i * 16]);
  const RandomCutForest forest = build_random_cut_forest(exec, {wide.data(), 100, 5, 16}, {10, 50}, 1);
  EXPECT_EQ(forest, build_random_cut_forest(exec, rows.view(), {10, 50}, 1));
  std::vector<double> scores(100);
  score_random_cut_forest(exec, forest, derive_tables(exec, forest), {wide.data(), 100, 5, 16}, scores);
  EXPECT_EQ(scores, scores_of(exec, forest, rows));
}

TEST(RandomCutForest, EveryRowIsInTheTreesWhereTheSampleHoldsThemAll) {
  const ForestRows rows = duplicates(60, 3, 9);
  Exec exec(Device::cpu(), 1);
  const RandomCutForest forest = build_random_cut_forest(exec, rows.view(), {3, 1000}, 1);
  std::map<std::vector<float>, int> wanted;
  for (int64_t i = 0; i < rows.rows; ++i) {
    std::vector<float> point(&rows.values[i * 3], &rows.values[i * 3] + 3);
    ++wanted[point];
  }
  for (int64_t t = 0, leaf = 0; t < 3; ++t) {
    std::map<std::vector<float>, int> found;
    for (int64_t node = forest.tree_begin[t]; node < forest.tree_begin[t + 1]; ++node) {
      if (forest.cut_dimension[node] >= 0) continue;
      const float* point = &forest.leaf_points[3 * leaf++];
      found[{point, point + 3}] += forest.mass[node];
    }
    EXPECT_EQ(found, wanted);
  }
}

// Two points at distance (3, 1): the cut takes the first column 3 times of 4, and its value is uniform.
TEST(RandomCutForest, CutsInProportionToRangeAndUniformly) {
  const ForestRows rows{2, 2, {10, 5, 13, 6}};
  Exec exec(Device::cpu(), 2);
  const int64_t trees = 20000;
  const RandomCutForest forest = build_random_cut_forest(exec, rows.view(), {trees, 2}, 11);
  int64_t first = 0, lower_third = 0;
  for (int64_t t = 0; t < trees; ++t) {
    const int64_t root = forest.tree_begin[t];
    if (forest.cut_dimension[root] != 0) continue;
    ++first;
    lower_third += forest.cut_value[root] < 11;
  }
  EXPECT_NEAR(static_cast<double>(first) / trees, 0.75, 0.0125);  // four standard deviations
  EXPECT_NEAR(static_cast<double>(lower_third) / static_cast<double>(first), 1 / 3.0, 0.016);
}

TEST(RandomCutForest, SamplesEveryRowEquallyOften) {
  ForestRows rows{50, 1, {}};
  for (int i = 0; i < 50; ++i) rows.values.push_back(static_cast<float>(i));
  Exec exec(Device::cpu(), 2);
  const RandomCutForest forest = build_random_cut_forest(exec, rows.view(), {5000, 10}, 3);
  std::vector<int> taken(50);
  for (const float point : forest.leaf_points) ++taken[static_cast<int>(point)];
  for (const int count : taken) EXPECT_NEAR(count, 1000, 4.5 * std::sqrt(5000 * 0.2 * 0.8));
}

TEST(RandomCutForest, NeighbouringFloatsAreStillCutApart) {
  const float low = 1.0f, high = std::nextafter(1.0f, 2.0f);
  const ForestRows rows{4, 1, {low, high, -0.0f, -1e-45f}};
  Exec exec(Device::cpu(), 1);
  const RandomCutForest forest = build_random_cut_forest(exec, rows.view(), {200, 4}, 1);
  check_random_cut_forest(forest);
  EXPECT_EQ(forest.leaves(), 4 * 200);
}

TEST(RandomCutForest, RefusesValuesThatAreNotFiniteNamingTheFirst) {
  ForestRows rows = heavy_tailed(20000, 3, 1);
  rows.values[19000 * 3 + 1] = INFINITY;
  rows.values[170 * 3 + 2] = NAN;
  Exec exec(Device::cpu(), 4);
  try {
    build_random_cut_forest(exec, rows.view(), {10, 50}, 1);
    FAIL();
  } catch (const Error& error) {
    EXPECT_EQ(error.code(), Code::data);
    EXPECT_NE(error.message().find("row 170, column 2 is nan"), std::string::npos) << error.message();
  }
}

TEST(RandomCutForest, PartsAddUpToTheScore) {
  Exec exec(Device::cpu(), 2);
  for (const ForestRows& rows : {heavy_tailed(300, 29, 1), far_from_zero(200, 5, 1), duplicates(200, 3, 1)}) {
    const RandomCutForest forest = build_random_cut_forest(exec, rows.view(), {20, 64}, 7);
    const std::vector<double> scores = scores_of(exec, forest, rows);
    std::vector<double> parts(rows.rows * 2 * rows.columns);
    attribute_random_cut_forest(exec, forest, derive_tables(exec, forest), rows.view(),
                                {parts.data(), rows.rows, 2 * rows.columns, 2 * rows.columns});
    for (int64_t i = 0; i < rows.rows; ++i) {
      double sum = 0;
      for (int64_t k = 0; k < 2 * rows.columns; ++k) {
        EXPECT_GE(parts[i * 2 * rows.columns + k], 0);
        sum += parts[i * 2 * rows.columns + k];
      }
      EXPECT_NEAR(sum, scores[i], 1e-9 * scores[i]);
    }
  }
}

TEST(RandomCutForest, TheColumnAndDirectionThatStandOutGetTheBlame) {
  ForestRows rows = heavy_tailed(500, 6, 2);
  for (float& value : rows.values) value = std::fmod(value, 1.0f);
  rows.values[3 * 6 + 2] = 40;
  rows.values[4 * 6 + 5] = -40;
  Exec exec(Device::cpu(), 1);
  const RandomCutForest forest = build_random_cut_forest(exec, rows.view(), {50, 100}, 7);
  std::vector<double> parts(500 * 12);
  attribute_random_cut_forest(exec, forest, derive_tables(exec, forest), rows.view(),
                              {parts.data(), 500, 12, 12});
  const std::vector<double> scores = scores_of(exec, forest, rows);
  EXPECT_GT(parts[3 * 12 + 2 * 2], 0.8 * scores[3]);
  EXPECT_GT(parts[4 * 12 + 2 * 5 + 1], 0.8 * scores[4]);
}

TEST(RandomCutForest, ATreeOfOnePointScoresAndExplains) {
  const ForestRows rows{3, 2, {1, 2, 1, 2, 1, 2}};
  Exec exec(Device::cpu(), 1);
  const RandomCutForest forest = build_random_cut_forest(exec, rows.view(), {2, 8}, 7);
  ASSERT_EQ(forest.nodes(), 2);
  const ForestRows query{2, 2, {1, 2, 1, 5}};
  const std::vector<double> scores = scores_of(exec, forest, query);
  EXPECT_DOUBLE_EQ(scores[0], 0.25 * 2);  // (1 - 3/6) / log2(4), times log2(4), is 1/2
  EXPECT_DOUBLE_EQ(scores[1], 2);         // 1 / (0 + 1) times log2(4)
  std::vector<double> parts(2 * 4);
  attribute_random_cut_forest(exec, forest, derive_tables(exec, forest), query.view(),
                              {parts.data(), 2, 4, 4});
  EXPECT_EQ(parts, (std::vector<double>{0.125, 0.125, 0.125, 0.125, 0, 0, 2, 0}));
}

TEST(RandomCutForest, RefusesRowsOfAnotherWidth) {
  const ForestRows rows = heavy_tailed(20, 3, 1);
  Exec exec(Device::cpu(), 1);
  const RandomCutForest forest = build_random_cut_forest(exec, rows.view(), {10, 10}, 1);
  EXPECT_THROW(scores_of(exec, forest, heavy_tailed(20, 4, 1)), Error);
}

}  // namespace
}  // namespace crisp
