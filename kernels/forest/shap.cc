// Shapley values on the CPU: blocks of rows, eight of them side by side, pass through one tree after the other while its tables stay in the
// cache.
#include "kernels/forest/shap.h"

#include <algorithm>

#include "cuda/aligned.h"
#include "cuda/cpu_isa.h"
#include "cuda/error.h"
#include "cuda/nvtx.h"
#include "kernels/forest/shap_engine.h"
#include "kernels/forest/shap_gpu.h"
#include "kernels/forest/shap_plan.h"

namespace crisp {
namespace {

constexpr int64_t kBlockRows = 64;
constexpr int64_t kTableNumbers = int64_t{8} << 20;  // 64 MB at a time
constexpr int64_t kLanes = forest::kShapLanes;

forest::ShapRows choose_engine() {
  switch (chosen_isa()) {
#if defined(__x86_64__)
    case CpuIsa::avx512: return forest::shap_rows_avx512;
    case CpuIsa::avx2: return forest::shap_rows_avx2;
#endif
    default: return forest::shap_rows_baseline;
  }
}

/// A block of rows and what is known of it so far, in groups of eight rows side by side.
class Block {
 public:
  Block(const TreesView& trees, const forest::ShapPlan& plan)
      : trees_(trees),
        plan_(plan),
        x_(aligned<double>(kBlockRows * std::max<int64_t>(trees.columns, 1))),
        moved_(aligned<double>(kBlockRows * std::max<int64_t>(trees.columns * trees.outputs, 1))) {
    const int64_t levels = (plan.most_depth + 1) * kLanes;
    product_ = aligned<double>(levels * plan.most_points);
    sum_ = aligned<double>(levels * plan.most_points);
    met_ = aligned<int64_t>(levels);
    goes_right_ = aligned<int64_t>(levels);
  }

  /// Rows [begin, end); lanes beyond the last repeat it. The sums go on from what `out` holds.
  void load(MatrixView<const float> rows, int64_t begin, int64_t end, MatrixView<double> out) {
    begin_ = begin;
    end_ = end;
    each([&](int64_t i, int64_t group, int64_t lane) {
      for (int64_t c = 0; c < trees_.columns; ++c) x_[(group * trees_.columns + c) * kLanes + lane] = rows.at(i, c);
      for (int64_t k = 0; k < trees_.outputs; ++k) {
        for (int64_t c = 0; c < trees_.columns; ++c) *moved(group, k, c, lane) = out.at(i, k * (trees_.columns + 1) + c);
      }
    });
  }

  void explain(forest::ShapRows shap_rows, int64_t tree, int64_t t) {
    const forest::ShapTree& part = plan_.tree[t];
    const forest::ShapMemory memory{product_.get(), sum_.get(), met_.get(), goes_right_.get()};
    forest::ShapTreeView view{plan_.step.data() + part.first_step, plan_.step.data() + part.last_step, plan_.table.data(),
                              trees_.value.data, part.points, {trees_.set_first.data, trees_.set_bits.data}};
    for (int64_t group = 0; group * kLanes < end_ - begin_; ++group) {
      const double* x = x_.get() + group * trees_.columns * kLanes;
      for (int64_t k = 0; k < trees_.values_of_node(); ++k) {
        view.value = trees_.value.data + k;
        shap_rows(view, x, memory, moved(group, trees_.vector_leaves ? k : tree % trees_.outputs, 0, 0));
      }
    }
  }

  void store(MatrixView<double> out) {
    each([&](int64_t i, int64_t group, int64_t lane) {
      for (int64_t k = 0; k < trees_.outputs; ++k) {
        for (int64_t c = 0; c < trees_.columns; ++c) out.at(i, k * (trees_.columns + 1) + c) = *moved(group, k, c, lane);
      }
    });
  }

 private:
  double* moved(int64_t group, int64_t output, int64_t column, int64_t lane) const {
    return moved_.get() + ((group * trees_.outputs + output) * trees_.columns + column) * kLanes + lane;
  }

  void each(const auto& visit) const {
    const int64_t lanes = (end_ - begin_ + kLanes - 1) / kLanes * kLanes;
    for (int64_t i = 0; i < lanes; ++i) visit(std::min(begin_ + i, end_ - 1), i / kLanes, i % kLanes);
  }

  const TreesView& trees_;
  const forest::ShapPlan& plan_;
  int64_t begin_ = 0, end_ = 0;
  Aligned<double> x_;
  Aligned<double> moved_, product_, sum_;
  Aligned<int64_t> met_, goes_right_;
};

/// Zeros, and the expected value in the last column of every output.
void begin_sums(const TreesView& trees, MatrixView<double> out) {
  const std::vector<double> expected = forest::expected_sums(trees);
  for (int64_t i = 0; i < out.rows; ++i) {
    std::fill_n(out.row(i), out.columns, 0.0);
    for (int64_t k = 0; k < trees.outputs; ++k) out.at(i, k * (trees.columns + 1) + trees.columns) = expected[k];
  }
}

}  // namespace

void tree_shap(Exec& exec, const TreesView& trees, MatrixView<const float> rows, MatrixView<double> out) {
  CRISP_REQUIRE(rows.columns == trees.columns, Code::data, "the rows have ", rows.columns, " columns, the trees were made for ", trees.columns);
  CRISP_ASSERT(out.rows == rows.rows && out.columns == trees.outputs * (trees.columns + 1));
  const NvtxRange range("forest.shap");
  if (exec.is_cuda()) return gpu::tree_shap(exec, trees, rows, out);
  begin_sums(trees, out);
  const forest::ShapRows shap_rows = choose_engine();
  for (int64_t first = 0; first < trees.trees();) {
    const forest::ShapPlan plan = forest::make_shap_plan(trees, first, kTableNumbers);
    const auto count = static_cast<int64_t>(plan.tree.size());
    exec.threads().for_ranges(rows.rows, kBlockRows, [&](int64_t begin, int64_t end) {
      Block block(trees, plan);
      block.load(rows, begin, end, out);
      for (int64_t t = 0; t < count; ++t) block.explain(shap_rows, first + t, t);
      block.store(out);
    });
    first += count;
  }
}

}  // namespace crisp
