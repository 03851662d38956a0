// Models of XGBoost, LightGBM and scikit-learn give the sums that those libraries give.
#include "kernels/forest/traverse.h"
#include "tests/engine.h"
#include "tests/kernels_forest/golden_trees.h"

namespace crisp {
namespace {

class TraverseGolden : public EngineTest {};
CRISP_TEST_ENGINES(TraverseGolden);

TEST_P(TraverseGolden, SumsEqualTheLibraries) {
  int64_t compared = 0;
  for (const std::string& name : GoldenTrees::names()) {
    SCOPED_TRACE(name);
    const GoldenTrees golden(name);
    const MatrixView<const float> rows = golden.rows_view();
    const int64_t outputs = golden.trees.outputs;
    const std::vector<double> want = golden.numbers("sums");
    std::vector<double> sums(static_cast<size_t>(rows.rows * outputs));
    ASSERT_EQ(sums.size(), want.size());
    Forest(exec(), golden.trees.view()).sum(exec(), rows, {sums.data(), rows.rows, outputs, outputs});
    const double tolerance = name.starts_with("xgboost") ? 2e-6 : 1e-12;  // XGBoost adds in float
    for (size_t i = 0; i < sums.size(); ++i) EXPECT_NEAR(sums[i], want[i], tolerance * (1 + std::abs(want[i]))) << i;
    ++compared;
  }
  EXPECT_EQ(compared, 7);
}

}  // namespace
}  // namespace crisp
