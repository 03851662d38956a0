// GPU engine of Shapley values: the arithmetic of shap_row.h, one thread a row, trees in order; so contributions equal the CPU engine's bit
// for bit.
#include <algorithm>

#include "cuda/launch.h"
#include "cuda/staging.h"
#include "kernels/forest/shap_gpu.h"

namespace crisp::gpu {
namespace {

struct Tuning {
  static constexpr int64_t kScratchBytes = int64_t{512} << 20;  // of the rows in flight
  static constexpr int64_t kTableNumbers = int64_t{32} << 20;
};

/// Scratch of the rows in flight: every level's numbers of all rows lie side by side, so that a warp's loads coalesce.
struct Scratch {
  double *product, *sum;
  uint8_t *met, *goes_right;
  int64_t stride;  ///< rows
};

/// What shap_tree wants of its lanes: one row.
struct RowLane {
  using Number = double;
  using Mask = bool;

  const float* x;
  forest::SetTable sets;
  int32_t points;
  Scratch scratch;  ///< of this row
  double* moved;

  __device__ bool right(const forest::Node& node) const { return forest::goes_right<true, true>(node, x[node.split & forest::kFeature], sets) != 0; }
  __device__ bool both(bool a, bool b) const { return a && b; }
  __device__ bool left_of(bool right) const { return !right; }
  __device__ double select(bool mask, double one, double zero) const { return mask ? one : zero; }
  __device__ double all(double a) const { return a; }
  __device__ double& product(int32_t depth, int32_t q) const { return scratch.product[place(depth, q)]; }
  __device__ double& sum(int32_t depth, int32_t q) const { return scratch.sum[place(depth, q)]; }
  __device__ uint8_t& met(int32_t depth) const { return scratch.met[depth * scratch.stride]; }
  __device__ uint8_t& goes_right(int32_t depth) const { return scratch.goes_right[depth * scratch.stride]; }
  __device__ void add(int64_t feature, double number) const { moved[feature] += number; }
  __device__ int64_t place(int32_t depth, int32_t q) const { return (static_cast<int64_t>(depth) * points + q) * scratch.stride; }
};

/// One row through a part of the trees, by one thread. All threads of a block read the same steps and tables at a time (broadcast from L1
/// and L2); their scratch lies side by side in global memory: per edge and point a few coalesced loads and stores.
struct ExplainRow {
  MatrixView<const float> rows;
  MatrixView<double> out;
  const forest::ShapStep* step;
  const forest::ShapTree* tree;
  const double* table;
  const double* value;
  forest::SetTable sets;
  Scratch scratch;
  int64_t first_row, first_tree, trees, outputs, columns;
  bool vector_leaves;

  __device__ void operator()(int64_t slot) const {
    const int64_t i = first_row + slot, width = vector_leaves ? outputs : 1;
    RowLane lane{rows.row(i), sets, 0, scratch, nullptr};
    lane.scratch.product += slot;
    lane.scratch.sum += slot;
    lane.scratch.met += slot;
    lane.scratch.goes_right += slot;
    for (int64_t t = 0; t < trees; ++t) {
      const forest::ShapTree part = tree[t];
      lane.points = part.points;
      for (int64_t k = 0; k < width; ++k) {
        lane.moved = out.row(i) + (vector_leaves ? k : (first_tree + t) % outputs) * (columns + 1);
        forest::shap_tree(lane, step + part.first_step, step + part.last_step, table, value + k, part.points);
      }
    }
  }
};

/// Zeros, and the expected value in the last column of every output.
struct BeginSums {
  MatrixView<double> out;
  const double* expected;
  int64_t width;
  __device__ void operator()(int64_t i) const {
    const int64_t row = i / out.columns, column = i - row * out.columns;
    out.at(row, column) = column % width == width - 1 ? expected[column / width] : 0.0;
  }
};

template <class T>
DeviceBuffer<T> upload(Exec& exec, const std::vector<T>& values) {
  return DeviceBuffer<T>(exec, values.data(), static_cast<int64_t>(values.size()));
}

}  // namespace

void tree_shap(Exec& exec, const TreesView& trees, MatrixView<const float> rows, MatrixView<double> out) {
  const DeviceMatrixInput<float> in(exec, rows);
  DeviceMatrixOutput<double> target(exec, out);
  const DeviceInput<double> value(exec, trees.value);
  const DeviceInput<int64_t> set_first(exec, trees.set_first);
  const DeviceInput<uint32_t> set_bits(exec, trees.set_bits);
  const DeviceBuffer<double> expected = upload(exec, forest::expected_sums(trees));
  launch_rows(exec, out.rows * out.columns, BeginSums{target.view(), expected.data(), trees.columns + 1});
  for (int64_t first = 0; first < trees.trees() && rows.rows > 0;) {
    const forest::ShapPlan plan = forest::make_shap_plan(trees, first, Tuning::kTableNumbers);
    const DeviceBuffer<forest::ShapStep> step = upload(exec, plan.step);
    const DeviceBuffer<forest::ShapTree> tree = upload(exec, plan.tree);
    const DeviceBuffer<double> table = upload(exec, plan.table);
    const int64_t levels = plan.most_depth + 1, numbers = levels * plan.most_points;
    const int64_t in_flight = std::clamp<int64_t>(Tuning::kScratchBytes / (16 * numbers + 2 * levels), 1, rows.rows);
    const DeviceBuffer<double> product(exec, numbers * in_flight), sum(exec, numbers * in_flight);
    const DeviceBuffer<uint8_t> met(exec, levels * in_flight), goes_right(exec, levels * in_flight);
    for (int64_t row = 0; row < rows.rows; row += in_flight) {
      launch_rows(exec, std::min(in_flight, rows.rows - row),
                  ExplainRow{in.view(), target.view(), step.data(), tree.data(), table.data(), value.data(), {set_first.data(), set_bits.data()},
                             {product.data(), sum.data(), met.data(), goes_right.data(), in_flight}, row, first,
                             static_cast<int64_t>(plan.tree.size()), trees.outputs, trees.columns, trees.vector_leaves});
    }
    exec.synchronize();  // the plan's arrays are read until their copies are done
    first += static_cast<int64_t>(plan.tree.size());
  }
  target.finish(exec);
}

}  // namespace crisp::gpu
