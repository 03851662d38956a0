/// The body of affine_rows_*: included once by each file of an instruction set.
#include "cuda/simd.h"
#include "kernels/scale/affine_rows.h"

namespace crisp {
namespace {

/// Past the caches where the instruction set can.
inline void stream_register(float* p, Register a) {
#if defined(__AVX512F__)
  _mm512_stream_ps(p, a);
#elif defined(__AVX2__)
  _mm256_stream_ps(p, a);
#elif defined(__SSE2__)
  _mm_stream_ps(p, a);
#else
  store_register(p, a);
#endif
}

/// Streamed lines become visible to other threads in order only behind a fence.
inline void stream_fence() {
#if defined(__SSE2__)
  _mm_sfence();
#endif
}

template <bool streaming>
void affine_block(MatrixView<const float> rows, MatrixView<float> out, AffineColumns columns, int64_t begin,
                  int64_t end) {
  const int64_t width = (rows.columns + kLanes - 1) / kLanes * kLanes;
  for (int64_t i = begin; i < end; ++i) {
    const float* x = rows.row(i);
    float* y = out.row(i);
    for (int64_t j = 0; j < width; j += kRegisterLanes) {
      const Register high = load_register(columns.high + j), low = load_register(columns.low + j);
      const Register value = ((load_register(x + j) - high) - low) * load_register(columns.factor + j);
      if constexpr (streaming) {
        stream_register(y + j, value);
      } else {
        store_register(y + j, value);
      }
    }
  }
  if constexpr (streaming) stream_fence();
}

}  // namespace
}  // namespace crisp
