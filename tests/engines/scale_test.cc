#include "kernels/scale/scale.h"

#include <cmath>

#include "cuda/buffer.h"
#include "cuda/error.h"
#include "tests/engine.h"
#include "tests/engines/skewed_rows.h"

namespace crisp {
namespace {

constexpr ScaleMethod kAll[] = {ScaleMethod::standard, ScaleMethod::min_max, ScaleMethod::robust,
                                ScaleMethod::robust_arcsinh, ScaleMethod::max_abs, ScaleMethod::row_l2,
                                ScaleMethod::log1p, ScaleMethod::box_cox, ScaleMethod::yeo_johnson};

bool exact(ScaleMethod method) {
  return method == ScaleMethod::standard || method == ScaleMethod::min_max || method == ScaleMethod::robust ||
         method == ScaleMethod::max_abs;
}

class ScaleEngines : public EngineTest {
 protected:
  static void expect_close(const std::vector<float>& mine, const std::vector<float>& expected, bool exact) {
    for (size_t i = 0; i < mine.size(); ++i) {
      ASSERT_EQ(std::isnan(mine[i]), std::isnan(expected[i])) << i;
      if (std::isnan(mine[i])) continue;
      ASSERT_NEAR(mine[i], expected[i], exact ? 0.0 : 1e-6 * std::abs(expected[i]) + 1e-30) << i;
    }
  }
};
CRISP_TEST_ENGINES(ScaleEngines);

TEST_P(ScaleEngines, ApplyAndInvertEveryMethodAlike) {
  for (const int64_t columns : {1, 29, 40}) {
    const int64_t rows = 300, ld = (columns + 15) / 16 * 16;
    const std::vector<float> values = skewed_rows(rows * ld);
    const MatrixView<const float> view{values.data(), rows, columns, ld};
    for (const ScaleMethod method : kAll) {
      SCOPED_TRACE(testing::Message() << scale_method_name(method) << ", " << columns << " columns");
      const auto fitted = fit_scale(exec(), method, view);
      EXPECT_EQ(fitted, fit_scale(cpu(), method, view));
      std::vector<float> mine(values.size(), 0), expected(values.size(), 0), back(values.size(), 0), expected_back(values.size(), 0);
      apply_scale(exec(), method, fitted, view, {mine.data(), rows, columns, ld});
      apply_scale(cpu(), method, fitted, view, {expected.data(), rows, columns, ld});
      if (method == ScaleMethod::row_l2) {
        expect_close(mine, expected, false);
        continue;
      }
      for (int64_t i = 0; i < rows; ++i) {  // padding is the engine's own affair
        std::fill(mine.begin() + i * ld + columns, mine.begin() + (i + 1) * ld, 0.0f);
        std::fill(expected.begin() + i * ld + columns, expected.begin() + (i + 1) * ld, 0.0f);
      }
      expect_close(mine, expected, exact(method));
      invert_scale(exec(), method, fitted, {expected.data(), rows, columns, ld}, {back.data(), rows, columns, ld});
      invert_scale(cpu(), method, fitted, {expected.data(), rows, columns, ld}, {expected_back.data(), rows, columns, ld});
      expect_close(back, expected_back, false);
    }
  }
}

TEST_P(ScaleEngines, ScaleColumnsOfDoublesInPlace) {
  std::vector<double> values, expected;
  for (int64_t i = 0; i < 2000; ++i) values.push_back(0.1 + random_uniform(1, 2, i));
  for (const ScaleMethod method : kAll) {
    if (method == ScaleMethod::row_l2) continue;
    std::vector<double> mine = values;
    const ArrayView<double> view{mine.data(), 2000};
    const ScaleColumn fitted = fit_scale_column(exec(), method, view);
    apply_scale_column(exec(), method, fitted, view, view);
    invert_scale_column(exec(), method, fitted, view, view);
    for (size_t i = 0; i < mine.size(); ++i) ASSERT_NEAR(mine[i], values[i], 1e-9) << scale_method_name(method);
  }
}

TEST_P(ScaleEngines, LeaveRowsOfZerosAsTheyAre) {
  const std::vector<float> values = {3, 4, 0, 0, -NAN, 2};
  std::vector<float> mine(6, -1), expected(6, -1);
  apply_scale(exec(), ScaleMethod::row_l2, {}, {values.data(), 3, 2, 2}, {mine.data(), 3, 2, 2});
  apply_scale(cpu(), ScaleMethod::row_l2, {}, {values.data(), 3, 2, 2}, {expected.data(), 3, 2, 2});
  EXPECT_EQ(expected[2], 0.0f);
  expect_close(mine, expected, true);
}

TEST_P(ScaleEngines, FitColumnsOfDoublesAlike) {
  std::vector<double> values;
  for (const float value : skewed_rows(9000)) values.push_back(value);
  const ArrayView<const double> view{values.data(), 9000};
  for (const ScaleMethod method : kAll) {
    SCOPED_TRACE(scale_method_name(method));
    const ScaleColumn expected = fit_scale_column(cpu(), method, view);
    EXPECT_EQ(fit_scale_column(exec(), method, view), expected);
    if (!exec().is_cuda()) continue;
    const DeviceBuffer<double> device(exec(), values.data(), 9000);
    EXPECT_EQ(fit_scale_column(exec(), method, device.view()), expected);
  }
}

TEST_P(ScaleEngines, RefuseWhatCannotBeScaledWhereverItLies) {
  const auto message = [&](MatrixView<const float> rows, ScaleMethod method) -> std::string {
    try {
      fit_scale(exec(), method, rows);
    } catch (const Error& error) {
      return error.message();
    }
    return "";
  };
  const std::vector<float> values = {1, 2, 3, 0, 5, INFINITY, 2, -1};
  const auto expect = [&](const float* data) {
    EXPECT_EQ(message({data, 4, 2, 2}, ScaleMethod::standard), "column 2: row 3: an infinite value cannot be scaled");
    EXPECT_EQ(message({data, 2, 2, 2}, ScaleMethod::box_cox),
              "column 2: row 2: box_cox needs values above 0, not 0; yeo_johnson takes any");
  };
  expect(values.data());
  if (!exec().is_cuda()) return;
  const DeviceBuffer<float> device(exec(), values.data(), 8);
  expect(device.data());
}

TEST_P(ScaleEngines, FitAndScaleDeviceMemoryInPlace) {
  if (!exec().is_cuda()) GTEST_SKIP() << "no device memory";
  const std::vector<float> values = skewed_rows(500 * 16);
  std::vector<float> expected(values.size()), mine(values.size());
  const MatrixView<const float> host{values.data(), 500, 16, 16};
  for (const ScaleMethod method : {ScaleMethod::standard, ScaleMethod::robust, ScaleMethod::yeo_johnson}) {
    const DeviceBuffer<float> device(exec(), values.data(), 8000);
    const MatrixView<float> there{device.data(), 500, 16, 16};
    const auto fitted = fit_scale(exec(), method, there);
    EXPECT_EQ(fitted, fit_scale(cpu(), method, host));
    apply_scale(exec(), method, fitted, there, there);
    device.download(exec(), mine.data(), 8000);
    apply_scale(cpu(), method, fitted, host, {expected.data(), 500, 16, 16});
    expect_close(mine, expected, exact(method));
  }
}

}  // namespace
}  // namespace crisp
