/// Golden rows of layers.csv as float matrices, and the comparison with them.
#pragma once

#include <gtest/gtest.h>

#include "cuda/exec.h"
#include "cuda/view.h"
#include "tests/golden_rows.h"

namespace crisp {

class LayersTest : public ::testing::Test {
 protected:
  const std::vector<GoldenRow> golden_ = golden_rows("training/layers.csv");
  Exec exec_{Device::cpu(), 2};

  std::vector<float> floats(const std::string& name, const std::string& kind) const {
    const std::vector<double>& values = golden_row(golden_, name, kind).values;
    return {values.begin(), values.end()};
  }
  void expect_near(const std::vector<float>& mine, const std::string& name, const std::string& kind, double tolerance) const {
    const std::vector<double>& expected = golden_row(golden_, name, kind).values;
    ASSERT_EQ(mine.size(), expected.size()) << kind;
    for (size_t i = 0; i < mine.size(); ++i) {
      EXPECT_NEAR(mine[i], expected[i], tolerance * std::max(1.0, std::abs(expected[i]))) << name << " " << kind << " " << i;
    }
  }
};

template <class T>
ArrayView<T> all(std::vector<T>& values) { return {values.data(), static_cast<int64_t>(values.size())}; }

template <class T>
MatrixView<T> matrix(std::vector<T>& values, int64_t columns) {
  return {values.data(), static_cast<int64_t>(values.size()) / columns, columns, columns};
}

}  // namespace crisp
