// GPU engine of scoring and attribution: the arithmetic of random_cut_forest_row.h, one thread a row, trees in order, sums
// in double; so scores equal the CPU engine's bit for bit.
#include <algorithm>

#include "cuda/launch.h"
#include "cuda/nvtx.h"
#include "cuda/staging.h"
#include "kernels/anomaly/random_cut_forest_attribute_row.h"
#include "kernels/anomaly/random_cut_forest_device.h"
#include "kernels/anomaly/random_cut_forest_gpu.h"

namespace crisp::gpu {

namespace {

struct Tuning {
  static constexpr int kLeastThreads = 64, kMostThreads = 512;
  static constexpr int kMostPieces = 4;        // of a tree's boxes
  static constexpr int64_t kEnoughThreads = 320;  // on a multiprocessor: ten warps hide what they wait for
  static constexpr int kPlainThreads = 128;          // where the boxes stay in global memory
  static constexpr int64_t kAttributionBytes = int64_t{64} << 20;  // scratch of the rows in flight
};

/// Rows of `width` floats, `from` apart, laid out `to` apart.
std::vector<float> repack(const std::vector<float>& values, int64_t from, int64_t width, int64_t to) {
  const int64_t rows = from == 0 ? 0 : static_cast<int64_t>(values.size()) / from;
  std::vector<float> out(static_cast<size_t>(rows * to), 0.0f);
  for (int64_t i = 0; i < rows; ++i) std::copy_n(values.data() + i * from, width, out.data() + i * to);
  return out;
}

template <class T>
DeviceBuffer<T> upload(Exec& exec, const std::vector<T>& values) {
  return DeviceBuffer<T>(exec, values.data(), static_cast<int64_t>(values.size()));
}

std::vector<TreePlace> places(const RandomCutForest& forest, const ForestTables& tables) {
  std::vector<TreePlace> out(static_cast<size_t>(forest.trees()));
  int64_t internal = 0, leaf = 0;
  for (int64_t t = 0; t < forest.trees(); ++t) {
    const int64_t begin = forest.tree_begin[t], end = forest.tree_begin[t + 1];
    const int64_t internals = (end - begin) / 2;  // a tree of n leaves has n - 1 cuts
    out[t] = {begin, internal, leaf, static_cast<int32_t>(internals), tables.normaliser[t]};
    internal += internals;
    leaf += end - begin - internals;
  }
  return out;
}

std::vector<int32_t> local_ordinals(const RandomCutForest& forest, const ForestTables& tables,
                                    const std::vector<TreePlace>& trees) {
  std::vector<int32_t> out(tables.ordinal);
  for (int64_t t = 0; t < forest.trees(); ++t) {
    for (int64_t i = forest.tree_begin[t]; i < forest.tree_begin[t + 1]; ++i) {
      out[i] -= static_cast<int32_t>(forest.cut_dimension[i] < 0 ? trees[t].leaf : trees[t].internal);
    }
  }
  return out;
}

}  // namespace

ForestUpload::ForestUpload(Exec& exec, const RandomCutForest& forest, const ForestTables& tables)
    : device_(exec.device()) {
  const std::vector<TreePlace> trees = places(forest, tables);
  for (const TreePlace& tree : trees) largest_tree_ = std::max(largest_tree_, tree.internals);
  const int64_t columns = forest.columns, stride = columns | 1;
  trees_ = upload(exec, trees);
  cut_dimension_ = upload(exec, forest.cut_dimension);
  cut_value_ = upload(exec, forest.cut_value);
  right_ = upload(exec, forest.right);
  ordinal_ = upload(exec, local_ordinals(forest, tables, trees));
  parent_ = upload(exec, tables.parent);
  unseen_ = upload(exec, tables.unseen);
  seen_ = upload(exec, tables.seen);
  range_ = upload(exec, tables.range);
  points_ = upload(exec, repack(tables.points, tables.stride, columns, stride));
  boxes_ = upload(exec, repack(tables.boxes, 2 * tables.stride, 2 * columns, 2 * stride));
  forest_ = {trees_.data(), cut_dimension_.data(), cut_value_.data(), right_.data(), ordinal_.data(), parent_.data(),
             unseen_.data(), seen_.data(), points_.data(), boxes_.data(), range_.data(), forest.trees(),
             columns, stride};
}

std::shared_ptr<const ForestUpload> upload_forest(Exec& exec, const RandomCutForest& forest, const ForestTables& tables) {
  auto out = std::make_shared<const ForestUpload>(exec, forest, tables);
  exec.synchronize();
  return out;
}

namespace {

/// What lies on exec's device already, or a copy for one call.
std::shared_ptr<const ForestUpload> forest_on(Exec& exec, const RandomCutForest& forest, const ForestTables& tables) {
  if (tables.resident && tables.resident->device() == exec.device()) return tables.resident;
  return std::make_shared<const ForestUpload>(exec, forest, tables);
}

/// scores[i] = mean over trees of row i's score; rows: n x columns.
/// Owner: one thread a row, a block for blockDim.x neighbouring rows; trees one after the other, in order.
/// Shared (dynamic): the block's rows, blockDim.x x stride floats, and with kBoxesShared `piece` boxes of the current
/// tree, the last ones first: a row climbs through the boxes that are there and waits for the next. 50 x 200 x 29: all
/// boxes take 46 KB; 448 rows and all of them fit the 99 KB of sm_86 and sm_89; sm_75 (64 KB) takes 352 rows and halves.
/// Memory: rows and boxes are copied coalesced; then lanes walk through shared memory an odd stride apart, nodes come
/// from L1 (a tree's nodes are 5 KB), points of leaves from L2.
/// Regime: many rows; trees of at most a few hundred points, else the boxes are read through L1 and L2.
template <bool kBoxesShared>
__global__ void __launch_bounds__(Tuning::kMostThreads) score_rows(MatrixView<const float> rows, DeviceForest forest,
                                                                   int32_t piece, double* scores) {
  float* tile = dynamic_shared<float>();
  const int64_t stride = forest.stride, threads = blockDim.x, first = static_cast<int64_t>(blockIdx.x) * threads;
  const int64_t count = rows.rows - first < threads ? rows.rows - first : threads;
  for (int64_t k = threadIdx.x; k < count * rows.columns; k += threads) {
    const int64_t row = k / rows.columns, column = k - row * rows.columns;
    tile[row * stride + column] = rows.at(first + row, column) + 0.0f;  // -0 becomes 0
  }
  __syncthreads();
  const float* x = tile + threadIdx.x * stride;
  float* boxes = tile + threads * stride;
  const bool mine = threadIdx.x < count;
  double total = 0;
  for (int64_t t = 0; t < forest.tree_count; ++t) {
    const TreePlace place = forest.trees[t];
    const rcf::TreeView tree = forest.tree(place);
    rcf::Climb at{-1, 0.0f};
    if (mine) at = rcf::begin_climb(tree, x);
    if (!kBoxesShared) rcf::climb_on(tree, x, tree.boxes, 0, at);
    for (int32_t end = place.internals; kBoxesShared && end > 0; end -= piece) {
      const int32_t begin = end > piece ? end - piece : 0;
      const float* from = tree.boxes + begin * 2 * stride;
      for (int64_t k = threadIdx.x; k < (end - begin) * 2 * stride; k += threads) boxes[k] = from[k];
      __syncthreads();
      rcf::climb_on(tree, x, boxes, begin, at);
      __syncthreads();
    }
    total += at.score * tree.normaliser;
  }
  if (mine) scores[first + threadIdx.x] = total / static_cast<double>(forest.tree_count);
}

/// The same without shared memory, for rows too wide to be kept there: one thread a row, everything through L1 and L2.
struct ScoreWideRow {
  MatrixView<const float> rows;  ///< without -0
  DeviceForest forest;
  double* scores;
  CRISP_HD void operator()(int64_t i) const {
    double total = 0;
    for (int64_t t = 0; t < forest.tree_count; ++t) {
      const rcf::TreeView tree = forest.tree(forest.trees[t]);
      total += rcf::score_row(tree, rows.row(i)) * tree.normaliser;
    }
    scores[i] = total / static_cast<double>(forest.tree_count);
  }
};

struct CopyWithoutNegativeZero {
  MatrixView<const float> from;
  MatrixView<float> to;
  CRISP_HD void operator()(int64_t i) const {
    const int64_t row = i / from.columns, column = i - row * from.columns;
    to.at(row, column) = from.at(row, column) + 0.0f;
  }
};

/// A dense copy on the device in which -0 is 0.
class CleanRows {
 public:
  CleanRows(Exec& exec, MatrixView<const float> rows) : buffer_(exec, rows.rows * rows.columns) {
    const DeviceMatrixInput<float> in(exec, rows);
    view_ = {buffer_.data(), rows.rows, rows.columns, rows.columns};
    launch_rows(exec, rows.rows * rows.columns, CopyWithoutNegativeZero{in.view(), view_});
  }
  MatrixView<const float> view() const { return view_; }

