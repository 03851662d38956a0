#include "kernels/statistics/column_statistics.h"

#include <gtest/gtest.h>

#include <cmath>
#include <cstring>
#include <vector>

#include "cuda/cpu_isa.h"
#include "cuda/random.h"
#include "kernels/statistics/joined_statistics.h"
#include "tests/engine.h"
#include "tests/golden_rows.h"

namespace crisp {
namespace {

class ColumnStatisticsTest : public EngineTest {};
CRISP_TEST_ENGINES(ColumnStatisticsTest);

void expect_golden(const ColumnStatistics& got, const std::vector<double>& want, const std::string& name) {
  EXPECT_EQ(got.count, want[0]) << name;
  EXPECT_NEAR(got.mean, want[1], 1e-12 * (1e-6 + std::abs(want[1]))) << name;
  EXPECT_NEAR(got.variance / want[2], 1, 1e-11) << name;
  EXPECT_NEAR(got.skewness, want[3], 1e-9) << name;
  EXPECT_NEAR(got.kurtosis, want[4], 1e-9) << name;
  EXPECT_EQ(got.low, want[5]) << name;
  EXPECT_EQ(got.high, want[6]) << name;
}

TEST_P(ColumnStatisticsTest, AgreesWithNumpyAndScipy) {
  const auto rows = golden_rows("statistics/golden.csv");
  for (const GoldenRow& row : rows) {
    if (row.kind != "values") continue;
    const int64_t size = static_cast<int64_t>(row.values.size());
    const std::vector<float> narrow(row.values.begin(), row.values.end());
    const auto& want = golden_row(rows, row.name, "statistics").values;
    expect_golden(column_statistics(exec(), MatrixView<const float>{narrow.data(), size, 1, 1})[0], want,
                  row.name);
    expect_golden(column_statistics(exec(), ArrayView<const double>{row.values.data(), size}), want,
                  row.name);
  }
}

std::vector<float> random_matrix(int64_t rows, int64_t ld) {
  std::vector<float> data(static_cast<size_t>(rows * ld));
  for (size_t k = 0; k < data.size(); ++k) {
    data[k] = static_cast<float>(random_uniform(3, 0, k) * 100 - 20);
    if (random_below(3, 1, k, 50) == 0) data[k] = NAN;
  }
  return data;
}

TEST(ColumnStatisticsEngines, EqualBitsForEveryInstructionSetAndThreadCount) {
  for (const int64_t columns : {1, 3, 4, 8, 13, 16, 29, 33}) {
    const int64_t rows = 3 * kStatisticsChunk + 700;
    const std::vector<float> data = random_matrix(rows, columns);
    std::vector<ColumnStatistics> reference;
    for (const CpuIsa isa : {CpuIsa::baseline, CpuIsa::avx2, CpuIsa::avx512}) {
      for (const int threads : {1, 2, 5}) {
        isa_limit() = isa;
        Exec exec(Device::cpu(), threads);
        const auto got = column_statistics(exec, {data.data(), rows, columns, columns});
        if (reference.empty()) reference = got;
        ASSERT_EQ(std::memcmp(got.data(), reference.data(), got.size() * sizeof got[0]), 0)
            << columns << " " << threads;
      }
    }
    isa_limit() = CpuIsa::avx512;
  }
}

TEST_P(ColumnStatisticsTest, LargeOffsetsAndAnOutlyingFirstRowLoseNothing) {
  std::vector<float> data;
  for (int i = 0; i < 100'000; ++i) data.push_back(16'000'000.0f + static_cast<float>(i % 2));
  data[0] = 0.0f;
  data[0] = 15'999'000.0f;
  const ColumnStatistics got = column_statistics(exec(), {data.data(), 100'000, 1, 1})[0];
  EXPECT_NEAR(got.variance, 10.2609, 1e-3);
}

TEST_P(ColumnStatisticsTest, PartsJoinToTheWhole) {
  const auto rows = golden_rows("statistics/golden.csv");
  for (const GoldenRow& row : rows) {
    if (row.kind != "values") continue;
    const auto size = static_cast<int64_t>(row.values.size());
    for (const int64_t part : {size / 3 + 1, size / 2 + 1}) {
      ColumnStatistics whole;
      for (int64_t begin = 0; begin < size; begin += part) {
        whole = joined(whole, column_statistics(exec(), {row.values.data() + begin, std::min(part, size - begin)}));
      }
      expect_golden(whole, golden_row(rows, row.name, "statistics").values, row.name);
    }
  }
}

TEST(JoinedStatistics, LoseNothingWherePartsLieFarApart) {
  Exec exec(Device::cpu(), 1);
  std::vector<double> values;
  for (int i = 0; i < 4096; ++i) values.push_back(i % 2);
  for (int i = 0; i < 4096; ++i) values.push_back(1e9 + i % 2);
  ColumnStatistics far, near;
  for (size_t begin = 0; begin < values.size(); begin += 1024) {
    far = joined(far, column_statistics(exec, {values.data() + begin, 1024}));
    if (begin >= 4096) near = joined(near, column_statistics(exec, {values.data() + begin, 1024}));
  }
  EXPECT_NEAR(near.variance, 0.25 * 4096 / 4095, 1e-12);
  EXPECT_NEAR(far.variance / (2.5e17 * 8192 / 8191), 1, 1e-9);
  EXPECT_NEAR(far.kurtosis, -2, 1e-6);
}

TEST_P(ColumnStatisticsTest, EmptyBlankConstantAndInfiniteColumns) {
  const std::vector<float> data = {NAN, 2, INFINITY, NAN, 2, 1};
  const auto got = column_statistics(exec(), {data.data(), 2, 3, 3});
  EXPECT_EQ(got[0].missing, 2);
  EXPECT_TRUE(std::isnan(got[0].mean) && std::isnan(got[0].low));
  EXPECT_EQ(got[1].variance, 0.0);
  EXPECT_TRUE(std::isnan(got[1].skewness));
  EXPECT_EQ(got[2].high, INFINITY);
  EXPECT_FALSE(std::isfinite(got[2].mean));
  EXPECT_EQ(column_statistics(exec(), MatrixView<const float>{nullptr, 0, 2, 2})[1].count, 0);
  EXPECT_EQ(column_statistics(exec(), ArrayView<const double>{nullptr, 0}).count, 0);
}

}  // namespace
}  // namespace crisp
