#include "kernels/statistics/percentiles.h"

#include <cmath>

#include "cuda/buffer.h"
#include "cuda/random.h"
#include "tests/engine.h"

namespace crisp {
namespace {

constexpr double kPercents[] = {0, 10, 25, 50, 50, 99.9, 100};

std::vector<float> some_rows(int64_t size) {
  std::vector<float> out(static_cast<size_t>(size));
  for (int64_t i = 0; i < size; ++i) {
    const double u = random_uniform(3, 1, static_cast<uint64_t>(i)) - 0.5;
    out[i] = i % 17 == 3 ? NAN : i % 5 == 0 ? 0.0f : static_cast<float>(u * u * u * 1e4);
  }
  return out;
}

class PercentileEngines : public EngineTest {};
CRISP_TEST_ENGINES(PercentileEngines);

TEST_P(PercentileEngines, AreEqual) {
  for (const auto& [rows, columns] : {std::pair<int64_t, int64_t>{1, 1}, {500, 29}, {70000, 2}, {37, 5}}) {
    const std::vector<float> values = some_rows(rows * (columns + 3));
    const MatrixView<const float> view{values.data(), rows, columns, columns + 3};
    EXPECT_EQ(column_percentiles(exec(), view, kPercents), column_percentiles(cpu(), view, kPercents));
  }
}

TEST_P(PercentileEngines, AreEqualForDoubles) {
  for (const auto& [rows, columns] : {std::pair<int64_t, int64_t>{1, 1}, {700, 29}, {70000, 2}}) {
    std::vector<double> values;
    for (const float value : some_rows(rows * columns)) values.push_back(1 + value * 1e-15);
    const MatrixView<const double> view{values.data(), rows, columns, columns};
    EXPECT_EQ(column_percentiles(exec(), view, kPercents), column_percentiles(cpu(), view, kPercents));
  }
}

TEST_P(PercentileEngines, AreMissingForColumnsWithoutValues) {
  const std::vector<float> values(20, NAN);
  for (const auto& column : column_percentiles(exec(), MatrixView<const float>{values.data(), 10, 2, 2}, kPercents)) {
    for (const double answer : column) EXPECT_TRUE(std::isnan(answer));
  }
  EXPECT_EQ(column_percentiles(exec(), MatrixView<const float>{nullptr, 0, 2, 2}, kPercents).size(), 2u);
}

TEST_P(PercentileEngines, HistogramsAreEqual) {
  std::vector<double> values = {0, 1, -0.1, 1.1, NAN, INFINITY};
  for (const float value : some_rows(3000)) values.push_back(value / 100);
  const ArrayView<const double> view{values.data(), static_cast<int64_t>(values.size())};
  for (const int64_t bins : {1, 7, 512}) {
    EXPECT_EQ(histogram(exec(), view, 0, 1, bins), histogram(cpu(), view, 0, 1, bins));
  }
  EXPECT_EQ(histogram(exec(), {}, 0, 1, 3), std::vector<int64_t>(3, 0));
}

}  // namespace
}  // namespace crisp
