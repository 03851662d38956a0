// Shapley values against their definition (all subsets of features, expectations by cover), against XGBoost and LightGBM, and bit for bit
// over engines, instruction sets and threads.
#include "kernels/forest/shap.h"

#include <bit>

#include "cuda/cpu_isa.h"
#include "cuda/error.h"
#include "kernels/forest/shap_plan.h"
#include "kernels/forest/traverse.h"
#include "tests/engine.h"
#include "tests/kernels_forest/golden_trees.h"
#include "tests/kernels_forest/random_trees.h"

namespace crisp {
namespace {

class TreeShap : public EngineTest {};
CRISP_TEST_ENGINES(TreeShap);

std::vector<double> shap_of(Exec& exec, const Trees& trees, MatrixView<const float> rows) {
  const int64_t width = trees.outputs * (trees.columns + 1), ld = width + 2;
  std::vector<double> padded(static_cast<size_t>(rows.rows * ld), -7.0), out;
  tree_shap(exec, trees.view(), rows, {padded.data(), rows.rows, width, ld});
  for (int64_t i = 0; i < rows.rows * ld; ++i) {
    if (i % ld < width) {
      out.push_back(padded[i]);
    } else {
      EXPECT_EQ(padded[i], -7.0) << "the padding was touched";
    }
  }
  return out;
}

/// The tree's value for output k where only the features in `known` (a bit each) are known: the mean over the others by cover.
double expectation(const Trees& trees, int64_t t, int64_t k, const float* row, uint32_t known, int32_t node = 0) {
  const int64_t begin = trees.first[t], i = begin + node, width = trees.view().values_of_node();
  if (trees.feature[i] < 0) {
    if (!trees.vector_leaves && t % trees.outputs != k) return 0;
    return trees.value[i * width + (trees.vector_leaves ? k : 0)];
  }
  const int32_t left = trees.left[i], right = trees.right[i];
  if (known >> trees.feature[i] & 1u) {
    return expectation(trees, t, k, row, known, left_by_contract(trees.view(), i, row[trees.feature[i]]) ? left : right);
  }
  double a = trees.cover[begin + left], b = trees.cover[begin + right];
  if (a + b == 0) a = b = 1;  // no row came to either: both count the same
  return (a * expectation(trees, t, k, row, known, left) + b * expectation(trees, t, k, row, known, right)) / (a + b);
}

/// By the definition: for every feature, over all subsets of the others.
std::vector<double> shap_by_definition(const Trees& trees, const float* row) {
  const int64_t columns = trees.columns;
  std::vector<double> factorial{1}, out;
  for (int64_t i = 1; i <= columns; ++i) factorial.push_back(factorial.back() * static_cast<double>(i));
  for (int64_t k = 0; k < trees.outputs; ++k) {
    std::vector<double> of(size_t{1} << columns, 0.0);
    for (uint32_t known = 0; known < of.size(); ++known) {
      for (int64_t t = 0; t < trees.view().trees(); ++t) of[known] += expectation(trees, t, k, row, known);
    }
    for (int64_t j = 0; j < columns; ++j) {
      double sum = 0;
      for (uint32_t known = 0; known < of.size(); ++known) {
        if (known >> j & 1u) continue;
        const int64_t size = std::popcount(known);
        sum += factorial[size] * factorial[columns - 1 - size] / factorial[columns] * (of[known | 1u << j] - of[known]);
      }
      out.push_back(sum);
    }
    out.push_back(of[0]);
  }
  return out;
}

void expect_definition(Exec& exec, const Trees& trees, const FloatRows& rows) {
  const std::vector<double> found = shap_of(exec, trees, rows.view());
  const int64_t width = trees.outputs * (trees.columns + 1);
  for (int64_t i = 0; i < rows.rows; ++i) {
    const std::vector<double> want = shap_by_definition(trees, rows.view().row(i));
    for (int64_t c = 0; c < width; ++c) ASSERT_NEAR(found[i * width + c], want[c], 1e-13 * (1 + std::abs(want[c]))) << i << ", " << c;
  }
}

void expect_definition(Exec& exec, const TreeShape& shape, int64_t count, uint64_t seed) {
  SCOPED_TRACE(testing::Message() << shape.leaves << " leaves, " << shape.columns << " columns, " << shape.outputs << " outputs");
  expect_definition(exec, random_trees(shape, seed), odd_rows(count, shape.columns, shape.columns + 1, seed + 1));
}

TEST_P(TreeShap, FollowsTheDefinition) {
  expect_definition(exec(), {.columns = 5, .trees = 3, .leaves = 12}, 9, 1);             // features come again on a path
  expect_definition(exec(), {.columns = 6, .trees = 2, .leaves = 40, .lean = 0.2f}, 5, 2);
  expect_definition(exec(), {.columns = 2, .trees = 2, .leaves = 30, .lean = 0.9f}, 5, 3);
  expect_definition(exec(), {.columns = 7, .trees = 2, .leaves = 15, .set_share = 5}, 5, 4);
  expect_definition(exec(), {.columns = 4, .outputs = 3, .trees = 6, .leaves = 9}, 5, 5);
  expect_definition(exec(), {.columns = 4, .outputs = 3, .trees = 2, .leaves = 9, .vector_leaves = true}, 5, 6);
  expect_definition(exec(), {.columns = 1, .trees = 1, .leaves = 2}, 3, 7);
  expect_definition(exec(), {.columns = 3, .trees = 2, .leaves = 1}, 2, 8);
}

TEST_P(TreeShap, EqualsTheLibraries) {
  int64_t compared = 0;
  for (const std::string& name : GoldenTrees::names()) {
    const GoldenTrees golden(name);
    const std::vector<double> want = golden.numbers("contributions");
    if (want.empty()) continue;  // scikit-learn has none
    SCOPED_TRACE(name);
    const std::vector<double> found = shap_of(exec(), golden.trees, golden.rows_view());
    ASSERT_EQ(found.size(), want.size());
    const double tolerance = name.starts_with("xgboost") ? 2e-5 : 1e-10;  // XGBoost adds in float
    for (size_t i = 0; i < found.size(); ++i) ASSERT_NEAR(found[i], want[i], tolerance * (1 + std::abs(want[i]))) << i;
    ++compared;
  }
  EXPECT_EQ(compared, 6);
}

void expect_additive(Exec& exec, const Trees& trees, const FloatRows& rows) {
  const std::vector<double> found = shap_of(exec, trees, rows.view());
  const int64_t width = trees.columns + 1;
  std::vector<double> sum(static_cast<size_t>(trees.outputs));
  for (int64_t i = 0; i < rows.rows; ++i) {
    sum_by_contract(trees.view(), rows.view().row(i), sum.data());
    for (int64_t k = 0; k < trees.outputs; ++k) {
      double total = 0;
      for (int64_t c = 0; c < width; ++c) total += found[(i * trees.outputs + k) * width + c];
      ASSERT_NEAR(total, sum[k], 1e-12 * (1 + std::abs(sum[k]))) << i << ", " << k;
    }
  }
}

TEST_P(TreeShap, PartsAddUpToTheSum) {
  expect_additive(exec(), random_trees({.columns = 40, .trees = 4, .leaves = 300, .lean = 0.3f}, 1), odd_rows(9, 40, 40, 2));
  expect_additive(exec(), random_trees({.columns = 60, .trees = 1, .leaves = 61, .lean = 1}, 3), odd_rows(5, 60, 60, 4));
}

TEST_P(TreeShap, BranchesThatNoRowCameTo) {
  Trees trees = random_trees({.columns = 4, .trees = 3, .leaves = 12}, 1);
  for (size_t i = 0; i < trees.cover.size(); ++i) {
    if (i % 5 < 2) trees.cover[i] = 0;  // of some nodes one child, of some both
  }
  expect_definition(exec(), trees, odd_rows(30, 4, 4, 2));
}

TEST_P(TreeShap, ATreeMayBeAChain) {
  const int64_t depth = GetParam() == "emulated" ? 500 : 100'000;
  Trees trees = random_trees({.columns = 3, .trees = 1, .leaves = depth, .lean = 1}, 5);
  for (int64_t i = 0; i < trees.view().nodes(); ++i) trees.cover[i] = 1;
  expect_additive(exec(), trees, odd_rows(2, 3, 3, 6));
}

TEST_P(TreeShap, EnginesThreadsAndInstructionSetsGiveTheSameBits) {
  const Trees trees = random_trees({.columns = 9, .outputs = 2, .trees = 12, .leaves = 40, .set_share = 1}, 5);
  const FloatRows rows = odd_rows(GetParam() == "emulated" ? 35 : 500, 9, 11, 6);
  const std::vector<double> want = shap_of(exec(), trees, rows.view());
  for (const CpuIsa isa : {CpuIsa::baseline, CpuIsa::avx2, CpuIsa::avx512}) {
    isa_limit() = isa;
    for (const int threads : {1, 3}) {
      Exec other(Device::cpu(), threads);
      const std::vector<double> found = shap_of(other, trees, rows.view());
      for (size_t i = 0; i < want.size(); ++i) {
        ASSERT_EQ(std::bit_cast<uint64_t>(found[i]), std::bit_cast<uint64_t>(want[i])) << i << ", instruction set " << static_cast<int>(isa);
      }
    }
  }
  isa_limit() = CpuIsa::avx512;
}

TEST_P(TreeShap, RefusesRowsOfAnotherWidth) {
  const Trees trees = random_trees({}, 1);
  const FloatRows rows = odd_rows(2, 4, 4, 1);
  std::vector<double> out(12);
  EXPECT_THROW(tree_shap(exec(), trees.view(), rows.view(), {out.data(), 2, 6, 6}), Error);
}

// More tables than the CPU engine holds at a time: the sums go on where the part before left them.
TEST_P(TreeShap, ForestsLargerThanATable) {
  if (exec().is_cuda()) return;
  const Trees trees = random_trees({.columns = 200, .trees = 14, .leaves = 1000, .lean = 1}, 1);
  ASSERT_LT(forest::make_shap_plan(trees.view(), 0, int64_t{8} << 20).tree.size(), 14u);
  expect_additive(exec(), trees, odd_rows(3, 200, 200, 2));
}

TEST(ShapPlan, PartsHoldAllTrees) {
  const Trees trees = random_trees({.trees = 7}, 1);
  int64_t next = 0;
  while (next < 7) {
    const forest::ShapPlan plan = forest::make_shap_plan(trees.view(), next, 1);
    EXPECT_EQ(plan.tree.size(), 1u);
    next += static_cast<int64_t>(plan.tree.size());
  }
  EXPECT_EQ(forest::make_shap_plan(trees.view(), 2, 1 << 20).tree.size(), 5u);
}

TEST(ShapPlan, QuadratureIsExactForPolynomials) {
  for (const int32_t points : {1, 2, 3, 4, 5, 8, 16, 31, 64, 300}) {
    const forest::Quadrature rule = forest::gauss_legendre(points);
    for (int32_t degree = 0; degree < 2 * points; ++degree) {
      double sum = 0;
      for (int32_t q = 0; q < points; ++q) sum += rule.weight[q] * std::pow(rule.at[q], degree);
      ASSERT_NEAR(sum, 1.0 / (degree + 1), 1e-13) << points << ", degree " << degree;
    }
  }
}

}  // namespace
}  // namespace crisp