 private:
  DeviceBuffer<float> buffer_;
  MatrixView<float> view_;
};

/// How a block of score_rows is shaped on this device.
struct ScorePlan {
  int threads = 0;    ///< 0: the rows do not fit into shared memory
  int32_t piece = 0;  ///< boxes in shared memory at a time; 0: they stay in global memory
  size_t shared_bytes = 0;
};

/// Fewest pieces that leave room for enough threads, then most threads; of these the largest block, because each block
/// copies all boxes. Few rows are spread over all multiprocessors.
ScorePlan plan_scoring(const DeviceInfo& device, int64_t rows, int64_t stride, int32_t largest_tree) {
  const auto limit = static_cast<int64_t>(device.shared_bytes_per_block);
  const int64_t row_bytes = stride * static_cast<int64_t>(sizeof(float));
  const int64_t share = (rows / std::max(device.multiprocessors, 1) + kWarp - 1) / kWarp * kWarp;
  const auto most = static_cast<int>(std::clamp<int64_t>(share, Tuning::kLeastThreads, Tuning::kMostThreads));
  constexpr int64_t kReserved = 1024;  // the driver keeps so many bytes of shared memory a block
  ScorePlan best;
  int64_t best_resident = 0;
  for (int pieces = 1; pieces <= Tuning::kMostPieces && best_resident < std::min<int64_t>(most, Tuning::kEnoughThreads);
       ++pieces) {
    const int32_t piece = std::max((largest_tree + pieces - 1) / pieces, 1);
    for (int threads = most; threads >= Tuning::kLeastThreads; threads -= kWarp) {
      const int64_t bytes = (threads + 2 * piece) * row_bytes;  // `threads` is even: the boxes begin at a multiple of 8
      const int64_t resident = bytes <= limit ? (limit + kReserved) / (bytes + kReserved) * threads : 0;
      if (resident <= best_resident) continue;
      best_resident = resident;
      best = {threads, piece, static_cast<size_t>(bytes)};
    }
  }
  const int64_t tile = Tuning::kPlainThreads * row_bytes;
  if (best.threads == 0 && tile <= limit) return {Tuning::kPlainThreads, 0, static_cast<size_t>(tile)};
  return best;
}

/// One row's attribution, by one thread with scratch of its own in global memory. For the few rows that people look at.
struct AttributeRow {
  MatrixView<const float> rows;  ///< without -0
  DeviceForest forest;
  double* part;  ///< per row in flight: 2 x columns
  float* boxes;  ///< per row in flight: 2 x columns
  MatrixView<double> out;
  int64_t first;

