// Rows that lie on a device are refused by their first value that no forest can take.
#include <cmath>
#include <utility>

#include "cuda/buffer.h"
#include "cuda/error.h"
#include "kernels/anomaly/random_cut_forest_gpu.h"
#include "tests/engine.h"
#include "tests/kernels_anomaly/forest_reference.h"

namespace crisp {
namespace {

class FiniteRows : public EngineTest {};
CRISP_TEST_DEVICES(FiniteRows);

TEST_P(FiniteRows, FindTheFirstValueThatIsNone) {
  ForestRows rows = heavy_tailed(300, 7, 1);
  const DeviceBuffer<float> values(exec(), rows.values.data(), 2100);
  const MatrixView<const float> there{values.data(), 300, 6, 7};  // the seventh column is padding
  const auto first_with = [&](size_t place, float value) {
    std::swap(rows.values[place], value);
    copy_bytes(exec(), values.data(), rows.values.data(), 2100 * sizeof(float));
    const int64_t first = gpu::first_unusable_value(exec(), there);
    std::swap(rows.values[place], value);
    return first;
  };
  EXPECT_EQ(first_with(0, 0.0f), -1);
  EXPECT_EQ(first_with(6, NAN), -1) << "padding";
  EXPECT_EQ(first_with(7 * 299 + 5, NAN), 6 * 299 + 5);
  EXPECT_EQ(first_with(7 * 41, -INFINITY), 6 * 41);
  EXPECT_EQ(first_with(7 * 41 + 2, 0x1p100f), -1) << "the largest";
  EXPECT_EQ(first_with(7 * 41 + 2, -0x1.000002p100f), 6 * 41 + 2);
  rows.values[7 * 200] = NAN;
  EXPECT_EQ(first_with(7 * 199 + 4, NAN), 6 * 199 + 4) << "the first of two";
}

TEST_P(FiniteRows, AreNamedWhereTheyAreNot) {
  ForestRows rows = heavy_tailed(50, 7, 1);
  const RandomCutForest forest = build_random_cut_forest(exec(), rows.view(), {3, 20}, 1);
  rows.values[7 * 11 + 3] = INFINITY;
  rows.values[7 * 12] = NAN;
  const DeviceBuffer<float> values(exec(), rows.values.data(), 350);
  std::vector<double> scores(50);
  try {
    score_random_cut_forest(exec(), forest, derive_tables(exec(), forest), {values.data(), 50, 7, 7}, scores);
    FAIL();
  } catch (const Error& error) {
    EXPECT_EQ(error.code(), Code::data);
    EXPECT_NE(error.message().find("row 11, column 3 is inf"), std::string::npos) << error.what();
  }
}

}  // namespace
}  // namespace crisp
