#include "kernels/distance/neighbours.h"

#include <gtest/gtest.h>

#include "cuda/error.h"
#include "tests/golden_rows.h"
#include "tests/kernels_distance/rows.h"

namespace crisp {
namespace {

Nearest search(Metric metric, const Rows& rows, const Rows& queries, int64_t k, int threads = 2) {
  Exec exec(Device::cpu(), threads);
  Nearest out(queries.rows, k);
  nearest_neighbours(exec, NeighbourIndex(exec, metric, rows.view()), queries.view(), out.id_view(),
                     out.distance_view());
  return out;
}

void expect_exact(Metric metric, const Rows& rows, const Rows& queries, int64_t k) {
  const Nearest expected = nearest_by_sorting(metric, rows, queries, k);
  for (const CpuIsa isa : kIsas) {
    const IsaLimit limit(isa);
    const Nearest mine = search(metric, rows, queries, k);
    ASSERT_EQ(mine.ids, expected.ids) << "metric " << static_cast<int>(metric) << ", isa " << static_cast<int>(isa);
    ASSERT_EQ(bits_of(mine.distances), bits_of(expected.distances));
  }
}

TEST(Neighbours, EqualScikitLearn) {
  const auto truth = golden_rows("distance/golden.csv");
  const auto golden = [&](const char* name) {
    const std::vector<double>& values = golden_row(truth, name, "values").values;
    return Rows{std::vector<float>(values.begin(), values.end()), static_cast<int64_t>(values.size()) / 5, 5};
  };
  const char* names[] = {"l2", "l2_squared", "l1", "cosine"};
  for (const Metric metric : kMetrics) {
    const std::vector<double>& ids = golden_row(truth, names[static_cast<int>(metric)], "neighbours").values;
    const Nearest mine = search(metric, golden("rows"), golden("queries"), 6);
    EXPECT_EQ(mine.ids, std::vector<int32_t>(ids.begin(), ids.end())) << names[static_cast<int>(metric)];
  }
}

TEST(Neighbours, AreExactForAllSizes) {
  for (const Metric metric : kMetrics) {
    for (const auto& [rows, columns, k] : {std::tuple<int64_t, int64_t, int64_t>{1, 1, 1}, {5, 1, 5}, {31, 33, 3},
                                           {32, 2, 32}, {33, 16, 1}, {400, 17, 400}, {1500, 129, 40}}) {
      expect_exact(metric, random_rows(rows, columns, 1), random_rows(25, columns, 2), k);
    }
  }
}

// The dot products of such rows have no digit left of their differences.
TEST(Neighbours, AreExactForNearRowsFarFromZero) {
  Rows rows = random_rows(700, 33, 3, 1e5);
  for (int64_t i = 1; i < 300; ++i) {  // equal to the first one, but for one column by as little as can be
    std::copy_n(rows.values.begin(), 33, rows.values.begin() + i * 33);
    if (i % 3 != 0) rows.at(i, i % 33) = std::nextafter(rows.at(i, i % 33), 2e5f);
  }
  for (const Metric metric : kMetrics) expect_exact(metric, rows, Rows{{rows.values.begin(), rows.values.begin() + 66}, 2, 33}, 50);
}

TEST(Neighbours, AreExactWhereEstimatesAreNot) {
  for (const int64_t columns : {4, 700}) {
    const Rows rows = rows_of_two_crowds(600, columns, 1), queries = rows_of_two_crowds(30, columns, 2);
    for (const Metric metric : kMetrics) expect_exact(metric, rows, queries, 9);
  }
}

TEST(Neighbours, OfEqualDistanceComeInTheOrderOfTheRows) {
  Rows rows{std::vector<float>(500 * 3, 1.0f), 500, 3};
  const Nearest mine = search(Metric::l2, rows, Rows{{4, 5, 1}, 1, 3}, 100);
  for (int32_t i = 0; i < 100; ++i) {
    ASSERT_EQ(mine.ids[static_cast<size_t>(i)], i);
    ASSERT_EQ(mine.distances[static_cast<size_t>(i)], 5.0f);
  }
}

TEST(Neighbours, WithoutADistanceComeLast) {
  Rows rows = random_rows(90, 5, 4), queries = random_rows(4, 5, 5);
  for (int64_t i = 0; i < 90; i += 4) rows.at(i, i % 5) = i % 8 == 0 ? NAN : i % 3 == 0 ? INFINITY : -INFINITY;
  rows.at(50, 1) = 3e38f;  // whose squares are beyond float
  for (int64_t j = 0; j < 5; ++j) rows.at(51, j) = 0.0f;  // no direction
  queries.at(1, 2) = NAN;
  queries.at(2, 0) = INFINITY;
  queries.at(3, 1) = 3e38f;
  for (const Metric metric : kMetrics) {
    for (const int64_t k : {7, 90}) expect_exact(metric, rows, queries, k);
  }
  expect_exact(Metric::l2, rows, Rows{{0, 1e20f, 0, 0, 0, 1e-30f, 0, 0, 0, 0}, 2, 5}, 60);
}

TEST(Neighbours, AreEqualForEveryThreadCountAndCut) {
  const Rows rows = random_rows(40'000, 6, 6);  // more than two segments
  for (const int64_t count : {1, 300}) {
    const Rows queries = random_rows(count, 6, 7);
    const Nearest expected = search(Metric::l2, rows, queries, 1000 / count + 3, 1);
    for (const int threads : {2, 7, 64}) {
      const Nearest mine = search(Metric::l2, rows, queries, 1000 / count + 3, threads);
      ASSERT_EQ(mine.ids, expected.ids);
      ASSERT_EQ(mine.distances, expected.distances);
    }
    const Nearest sorted = nearest_by_sorting(Metric::l2, rows, queries, 1000 / count + 3);
    ASSERT_EQ(expected.ids, sorted.ids);
  }
}

TEST(Neighbours, RefuseWhatCannotBe) {
  const auto message = [](const Rows& rows, const Rows& queries, int64_t k) -> std::string {
    try {
      search(Metric::l2, rows, queries, k);
    } catch (const Error& error) {
      return error.message();
    }
    return "";
  };
  const Rows rows = random_rows(3, 2, 1);
  EXPECT_EQ(message(rows, rows, 4), "cannot look for 4 neighbours among 3 rows: ask for fewer");
  EXPECT_EQ(message(rows, rows, 0), "cannot look for 0 neighbours: from 1 to 1024 are possible");
  EXPECT_EQ(message(random_rows(2000, 2, 1), rows, 1025), "cannot look for 1025 neighbours: from 1 to 1024 are possible");
  EXPECT_EQ(message(rows, random_rows(1, 3, 1), 1), "the rows have 3 columns, those to search have 2");
  EXPECT_EQ(message(random_rows(0, 2, 1), rows, 1), "no rows to look for neighbours among");
  EXPECT_TRUE(search(Metric::l2, rows, random_rows(0, 2, 1), 2).ids.empty());
}

}  // namespace
}  // namespace crisp
