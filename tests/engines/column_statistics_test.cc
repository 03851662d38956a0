#include "kernels/statistics/column_statistics.h"

#include <cstring>

#include "cuda/buffer.h"
#include "cuda/random.h"
#include "tests/engine.h"

namespace crisp {
namespace {

/// Bits of every field: NaN equals NaN, -0 differs from 0.
std::vector<uint64_t> bits(const ColumnStatistics& s) {
  std::vector<uint64_t> out = {static_cast<uint64_t>(s.count), static_cast<uint64_t>(s.missing)};
  for (const double value : {s.mean, s.variance, s.skewness, s.kurtosis, s.low, s.high}) {
    out.push_back(0);
    std::memcpy(&out.back(), &value, sizeof value);
    if (value != value) out.back() = ~0ull;
  }
  return out;
}

/// Skewed values about a large offset, every 11th missing, one column constant, one without values.
std::vector<float> some_rows(int64_t rows, int64_t ld) {
  std::vector<float> out(static_cast<size_t>(rows * ld));
  for (int64_t i = 0; i < rows * ld; ++i) {
    const double u = random_uniform(5, 1, static_cast<uint64_t>(i));
    out[i] = i % 11 == 0 ? NAN : static_cast<float>(1000.0 * static_cast<double>(i % ld % 3) + u * u * u);
    if (i % ld == 1) out[i] = 7.0f;
    if (i % ld == 2) out[i] = NAN;
  }
  return out;
}

class ColumnStatisticsEngines : public EngineTest {
 protected:
  void expect_equal(MatrixView<const float> rows, MatrixView<const float> there) {
    const auto mine = column_statistics(exec(), there), expected = column_statistics(cpu(), rows);
    ASSERT_EQ(mine.size(), expected.size());
    for (size_t j = 0; j < mine.size(); ++j) ASSERT_EQ(bits(mine[j]), bits(expected[j])) << "column " << j;
  }
};
CRISP_TEST_ENGINES(ColumnStatisticsEngines);

TEST_P(ColumnStatisticsEngines, GiveTheSameBits) {
  for (const auto& [rows, columns] : {std::pair<int64_t, int64_t>{1, 3}, {255, 29}, {4096, 5}, {4097, 33}, {9001, 1},
                                      {13000, 8}, {300, 70}}) {
    const std::vector<float> values = some_rows(rows, columns + 3);
    const MatrixView<const float> view{values.data(), rows, columns, columns + 3};
    expect_equal(view, view);
  }
}

TEST_P(ColumnStatisticsEngines, GiveTheSameBitsOnDeviceMemory) {
  if (!exec().is_cuda()) GTEST_SKIP() << "no device memory";
  const std::vector<float> values = some_rows(5000, 8);
  const DeviceBuffer<float> device(exec(), values.data(), 40000);
  expect_equal({values.data(), 5000, 6, 8}, {device.data(), 5000, 6, 8});
}

TEST_P(ColumnStatisticsEngines, GiveTheSameBitsForOneColumnOfDoubles) {
  for (const int64_t size : {1, 31, 5000, 140000}) {
    std::vector<double> values;
    for (int64_t i = 0; i < size; ++i) values.push_back(i % 9 == 4 ? NAN : 1e9 + random_uniform(2, 1, i));
    const ArrayView<const double> view{values.data(), size};
    EXPECT_EQ(bits(column_statistics(exec(), view)), bits(column_statistics(cpu(), view))) << size;
  }
}

TEST_P(ColumnStatisticsEngines, TakeNoRows) {
  EXPECT_EQ(column_statistics(exec(), MatrixView<const float>{nullptr, 0, 2, 2}).size(), 2u);
  EXPECT_EQ(column_statistics(exec(), ArrayView<const double>{}).count, 0);
}

}  // namespace
}  // namespace crisp
