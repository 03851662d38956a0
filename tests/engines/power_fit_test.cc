#include "kernels/scale/power_fit.h"

#include <cmath>

#include "kernels/scale/scale.h"
#include "tests/engine.h"
#include "tests/engines/skewed_rows.h"

namespace crisp {
namespace {

class PowerFit : public EngineTest {};
CRISP_TEST_ENGINES(PowerFit);

// More rows than a chunk, columns whose searches end at different times, one of equal values, one with negative ones.
TEST_P(PowerFit, FindsTheSameExponentsSideBySide) {
  const int64_t rows = 4096 + 300, columns = 4;
  std::vector<float> values = skewed_rows(rows * columns);
  for (int64_t i = 0; i < rows; ++i) {
    values[i * columns + 1] = 3.0f;
    values[i * columns + 2] = std::log(values[i * columns + 2]);
    values[i * columns + 3] = std::sqrt(values[i * columns + 3]);
  }
  for (const auto& [method, first] : {std::pair{ScaleMethod::yeo_johnson, 0}, {ScaleMethod::box_cox, 3}}) {
    const MatrixView<const float> view{values.data() + first, rows, columns - first, columns};
    const auto fitted = fit_scale(exec(), method, view);
    EXPECT_EQ(fitted, fit_scale(cpu(), method, view));
    for (const ScaleColumn& column : fitted) EXPECT_LT(std::abs(column.lambda), 3);
  }
}

}  // namespace
}  // namespace crisp
