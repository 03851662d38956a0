#include "kernels/statistics/percentiles.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <vector>

#include "cuda/random.h"
#include "kernels/segments/segment_statistics_row.h"
#include "kernels/statistics/percentiles_row.h"
#include "tests/engine.h"
#include "tests/golden_rows.h"

namespace crisp {
namespace {

class Percentiles : public EngineTest {};
CRISP_TEST_ENGINES(Percentiles);

TEST_P(Percentiles, AgreeWithNumpy) {
  const auto rows = golden_rows("statistics/golden.csv");
  const std::vector<double> percents = {0, 10, 25, 50, 90, 99.5, 100};
  for (const GoldenRow& row : rows) {
    if (row.kind != "values") continue;
    const std::vector<float> narrow(row.values.begin(), row.values.end());
    const auto got =
        column_percentiles(exec(), MatrixView<const float>{narrow.data(), static_cast<int64_t>(narrow.size()), 1, 1}, percents);
    const auto& want = golden_row(rows, row.name, "percentiles").values;
    for (size_t k = 0; k < want.size(); ++k)
      EXPECT_NEAR(got[0][k], want[k], 1e-15 + 1e-13 * std::abs(want[k])) << row.name << k;
  }
}

TEST_P(Percentiles, ColumnsTasksAndExtremesKeepApart) {
  constexpr int64_t kRows = 600'000;  // more than two tasks
  std::vector<float> data(kRows * 3);
  for (int64_t i = 0; i < kRows; ++i) {
    data[static_cast<size_t>(3 * i)] = static_cast<float>((i * 7919) % kRows);
    data[static_cast<size_t>(3 * i + 1)] = NAN;
    data[static_cast<size_t>(3 * i + 2)] = i % 2 == 0 ? -INFINITY : 1e-45f;
  }
  const std::vector<double> percents = {50, 0, 100};
  const auto got = column_percentiles(exec(), MatrixView<const float>{data.data(), kRows, 3, 3}, percents);
  EXPECT_EQ(got[0], (std::vector<double>{(kRows - 1) / 2.0, 0, kRows - 1}));
  EXPECT_TRUE(std::isnan(got[1][0]));
  EXPECT_EQ(got[2][1], -INFINITY);
  EXPECT_EQ(got[2][2], static_cast<double>(1e-45f));
}

TEST(PercentileKeys, KeepTheOrderOfFloats) {
  const std::vector<float> ascending = {-INFINITY, -3e38f, -1, -1e-45f, -0.0f,
                                        0.0f,      1e-45f, 1,  3e38f,   INFINITY};
  for (size_t i = 0; i < ascending.size(); ++i) {
    EXPECT_EQ(value_of_key<float>(ordered_key(ascending[i])), ascending[i]);
    if (i > 0) {
      EXPECT_LT(ordered_key(ascending[i - 1]), ordered_key(ascending[i]));
    }
  }
}

TEST(PercentileKeys, KeepTheOrderOfDoubles) {
  const std::vector<double> ascending = {-INFINITY, -1e308, -1, -5e-324, -0.0, 0.0, 5e-324, 1, 1 + 2e-16, 1e308, INFINITY};
  for (size_t i = 0; i < ascending.size(); ++i) {
    const uint64_t key = ordered_key(ascending[i]);
    EXPECT_EQ(value_of_key<double>(key), ascending[i]);
    if (i > 0) {
      EXPECT_LT(ordered_key(ascending[i - 1]), key);
    }
    uint64_t again = 0;
    for (int digit = 0; digit < KeyOf<double>::kDigits; ++digit) {
      again |= uint64_t{key_digit<double>(key, digit)} << bits_behind<double>(digit);
    }
    EXPECT_EQ(again, key);
  }
}

TEST_P(Percentiles, OfDoublesAreThoseOfNumpyToTheLastBit) {
  const auto rows = golden_rows("statistics/golden.csv");
  const std::vector<double> percents = {0, 10, 25, 50, 90, 99.5, 100};
  for (const GoldenRow& row : rows) {
    if (row.kind != "values") continue;
    const auto size = static_cast<int64_t>(row.values.size());
    const auto got = column_percentiles(exec(), MatrixView<const double>{row.values.data(), size, 1, 1}, percents);
    EXPECT_EQ(got[0], golden_row(rows, row.name, "percentiles").values) << row.name;
  }
}

/// Doubles that differ in their last bits only, huge and tiny ones, and missing ones.
std::vector<double> hard_values(int64_t rows, int64_t columns) {
  std::vector<double> out(static_cast<size_t>(rows * columns));
  for (size_t i = 0; i < out.size(); ++i) {
    const double u = random_uniform(5, 0, i);
    out[i] = i % 11 == 3 ? NAN : i % 3 == 0 ? 1 + static_cast<double>(random_below(5, 1, i, 50)) * 0x1p-52 : (u - 0.5) * std::pow(10, 40 * u);
  }
  return out;
}

TEST_P(Percentiles, OfBlocksAreThoseOfTheWhole) {
  constexpr int64_t kRows = 5000, kColumns = 3, kBlock = 700;
  const std::vector<double> values = hard_values(kRows, kColumns), percents = {0, 1, 25, 50, 50, 99, 100};
  for (const int64_t collect : {0, 100, 3000, 1'000'000}) {
    PercentileSearch<double> search(kColumns, percents, collect);
    int passes = 0;
    for (; !search.done(); search.end_pass(), ++passes) {
      for (int64_t begin = 0; begin < kRows; begin += kBlock) {
        search.add(exec(), {values.data() + begin * kColumns, std::min(kBlock, kRows - begin), kColumns, kColumns});
      }
    }
    EXPECT_EQ(passes, collect == 1'000'000 ? 2 : passes);
    for (int64_t j = 0; j < kColumns; ++j) {
      std::vector<double> sorted;
      for (int64_t i = 0; i < kRows; ++i) {
        const double value = values[static_cast<size_t>(i * kColumns + j)];
        if (value == value) sorted.push_back(value);
      }
      std::sort(sorted.begin(), sorted.end());
      const auto answers = search.answers()[static_cast<size_t>(j)];
      for (size_t k = 0; k < percents.size(); ++k) {
        const PercentilePlace at = percentile_place(static_cast<int64_t>(sorted.size()), percents[k]);
        const auto index = static_cast<size_t>(at.index);
        EXPECT_EQ(answers[k], between(sorted[index], sorted[std::min(index + 1, sorted.size() - 1)], at.share)) << collect;
      }
    }
  }
}

TEST_P(Percentiles, HistogramsCountEachBinWithItsLowerEdge) {
  const std::vector<double> values = {0, 0.24, 0.25, 0.5, 1, 1.01, -0.01, NAN};
  EXPECT_EQ(histogram(exec(), {values.data(), 8}, 0, 1, 4), (std::vector<int64_t>{2, 1, 1, 1}));
}

}  // namespace
}  // namespace crisp
