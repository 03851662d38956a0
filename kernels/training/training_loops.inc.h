/// The body of training_loops_*: included once by each file of an instruction set. Plain loops: the compiler makes vectors
/// of them. Everything has internal linkage, see cuda/simd.h.
#include <algorithm>
#include <cmath>

#include "kernels/training/activation_row.h"
#include "kernels/training/chunk_sums.h"
#include "kernels/training/loss_row.h"
#include "kernels/training/normalise_loops.inc.h"
#include "kernels/training/optimiser_row.h"
#include "kernels/training/recurrent_loops.inc.h"
#include "kernels/training/square_sum.h"
#include "kernels/training/training_loops.h"

namespace crisp {
namespace {

template <Activation kind>
void activate_row(int64_t columns, const float* __restrict bias, float* sums, float* out) {
  if (bias) {
    for (int64_t j = 0; j < columns; ++j) sums[j] += bias[j];
  }
  if (kind == Activation::identity && sums == out) return;
#pragma GCC ivdep
  for (int64_t j = 0; j < columns; ++j) out[j] = activated<kind>(sums[j]);
}

constexpr int kDraws = 16;  // of four elements each

/// The draws first ... first + kDraws - 1 of a dropout, as the factors of their elements. Two loops: the compiler makes
/// vectors of draws in the first.
void draw_factors(const Dropout& dropout, uint64_t first, float* __restrict factors) {
  uint32_t word[4][kDraws];
  const uint64_t seed = dropout.seed, stream = dropout.stream;
  for (int k = 0; k < kDraws; ++k) {
    const RandomBlock block = philox(seed, stream, first + static_cast<uint64_t>(k));
    word[0][k] = block.word[0], word[1][k] = block.word[1], word[2][k] = block.word[2], word[3][k] = block.word[3];
  }
  const uint32_t threshold = dropout.threshold;
  const float scale = dropout.scale;
  for (int k = 0; k < kDraws; ++k) {
    for (int w = 0; w < 4; ++w) factors[4 * k + w] = word[w][k] < threshold ? 0.0f : scale;
  }
}

void drop_row(const Dropout& dropout, int64_t place, int64_t columns, float* __restrict out) {
  alignas(64) float factors[4 * kDraws];
  for (int64_t begin = place - place % 4; begin < place + columns; begin += 4 * kDraws) {
    draw_factors(dropout, static_cast<uint64_t>(begin) / 4, factors);
    const int64_t low = std::max(begin, place), high = std::min(begin + 4 * kDraws, place + columns);
    for (int64_t i = low; i < high; ++i) out[i - place] *= factors[i - begin];
  }
}

void activate_rows(Activation kind, const Dropout& dropout, ArrayView<const float> bias, MatrixView<float> sums,
                   MatrixView<float> out) {
  for_activation(kind, [&]<Activation k>() {
    for (int64_t i = 0; i < sums.rows; ++i) {
      activate_row<k>(sums.columns, bias.size ? bias.data : nullptr, sums.row(i), out.row(i));
      if (dropout.threshold) drop_row(dropout, dropout.first + i * sums.columns, sums.columns, out.row(i));
    }
  });
}

template <Activation kind>
void gradient_row(int64_t columns, const float* __restrict sums, float* __restrict gradient) {
  if constexpr (kind == Activation::identity) return;
  for (int64_t j = 0; j < columns; ++j) gradient[j] *= slope<kind>(sums[j]);
}

void add_row(const float* __restrict row, int64_t columns, float* __restrict total) {
  for (int64_t j = 0; j < columns; ++j) total[j] += row[j];
}

/// Up to kSumWidth columns, from `begin`, so that a chunk's sums stay in the first cache; `totals` may be null.
constexpr int64_t kSumWidth = 1024;

template <Activation kind>
void gradient_columns(const Dropout& dropout, MatrixView<const float> sums, MatrixView<float> gradient, int64_t begin,
                      float* totals) {
  alignas(64) float chunk[kSumWidth];
  const int64_t width = std::min(kSumWidth, gradient.columns - begin);
  for (int64_t first = 0; first < gradient.rows; first += kSumChunk) {
    std::fill_n(chunk, totals ? width : 0, 0.0f);
    const int64_t end = std::min(first + kSumChunk, gradient.rows);
    for (int64_t i = first; i < end; ++i) {
      float* row = gradient.row(i) + begin;
      if (dropout.threshold) drop_row(dropout, dropout.first + i * gradient.columns + begin, width, row);
      gradient_row<kind>(width, sums.row(i) + begin, row);
      if (totals) add_row(row, width, chunk);
    }
    if (totals) add_row(chunk, width, totals + begin);
  }
}

void gradient_rows(Activation kind, const Dropout& dropout, MatrixView<const float> sums, MatrixView<float> gradient,
                   ArrayView<float> bias_gradient) {
  std::fill(bias_gradient.begin(), bias_gradient.end(), 0.0f);
  float* totals = bias_gradient.size ? bias_gradient.data : nullptr;
  for_activation(kind, [&]<Activation k>() {
    for (int64_t begin = 0; begin < gradient.columns; begin += kSumWidth) {
      gradient_columns<k>(dropout, sums, gradient, begin, totals);
    }
  });
}

double square_sum(const float* __restrict x, int64_t size) {
  alignas(64) double lanes[kSquareLanes] = {};
  for (int64_t begin = 0; begin < size; begin += kSquareLanes) {
    const int64_t width = std::min<int64_t>(kSquareLanes, size - begin);
    for (int64_t i = 0; i < width; ++i) lanes[i] += static_cast<double>(x[begin + i]) * x[begin + i];
  }
  for (int i = 0; i < kSquareThreads; ++i) lanes[i] = joined_lanes(lanes + 4 * i);
  double total = 0;
  for (int warp = 0; warp < kSquareThreads; warp += 32) {
    for (int half = 16; half > 0; half /= 2) {
      for (int i = 0; i < half; ++i) lanes[warp + i] += lanes[warp + i + half];
    }
    total = warp == 0 ? lanes[0] : total + lanes[warp];
  }
  return total;
}

double sum_rows(MatrixView<float> gradients, int64_t begin, int64_t end) {
  for (int64_t part = 1; part < gradients.rows; ++part) {
    add_row(gradients.row(part) + begin, end - begin, gradients.data + begin);
  }
  return square_sum(gradients.data + begin, end - begin);
}

/// The gradient of parameters [begin, end) as the optimiser sees it.
void gather_gradient(const StepNumbers& n, MatrixView<const float> gradients, const float* __restrict parameter, int64_t begin,
                     int64_t end, float* __restrict out) {
  const int64_t size = end - begin;
  std::copy_n(gradients.data + begin, size, out);
  for (int64_t part = 1; part < gradients.rows; ++part) add_row(gradients.row(part) + begin, size, out);
  if (n.scale == 1.0f && n.clip == 0 && n.l1 == 0 && n.decay == 0) return;
  for (int64_t i = 0; i < size; ++i) out[i] = effective_gradient(n, out[i], parameter[i]);
}

template <UpdateRule rule>
void update_block(const StepNumbers& n, int64_t size, const float* __restrict g, float* __restrict p, float* __restrict m,
                  float* __restrict v) {
  for (int64_t i = 0; i < size; ++i) {
    float first = kKeepsFirst<rule> ? m[i] : 0.0f, second = kKeepsSecond<rule> ? v[i] : 0.0f;
    p[i] = updated<rule>(n, g[i], p[i], first, second);
    if constexpr (kKeepsFirst<rule>) m[i] = first;
    if constexpr (kKeepsSecond<rule>) v[i] = second;
  }
}

void update(OptimiserKind kind, const StepNumbers& n, MatrixView<const float> gradients, const OptimiserState& state,
            int64_t begin, int64_t end) {
  constexpr int64_t kBlock = 1024;
  alignas(64) float g[kBlock];
  for (int64_t i = begin; i < end; i += kBlock) {
    const int64_t size = std::min(kBlock, end - i);
    float* p = state.parameters.data + i;
    float* first = state.first.size ? state.first.data + i : nullptr;
    float* second = state.second.size ? state.second.data + i : nullptr;
    gather_gradient(n, gradients, p, i, i + size, g);
    for_rule(update_rule(kind, state), [&]<UpdateRule rule>() { update_block<rule>(n, size, g, p, first, second); });
  }
}

void logistic_rows(const LossPlan& plan, int64_t rows, const float* __restrict outputs, const float* __restrict targets,
                   const float* __restrict scales, float* __restrict losses, float* __restrict slopes) {
  const float smoothing = plan.smoothing, w0 = class_weight(plan, 0), w1 = class_weight(plan, 1);
  // A loop of its own: in one with the rest the compiler makes branches of the exponential's cuts, and no vectors.
  for (int64_t i = 0; i < rows; ++i) losses[i] = logistic_tail(outputs[i]);
  for (int64_t i = 0; i < rows; ++i) {
    const LossPoint point = logistic_loss(outputs[i], losses[i], smoothed(targets[i], smoothing, 2), w0, w1);
    losses[i] = point.loss;
    slopes[i] = scales[i] * point.slope;
  }
}

constexpr TrainingLoops kLoops{activate_rows, gradient_rows, sum_rows, update, logistic_rows, kNormaliseLoops, kRecurrentLoops};

}  // namespace
}  // namespace crisp