  CRISP_HD void operator()(int64_t slot) const {
    const int64_t i = first + slot, width = 2 * forest.columns;
    double* parts = out.row(i);
    float* box = boxes + slot * width;
    for (int64_t c = 0; c < width; ++c) parts[c] = 0.0;
    for (int64_t t = 0; t < forest.tree_count; ++t) {
      rcf::attribute_row(forest.tree(forest.trees[t]), rows.row(i), {part + slot * width, box}, parts);
    }
    for (int64_t c = 0; c < width; ++c) parts[c] /= static_cast<double>(forest.tree_count);
  }
};

}  // namespace

void score_random_cut_forest(Exec& exec, const RandomCutForest& forest, const ForestTables& tables,
                             MatrixView<const float> rows, std::span<double> scores) {
  if (rows.rows == 0) return;
  const std::shared_ptr<const ForestUpload> upload = forest_on(exec, forest, tables);
  DeviceOutput<double> out(exec, {scores.data(), rows.rows});
  const ScorePlan plan =
      plan_scoring(exec.info(), rows.rows, upload->forest().stride, upload->largest_tree());
  if (plan.threads == 0) {
    const CleanRows clean(exec, rows);
    launch_rows(exec, rows.rows, ScoreWideRow{clean.view(), upload->forest(), out.data()});
    return out.finish(exec);
  }
  const DeviceMatrixInput<float> in(exec, rows);
  const auto kernel = plan.piece > 0 ? score_rows<true> : score_rows<false>;
  const LaunchShape shape{dim3(blocks_for(rows.rows, plan.threads, int64_t{1} << 31)),
                          dim3(static_cast<unsigned>(plan.threads)), plan.shared_bytes};
  launch(exec, shape, kernel, in.view(), upload->forest(), plan.piece, out.data());
  out.finish(exec);
}

void attribute_random_cut_forest(Exec& exec, const RandomCutForest& forest, const ForestTables& tables,
                                 MatrixView<const float> rows, MatrixView<double> out) {
  if (rows.rows == 0) return;
  const std::shared_ptr<const ForestUpload> upload = forest_on(exec, forest, tables);
  const CleanRows clean(exec, rows);
  DeviceMatrixOutput<double> target(exec, out);
  const int64_t width = 2 * rows.columns;
  const int64_t row_bytes = width * static_cast<int64_t>(sizeof(double) + sizeof(float));
  const int64_t in_flight = std::clamp<int64_t>(Tuning::kAttributionBytes / row_bytes, 1, rows.rows);
  const DeviceBuffer<double> part(exec, in_flight * width);
  const DeviceBuffer<float> boxes(exec, in_flight * width);
  for (int64_t first = 0; first < rows.rows; first += in_flight) {
    launch_rows(exec, std::min(in_flight, rows.rows - first),
                AttributeRow{clean.view(), upload->forest(), part.data(), boxes.data(), target.view(), first});
  }
  target.finish(exec);
}

}  // namespace crisp::gpu
