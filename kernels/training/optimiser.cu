// GPU engine of optimisers. sum_gradients: a block takes a piece of parameters, 4 bytes a parameter and row of gradients and
// 4 written where there is more than one row. optimiser_step: a thread takes four parameters; 4 bytes a parameter and row of
// gradients, 8 for the parameter and 8 for each moment (adam: 28 in all). Both are bound by memory everywhere.
#include "cuda/block.h"
#include "cuda/staging.h"
#include "kernels/training/optimiser_gpu.h"
#include "kernels/training/optimiser_row.h"
#include "kernels/training/square_sum.h"

namespace crisp::gpu {
namespace {

constexpr int kFour = 4;

/// Values i ... i + 3 of an array, of which `count` are there.
template <bool vector>
__device__ __forceinline__ void load_four(const float* from, int64_t count, float* x) {
  if constexpr (vector) {
    const float4 four = *reinterpret_cast<const float4*>(from);
    x[0] = four.x, x[1] = four.y, x[2] = four.z, x[3] = four.w;
  } else {
#pragma unroll
    for (int k = 0; k < kFour; ++k) x[k] = k < count ? from[k] : 0.0f;
  }
}

template <bool vector>
__device__ __forceinline__ void store_four(float* to, int64_t count, const float* x) {
  if constexpr (vector) {
    *reinterpret_cast<float4*>(to) = make_float4(x[0], x[1], x[2], x[3]);
  } else {
#pragma unroll
    for (int k = 0; k < kFour; ++k) {
      if (k < count) to[k] = x[k];
    }
  }
}

/// The rows of `gradients` in order, at i ... i + 3.
template <bool vector>
__device__ __forceinline__ void load_sum(MatrixView<const float> gradients, int64_t i, float* sum) {
  const int64_t count = gradients.columns - i;
  load_four<vector>(gradients.data + i, count, sum);
  for (int64_t part = 1; part < gradients.rows; ++part) {
    float row[kFour];
    load_four<vector>(gradients.row(part) + i, count, row);
#pragma unroll
    for (int k = 0; k < kFour; ++k) sum[k] += row[k];
  }
}

/// piece[b] = sum of squares of piece b of the summed gradients, which replace row 0; the order of square_sum.h.
/// Owner: block b; thread t has four neighbouring lanes. Shared (static): a double a warp.
template <bool vector>
__global__ void __launch_bounds__(kSquareThreads) sum_piece(MatrixView<float> gradients, double* pieces) {
  __shared__ double scratch[kMaxWarps];
  const int64_t begin = static_cast<int64_t>(blockIdx.x) * kSquarePiece;
  const int64_t end = begin + kSquarePiece < gradients.columns ? begin + kSquarePiece : gradients.columns;
  double lanes[kFour] = {};
  for (int64_t i = begin + kFour * static_cast<int64_t>(threadIdx.x); i < end; i += kSquareLanes) {
    float sum[kFour];
    load_sum<vector>(gradients, i, sum);
    if (gradients.rows > 1) store_four<vector>(gradients.data + i, gradients.columns - i, sum);
#pragma unroll
    for (int k = 0; k < kFour; ++k) lanes[k] += static_cast<double>(sum[k]) * sum[k];
  }
  const double total = block_reduce(joined_lanes(lanes), Sum{}, scratch);
  if (threadIdx.x == 0) pieces[blockIdx.x] = total;
}

template <UpdateRule rule, bool vector>
struct UpdateFour {
  const StepNumbersPair* numbers;
  MatrixView<const float> gradients;
  OptimiserState state;
  __device__ void operator()(int64_t item) const {
    const int64_t i = item * kFour, count = gradients.columns - i;
    float g[kFour], p[kFour], first[kFour] = {}, second[kFour] = {};
    load_sum<vector>(gradients, i, g);
    load_four<vector>(state.parameters.data + i, count, p);
    if constexpr (kKeepsFirst<rule>) load_four<vector>(state.first.data + i, count, first);
    if constexpr (kKeepsSecond<rule>) load_four<vector>(state.second.data + i, count, second);
#pragma unroll
    for (int k = 0; k < kFour; ++k) {
      const StepNumbers& n = i + k < state.decayed ? numbers->decayed : numbers->plain;
      p[k] = updated<rule>(n, effective_gradient(n, g[k], p[k]), p[k], first[k], second[k]);
    }
    store_four<vector>(state.parameters.data + i, count, p);
    if constexpr (kKeepsFirst<rule>) store_four<vector>(state.first.data + i, count, first);
    if constexpr (kKeepsSecond<rule>) store_four<vector>(state.second.data + i, count, second);
  }
};

/// *squares = the pieces in order. Owner: one thread; a net of a million parameters has 123 pieces.
struct JoinSquares {
  const double* pieces;
  int64_t count;
  double* squares;
  __device__ void operator()(int64_t) const {
    double total = 0;
#pragma unroll 8
    for (int64_t piece = 0; piece < count; ++piece) total += pieces[piece];
    *squares = total;
  }
};

struct SetScale {
  const double* squares;
  double most;
  StepNumbersPair* numbers;
  __device__ void operator()(int64_t) const {
    numbers->decayed.scale = numbers->plain.scale = static_cast<float>(scale_to_length(*squares, most));
  }
};

bool in_fours(ArrayView<const float> values) { return !values.size || aligned_rows(values.data, 0, 16); }

bool in_fours(MatrixView<const float> rows) {
  return rows.columns % kFour == 0 && aligned_rows(rows.data, rows.rows > 1 ? rows.ld * 4 : 0, 16);
}

}  // namespace

void sum_gradients(Exec& exec, MatrixView<float> gradients, double* squares) {
  const int64_t count = square_pieces(gradients.columns);
  const DeviceBuffer<double> pieces(exec, count);
  if (count > 0) {
    DeviceMatrixOutput<float> rows(exec, gradients);
    rows.load(exec);
    const LaunchShape shape{dim3(static_cast<unsigned>(count)), dim3(kSquareThreads)};
    launch(exec, shape, in_fours(rows.view()) ? sum_piece<true> : sum_piece<false>, rows.view(), pieces.data());
    rows.finish(exec);
  }
  if (squares) launch_rows(exec, 1, JoinSquares{pieces.data(), count, squares});
}

double sum_gradients(Exec& exec, MatrixView<float> gradients) {
  const DeviceBuffer<double> squares(exec, 1);
  gpu::sum_gradients(exec, gradients, squares.data());
  double total = 0;
  squares.download(exec, &total, 1);
  return total;
}

void set_scale(Exec& exec, const double* squares, double most, StepNumbersPair* numbers) {
  launch_rows(exec, 1, SetScale{squares, most, numbers});
}

void optimiser_step(Exec& exec, OptimiserKind kind, const StepNumbersPair* numbers, MatrixView<const float> gradients,
                    const OptimiserState& state) {
  const DeviceMatrixInput<float> g(exec, gradients);
  DeviceOutput<float> parameters(exec, state.parameters), first(exec, state.first), second(exec, state.second);
  for (DeviceOutput<float>* array : {&parameters, &first, &second}) array->load(exec);
  const OptimiserState here{parameters.view(), first.view(), second.view(), state.decayed};
  const bool vector = in_fours(g.view()) && in_fours(here.parameters) && in_fours(here.first) && in_fours(here.second);
  const int64_t items = (gradients.columns + kFour - 1) / kFour;
  for_rule(update_rule(kind, state), [&]<UpdateRule rule>() {
    if (vector) {
      launch_rows(exec, items, UpdateFour<rule, true>{numbers, g.view(), here});
    } else {
      launch_rows(exec, items, UpdateFour<rule, false>{numbers, g.view(), here});
    }
  });
  for (DeviceOutput<float>* array : {&parameters, &first, &second}) array->finish(exec);
}

void optimiser_step(Exec& exec, OptimiserKind kind, const StepNumbersPair& numbers, MatrixView<const float> gradients,
                    const OptimiserState& state) {
  const DeviceBuffer<StepNumbersPair> on_device(exec, &numbers, 1);
  gpu::optimiser_step(exec, kind, on_device.data(), gradients, state);
}

}  // namespace crisp::gpu
