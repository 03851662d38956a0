// GPU engine of gradients: a thread a row, the arithmetic of gradient_row.h, so the same words as on the CPU.
#include "cuda/block.h"
#include "cuda/staging.h"
#include "kernels/histogram/gradient_gpu.h"
#include "kernels/histogram/gradient_loops.h"

namespace crisp::gpu {
namespace {

struct Tuning {
  static constexpr int kThreads = 256;
  static constexpr int64_t kRows = 8 * kThreads;  // a block's at least
  static constexpr int64_t kBlocks = 2048;
};

ArrayView<const float> view_of(std::span<const float> values) { return {values.data(), static_cast<int64_t>(values.size())}; }

/// *most = the bits of the largest extent(i), which are in the order of the numbers because none is negative.
/// Owner: threads stride over the rows; a block reduces its threads' and adds one atomic. Shared: a float a warp.
/// Memory: 4 to 12 bytes a row, coalesced. Regime: any number of rows.
__global__ void __launch_bounds__(Tuning::kThreads) largest_of_rows(int64_t rows, RowExtent extent, unsigned* most) {
  __shared__ float scratch[kMaxWarps];
  float own = 0;
  const int64_t stride = static_cast<int64_t>(gridDim.x) * Tuning::kThreads;
  for (int64_t i = static_cast<int64_t>(blockIdx.x) * Tuning::kThreads + threadIdx.x; i < rows; i += stride) own = Maximum{}(own, extent(i));
  const float all = block_reduce(own, Maximum{}, scratch);
  if (threadIdx.x == 0) atomicMax(most, float_bits(all));
}

struct SharesRow {
  MatrixView<const float> scores;
  MatrixView<float> shares;
  CRISP_HD void operator()(int64_t i) const { shares_of_row(scores.row(i), scores.columns, shares.row(i)); }
};

/// Where the words go: record i's last four bytes, or the i-th of words side by side.
struct WordPlaces {
  uint8_t* first;
  int64_t stride;
};

template <Objective Kind>
struct GradientRow {
  const float* target;
  const float* weights;
  MatrixView<const float> scores;
  ObjectiveNumbers numbers;
  float per_g, per_h, output;
  uint32_t key, first;
  int64_t column;
  WordPlaces out;
  CRISP_HD void operator()(int64_t i) const {
    const GradientPair pair = pair_of_row<Kind>(numbers, scores.at(i, column), target[i], output);
    *reinterpret_cast<uint32_t*>(out.first + i * out.stride) =
        quantised(pair, weights ? weights[i] : 1.0f, per_g, per_h, row_noise(key, first + static_cast<uint32_t>(i)));
  }
};

template <Objective Kind, class... Parts>
void write_rows(Exec& exec, int64_t rows, const Parts&... parts) {
  launch_rows(exec, rows, GradientRow<Kind>{parts...});
}

template <class... Parts>
void write_kind(Exec& exec, Objective objective, int64_t rows, const Parts&... parts) {
  switch (objective) {
    case Objective::squared: return write_rows<Objective::squared>(exec, rows, parts...);
    case Objective::absolute: return write_rows<Objective::absolute>(exec, rows, parts...);
    case Objective::huber: return write_rows<Objective::huber>(exec, rows, parts...);
    case Objective::quantile: return write_rows<Objective::quantile>(exec, rows, parts...);
    case Objective::poisson: return write_rows<Objective::poisson>(exec, rows, parts...);
    case Objective::logistic: return write_rows<Objective::logistic>(exec, rows, parts...);
    case Objective::softmax: return write_rows<Objective::softmax>(exec, rows, parts...);
  }
}

}  // namespace

float largest_extent(Exec& exec, const RowExtent& extent, int64_t rows) {
  const DeviceInput<float> target(exec, {extent.target, rows}), weights(exec, {extent.weights, extent.weights ? rows : 0});
  const DeviceMatrixInput<float> scores(exec, extent.scores);
  RowExtent own = extent;
  own.target = target.data();
  own.weights = extent.weights ? weights.data() : nullptr;
  own.scores = scores.view();
  DeviceBuffer<unsigned> most(exec, 1);
  most.fill_zero(exec);
  const LaunchShape shape{dim3(blocks_for(rows, Tuning::kRows, Tuning::kBlocks)), dim3(Tuning::kThreads)};
  launch(exec, shape, largest_of_rows, rows, own, most.data());
  unsigned bits = 0;
  most.download(exec, &bits, 1);
  return float_from_bits(bits);
}

void shares_of_classes(Exec& exec, MatrixView<const float> scores, MatrixView<float> shares) {
  const DeviceMatrixInput<float> in(exec, scores);
  DeviceMatrixOutput<float> out(exec, shares);
  launch_rows(exec, scores.rows, SharesRow{in.view(), out.view()});
  out.finish(exec);
}

void write_gradients(Exec& exec, const ObjectivePlan& plan, const GradientRows& rows, int64_t output, RoundScale scale, uint32_t key,
                     int64_t first, const BinnedRows& out) {
  if (out.rows() == 0) return;
  const DeviceInput<float> target(exec, view_of(rows.target)), weights(exec, view_of(rows.weights));
  const DeviceMatrixInput<float> scores(exec, rows.scores);
  // As a matrix of words, one a row: only they are copied where records lie on the host.
  const MatrixView<uint8_t> words{out.record(0) + out.records.ld - 4, out.rows(), 4, out.records.ld};
  DeviceMatrixOutput<uint8_t> target_words(exec, words);
  write_kind(exec, plan.objective, out.rows(), target.data(), rows.weights.empty() ? nullptr : weights.data(), scores.view(), numbers_of(plan),
             static_cast<float>(1 / scale.g), static_cast<float>(1 / scale.h), static_cast<float>(output), key, static_cast<uint32_t>(first),
             plan.objective == Objective::softmax ? output : int64_t{0}, WordPlaces{target_words.view().data, target_words.view().ld});
  target_words.finish(exec);
}

}  // namespace crisp::gpu
