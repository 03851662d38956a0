/// What stands between two matrix products of a net: bias, activation, dropout; and the way back.
#pragma once

#include <cstdint>

#include "cuda/exec.h"
#include "cuda/view.h"

namespace crisp {

/// gelu is the tanh form (Hendrycks, Gimpel 2016); leaky_relu has the slope 0.01.
enum class Activation { identity, relu, leaky_relu, silu, gelu, tanh };

/// Which elements are set to 0 in training. The draw of an element is a function of its place in the whole batch, so that
/// it does not matter how a batch is cut.
struct Dropout {
  uint64_t seed = 0, stream = 0;  ///< the run's seed; the step and the layer
  uint32_t threshold = 0;         ///< rate * 2^32; 0: none
  float scale = 1;                ///< 1 / (1 - rate)
  int64_t first = 0;              ///< place of the first element: (row of the batch) * columns
  const uint64_t* moved = nullptr;  ///< in a GPU's memory, for its engine alone: added to `stream` when the kernel runs
};

/// rate in [0, 1).
Dropout make_dropout(double rate, uint64_t seed, uint64_t stream, int64_t first);

/// out = dropout(activation(sums + bias)), rows x columns. `sums` becomes sums + bias, which activation_gradient() wants; for
/// identity and relu `out` may be `sums`. An empty bias is 0. NaN stays NaN (relu: becomes 0, as the loss does not).
/// Engines agree bit for bit. 8 to 12 bytes an element.
void activate(Exec& exec, Activation kind, const Dropout& dropout, ArrayView<const float> bias, MatrixView<float> sums,
              MatrixView<float> out);

/// gradient *= d out / d sums, where `sums` is what activate() left (for relu either of its two); bias_gradient (may be
/// empty) = its column sums, in the order of chunk_sums.h. Engines agree bit for bit. 12 bytes an element.
void activation_gradient(Exec& exec, Activation kind, const Dropout& dropout, MatrixView<const float> sums,
                         MatrixView<float> gradient, ArrayView<float> bias_gradient);

}  // namespace crisp
