#include "kernels/statistics/percentiles.h"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>
#include <vector>

#include "cuda/random.h"
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
        column_percentiles(exec(), {narrow.data(), static_cast<int64_t>(narrow.size()), 1, 1}, percents);
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
  const auto got = column_percentiles(exec(), {data.data(), kRows, 3, 3}, percents);
  EXPECT_EQ(got[0], (std::vector<double>{(kRows - 1) / 2.0, 0, kRows - 1}));
  EXPECT_TRUE(std::isnan(got[1][0]));
  EXPECT_EQ(got[2][1], -INFINITY);
  EXPECT_EQ(got[2][2], static_cast<double>(1e-45f));
}

TEST(PercentileKeys, KeepTheOrderOfFloats) {
  const std::vector<float> ascending = {-INFINITY, -3e38f, -1, -1e-45f, -0.0f,
                                        0.0f,      1e-45f, 1,  3e38f,   INFINITY};
  for (size_t i = 0; i < ascending.size(); ++i) {
    EXPECT_EQ(value_of_key(ordered_key(ascending[i])), ascending[i]);
    if (i > 0) {
      EXPECT_LT(ordered_key(ascending[i - 1]), ordered_key(ascending[i]));
    }
  }
}

TEST_P(Percentiles, HistogramsCountEachBinWithItsLowerEdge) {
  const std::vector<double> values = {0, 0.24, 0.25, 0.5, 1, 1.01, -0.01, NAN};
  EXPECT_EQ(histogram(exec(), {values.data(), 8}, 0, 1, 4), (std::vector<int64_t>{2, 1, 1, 1}));
}

}  // namespace
}  // namespace crisp
