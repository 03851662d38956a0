// GPU engine of traversal: one thread a row, trees one after the other, sums in double (or rounded to float by tree): they equal the CPU engine's
// bit for bit.
#include "cuda/launch.h"
#include "cuda/staging.h"
#include "kernels/forest/traverse_gpu.h"

namespace crisp::gpu {
namespace {

struct Tuning {
  static constexpr int kThreads = 128;
};

/// Plain pointers, to be passed to kernels.
struct DeviceNodes {
  const int64_t* first;
  const int64_t* first_leaf;
  const forest::Node* nodes;
  const int32_t* place;
  const double* value;
  const double* start;
  forest::SetTable sets;
  int64_t trees, columns, outputs;
  bool vector_leaves, single;
};

template <class T>
DeviceBuffer<T> upload(Exec& exec, const std::vector<T>& values) {
  return DeviceBuffer<T>(exec, values.data(), static_cast<int64_t>(values.size()));
}

}  // namespace

class ForestNodes {
 public:
  ForestNodes(Exec& exec, const forest::NodeTable& table)
      : device_(exec.device()),
        first_(upload(exec, table.first)),
        first_leaf_(upload(exec, table.first_leaf)),
        nodes_(upload(exec, table.nodes)),
        place_(upload(exec, table.place)),
        value_(upload(exec, table.value)),
        start_(upload(exec, table.start)),
        set_first_(upload(exec, table.set_first)),
        set_bits_(upload(exec, table.set_bits)),
        view_{first_.data(), first_leaf_.data(), nodes_.data(), place_.data(), value_.data(), start_.data(), {set_first_.data(), set_bits_.data()},
              table.trees(), table.columns, table.outputs, table.vector_leaves, table.single},
        has_sets_(table.has_sets()) {
    exec.synchronize();
  }
  const Device& device() const { return device_; }
  const DeviceNodes& view() const { return view_; }
  bool has_sets() const { return has_sets_; }

