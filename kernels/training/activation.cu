// GPU engine of activations. Forward: a thread takes four neighbouring values, which share a draw of the dropout; 8 bytes a
// value in place, 12 otherwise. Backward: a thread owns a column of a chunk of rows, so that it makes the chunk's bias gradient
// on the way: 12 bytes a value, plus 8 / kSumChunk for the partial sums. All bound by memory, tanh and gelu on T4 nearly not.
#include "cuda/launch.h"
#include "cuda/staging.h"
#include "kernels/training/activation_gpu.h"
#include "kernels/training/activation_row.h"
#include "kernels/training/column_sums_gpu.h"

namespace crisp::gpu {
namespace {

/// Values 4 g ... 4 g + 3 of a row, g = item % groups. `bias` may be null.
/// Owner: one thread a group. Memory: with `vector` 16 bytes at once, neighbouring threads neighbouring groups.
template <Activation kind, bool vector>
struct ActivateGroup {
  Dropout dropout;
  const float* bias;
  MatrixView<float> sums, out;
  int64_t groups;

  __device__ float4 dropped(int64_t i, int64_t begin, float4 y) const {
    if (!dropout.threshold) return y;
    float f[4];
    four_dropout_factors(at_stream(dropout), dropout.first + i * sums.columns + begin, f);
    return make_float4(y.x * f[0], y.y * f[1], y.z * f[2], y.w * f[3]);
  }
  __device__ void operator()(int64_t item) const {
    const int64_t i = item / groups, begin = item % groups * 4;
    if constexpr (vector) {
      float4* at = reinterpret_cast<float4*>(sums.row(i) + begin);
      float4 x = *at;
      if (bias) {
        const auto b = load_vector<float4>(bias + begin);
        x = make_float4(x.x + b.x, x.y + b.y, x.z + b.z, x.w + b.w);
        *at = x;
      }
      const float4 y = make_float4(activated<kind>(x.x), activated<kind>(x.y), activated<kind>(x.z), activated<kind>(x.w));
      *reinterpret_cast<float4*>(out.row(i) + begin) = dropped(i, begin, y);
    } else {
      const int64_t end = begin + 4 < sums.columns ? begin + 4 : sums.columns;
      for (int64_t j = begin; j < end; ++j) {
        const float x = bias ? sums.at(i, j) + bias[j] : sums.at(i, j);
        sums.at(i, j) = x;
        const float y = activated<kind>(x);
        out.at(i, j) = dropout.threshold ? y * dropout_factor(at_stream(dropout), dropout.first + i * sums.columns + j) : y;
      }
    }
  }
};

template <Activation kind>
struct SlopeValue {
  Dropout dropout;
  MatrixView<const float> sums;
  MatrixView<float> gradient;
  __device__ float operator()(int64_t i, int64_t j) const {
    float g = gradient.at(i, j);
    if (dropout.threshold) g *= dropout_factor(at_stream(dropout), dropout.first + i * gradient.columns + j);
    if constexpr (kind != Activation::identity) g *= slope<kind>(sums.at(i, j));
    gradient.at(i, j) = g;
    return g;
  }
};

bool in_fours(MatrixView<float> rows) {
  return rows.columns % 4 == 0 && aligned_rows(rows.data, rows.ld * 4, 16);
}

}  // namespace

void activate(Exec& exec, Activation kind, const Dropout& dropout, ArrayView<const float> bias, MatrixView<float> sums,
              MatrixView<float> out) {
  const DeviceInput<float> b(exec, bias);
  DeviceMatrixOutput<float> x(exec, sums), y(exec, out);
  x.load(exec);
  const bool in_place = sums.data == out.data;
  const MatrixView<float> from = x.view(), to = in_place ? from : y.view();
  const bool vector = in_fours(from) && in_fours(to) && (!bias.size || aligned_rows(b.data(), 0, 16));
  const int64_t groups = (sums.columns + 3) / 4;
  const float* added = bias.size ? b.data() : nullptr;
  for_activation(kind, [&]<Activation k>() {
    if (vector) {
      launch_rows(exec, from.rows * groups, ActivateGroup<k, true>{dropout, added, from, to, groups});
    } else {
      launch_rows(exec, from.rows * groups, ActivateGroup<k, false>{dropout, added, from, to, groups});
    }
  });
  x.finish(exec);
  if (!in_place) y.finish(exec);
}

void activation_gradient(Exec& exec, Activation kind, const Dropout& dropout, MatrixView<const float> sums,
                         MatrixView<float> gradient, ArrayView<float> bias_gradient) {
  const bool reads_sums = kind != Activation::identity;
  const DeviceMatrixInput<float> x(exec, reads_sums ? sums : MatrixView<const float>{});
  DeviceMatrixOutput<float> g(exec, gradient);
  DeviceOutput<float> total(exec, bias_gradient);
  g.load(exec);
  for_activation(kind, [&]<Activation k>() {
    sum_columns(exec, gradient.rows, gradient.columns, SlopeValue<k>{dropout, x.view(), g.view()}, total.view());
  });
  g.finish(exec);
  total.finish(exec);
}

}  // namespace crisp::gpu
