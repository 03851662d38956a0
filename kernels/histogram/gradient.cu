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

/// Rows as a kernel reads them; `column` of the scores.
struct RowsOnDevice {
  const float* target;
  const float* weights;  ///< nullptr: all 1
  MatrixView<const float> scores;
  int64_t column;
  ObjectiveNumbers numbers;
  float output;

  CRISP_HD float weight(int64_t i) const { return weights ? weights[i] : 1.0f; }
  template <Objective Kind>
  CRISP_HD GradientPair pair(int64_t i) const {
    return pair_of_row<Kind>(numbers, scores.at(i, column), target[i], output);
  }
};

/// most[0] and most[1] = the bits of the largest gradient and hessian, which are in the order of the numbers because none is negative.
/// Owner: threads stride over the rows; a block reduces its threads' and adds two atomics. Shared: a float a warp.
/// Memory: 8 to 12 bytes a row, coalesced. Regime: any number of rows.
template <Objective Kind>
__global__ void __launch_bounds__(Tuning::kThreads) largest_of_rows(int64_t count, RowsOnDevice rows, unsigned* most) {
  __shared__ float scratch[kMaxWarps];
  GradientExtent own;
  const int64_t stride = static_cast<int64_t>(gridDim.x) * Tuning::kThreads;
  for (int64_t i = static_cast<int64_t>(blockIdx.x) * Tuning::kThreads + threadIdx.x; i < count; i += stride) {
    const GradientExtent row = extent_of(rows.pair<Kind>(i), rows.weight(i));
    own = {Maximum{}(own.g, row.g), Maximum{}(own.h, row.h)};
  }
  const float g = block_reduce(own.g, Maximum{}, scratch);
  __syncthreads();
  const float h = block_reduce(own.h, Maximum{}, scratch);
  if (threadIdx.x != 0) return;
  atomicMax(most, float_bits(g));
  atomicMax(most + 1, float_bits(h));
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
  RowsOnDevice rows;
  Quanta quanta;
  uint32_t key, first;
  WordPlaces out;
  CRISP_HD void operator()(int64_t i) const {
    *reinterpret_cast<uint32_t*>(out.first + i * out.stride) =
        quantised(rows.pair<Kind>(i), rows.weight(i), quanta, row_noise(key, first + static_cast<uint32_t>(i)));
  }
};

/// The rows' copies on the device, for as long as kernels read them.
class DeviceRows {
 public:
  DeviceRows(Exec& exec, const ObjectivePlan& plan, const GradientRows& rows, int64_t output)
      : target_(exec, view_of(rows.target)), weights_(exec, view_of(rows.weights)), scores_(exec, rows.scores), weighed_(!rows.weights.empty()),
        column_(plan.objective == Objective::softmax ? output : 0), numbers_(numbers_of(plan)), output_(static_cast<float>(output)) {}
  RowsOnDevice view() const { return {target_.data(), weighed_ ? weights_.data() : nullptr, scores_.view(), column_, numbers_, output_}; }

 private:
  DeviceInput<float> target_, weights_;
  DeviceMatrixInput<float> scores_;
  bool weighed_;
  int64_t column_;
  ObjectiveNumbers numbers_;
  float output_;
};

}  // namespace

GradientExtent largest_extent(Exec& exec, const ObjectivePlan& plan, const GradientRows& rows, int64_t output) {
  const auto count = static_cast<int64_t>(rows.target.size());
  const DeviceRows own(exec, plan, rows, output);
  DeviceBuffer<unsigned> most(exec, 2);
  most.fill_zero(exec);
  const LaunchShape shape{dim3(blocks_for(count, Tuning::kRows, Tuning::kBlocks)), dim3(Tuning::kThreads)};
  with_objective(plan.objective, [&](auto kind) { launch(exec, shape, largest_of_rows<decltype(kind)::value>, count, own.view(), most.data()); });
  unsigned bits[2] = {};
  most.download(exec, bits, 2);
  return {float_from_bits(bits[0]), float_from_bits(bits[1])};
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
  const DeviceRows own(exec, plan, rows, output);
  // As a matrix of words, one a row: only they are copied where records lie on the host.
  const MatrixView<uint8_t> words{out.record(0) + out.records.ld - 4, out.rows(), 4, out.records.ld};
  DeviceMatrixOutput<uint8_t> target_words(exec, words);
  const WordPlaces places{target_words.view().data, target_words.view().ld};
  with_objective(plan.objective, [&](auto kind) {
    launch_rows(exec, out.rows(), GradientRow<decltype(kind)::value>{own.view(), quanta_of(plan, scale), key, static_cast<uint32_t>(first), places});
  });
  target_words.finish(exec);
}

}  // namespace crisp::gpu