 private:
  Device device_;
  DeviceBuffer<int64_t> first_, first_leaf_;
  DeviceBuffer<forest::Node> nodes_;
  DeviceBuffer<int32_t> place_;
  DeviceBuffer<double> value_, start_;
  DeviceBuffer<int64_t> set_first_;
  DeviceBuffer<uint32_t> set_bits_;
  DeviceNodes view_;
  bool has_sets_;
};

std::shared_ptr<const ForestNodes> upload_nodes(Exec& exec, const forest::NodeTable& table) {
  return std::make_shared<const ForestNodes>(exec, table);
}

namespace {

__device__ forest::Node load_node(const forest::Node* from) {
  const int4 parts = load_vector<int4>(from);
  return {__int_as_float(parts.x), static_cast<uint32_t>(parts.y), parts.z, parts.w};
}

__device__ double with_leaf(const DeviceNodes& forest, double sum, double value) {
  return forest.single ? forest::with_leaf<true>(sum, value) : forest::with_leaf<false>(sum, value);
}

struct Arrival {
  int32_t place, leaf;
};

/// From the root to the row's leaf in tree t.
template <bool kSets>
__device__ Arrival descend(const DeviceNodes& forest, int64_t t, const float* row) {
  const forest::Node* nodes = forest.nodes + forest.first[t];
  forest::Node node = load_node(nodes);
  int32_t at = 0;
  while (!forest::is_leaf(node)) {
    at += node.child + forest::goes_right<kSets, true>(node, row[node.split & forest::kFeature], forest.sets);
    node = load_node(nodes + at);
  }
  return {at, node.extra};
}

/// out(i, k) = the sum of row i's leaves for output k. rows: n x columns, out: n x outputs.
/// Owner: one thread a row, a block for kThreads neighbouring rows; trees in order, so all lanes read one tree at a time.
/// Shared (dynamic, kTile): the block's rows, kThreads x (columns | 1) floats, an odd stride so that lanes that read the same column
/// meet different banks: 28 columns take 14.5 KB; rows of more than 95 columns would not fit 48 KB and stay in global memory.
/// Memory: rows are copied coalesced; a node is one 16-byte load: the top of a tree is the same line for all lanes, deeper nodes come from
/// L1 and L2 (100 trees of 255 leaves: 800 KB).
/// Regime: tens of thousands of rows and more; one row at a time is the CPU's.
template <bool kSets, bool kTile>
__global__ void __launch_bounds__(Tuning::kThreads) sum_rows(MatrixView<const float> rows, DeviceNodes forest, MatrixView<double> out) {
  const int64_t first = static_cast<int64_t>(blockIdx.x) * Tuning::kThreads, i = first + threadIdx.x;
  const float* row = rows.row(i);
  if (kTile) {
    float* tile = dynamic_shared<float>();
    const int64_t stride = rows.columns | 1;
    const int64_t count = rows.rows - first < Tuning::kThreads ? rows.rows - first : Tuning::kThreads;
    for (int64_t k = threadIdx.x; k < count * rows.columns; k += Tuning::kThreads) {
      const int64_t r = k / rows.columns, column = k - r * rows.columns;
      tile[r * stride + column] = rows.at(first + r, column);
    }
    __syncthreads();
    row = tile + threadIdx.x * stride;
  }
  if (i >= rows.rows) return;
  if (forest.outputs == 1) {
    double total = forest.start[0];
    for (int64_t t = 0; t < forest.trees; ++t) {
      total = with_leaf(forest, total, forest.value[forest.first_leaf[t] + descend<kSets>(forest, t, row).leaf]);
    }
    out.at(i, 0) = total;
    return;
  }
  double* sums = out.row(i);
  for (int64_t k = 0; k < forest.outputs; ++k) sums[k] = forest.start[k];
  for (int64_t t = 0; t < forest.trees; ++t) {
    const int64_t leaf = forest.first_leaf[t] + descend<kSets>(forest, t, row).leaf;
    if (!forest.vector_leaves) {
      double& sum = sums[t % forest.outputs];
      sum = with_leaf(forest, sum, forest.value[leaf]);
      continue;
    }
    for (int64_t k = 0; k < forest.outputs; ++k) sums[k] = with_leaf(forest, sums[k], forest.value[leaf * forest.outputs + k]);
  }
}

/// out(i, t): one thread a row and tree, neighbouring threads neighbouring trees of a row, so that the row is in L1 and stores coalesce.
struct FindLeaf {
  MatrixView<const float> rows;
  DeviceNodes forest;
  MatrixView<int32_t> out;
  __device__ void operator()(int64_t i) const {
    const int64_t row = i / forest.trees, t = i - row * forest.trees;
    out.at(row, t) = forest.place[forest.first[t] + descend<true>(forest, t, rows.row(row)).place];
  }
};

}  // namespace

void sum_forest(Exec& exec, const ForestNodes& nodes, MatrixView<const float> rows, MatrixView<double> out) {
  CRISP_ASSERT(nodes.device() == exec.device());
  if (rows.rows == 0) return;
  const DeviceMatrixInput<float> in(exec, rows);
  DeviceMatrixOutput<double> target(exec, out);
  const int64_t tile_bytes = Tuning::kThreads * (rows.columns | 1) * static_cast<int64_t>(sizeof(float));
  const bool tile = tile_bytes <= kPlainSharedBytes;
  const auto kernel = nodes.has_sets() ? (tile ? sum_rows<true, true> : sum_rows<true, false>)
                                       : (tile ? sum_rows<false, true> : sum_rows<false, false>);
  const LaunchShape shape{dim3(blocks_for(rows.rows, Tuning::kThreads, int64_t{1} << 31)), dim3(Tuning::kThreads),
                          tile ? static_cast<size_t>(tile_bytes) : 0};
  launch(exec, shape, kernel, in.view(), nodes.view(), target.view());
  target.finish(exec);
}

void leaves_of_forest(Exec& exec, const ForestNodes& nodes, MatrixView<const float> rows, MatrixView<int32_t> out) {
  CRISP_ASSERT(nodes.device() == exec.device());
  const DeviceMatrixInput<float> in(exec, rows);
  DeviceMatrixOutput<int32_t> target(exec, out);
  launch_rows(exec, rows.rows * out.columns, FindLeaf{in.view(), nodes.view(), target.view()});
  target.finish(exec);
}

}  // namespace crisp::gpu
