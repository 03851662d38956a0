/// CUDA's qualifiers, vector types and built-in variables for the host compiler. Blocks run one after another and
/// __shared__ variables are statics, so AddressSanitizer's red zones stand around them.
#pragma once

#include <cstddef>
#include <cstdint>

#define CRISP_EMULATED 1
#define __global__
#define __device__
#define __host__
#define __constant__ __attribute__((section("emulation_constant")))
#define __shared__ static
#define __forceinline__ inline __attribute__((always_inline))
#define __launch_bounds__(...)
#define __grid_constant__
#define __align__(n) __attribute__((aligned(n)))

#define EMULATION_VECTORS(scalar, name)                                              \
  struct name##1 { scalar x; };                                                      \
  struct __attribute__((aligned(2 * sizeof(scalar)))) name##2 { scalar x, y; };      \
  struct name##3 { scalar x, y, z; };                                                \
  struct __attribute__((aligned(4 * sizeof(scalar) > 16 ? 16 : 4 * sizeof(scalar)))) \
  name##4 { scalar x, y, z, w; };                                                    \
  inline name##2 make_##name##2(scalar x, scalar y) { return {x, y}; }               \
  inline name##3 make_##name##3(scalar x, scalar y, scalar z) { return {x, y, z}; }  \
  inline name##4 make_##name##4(scalar x, scalar y, scalar z, scalar w) { return {x, y, z, w}; }
EMULATION_VECTORS(signed char, char)
EMULATION_VECTORS(unsigned char, uchar)
EMULATION_VECTORS(short, short)
EMULATION_VECTORS(unsigned short, ushort)
EMULATION_VECTORS(int, int)
EMULATION_VECTORS(unsigned, uint)
EMULATION_VECTORS(float, float)
EMULATION_VECTORS(double, double)
EMULATION_VECTORS(long, long)
EMULATION_VECTORS(unsigned long, ulong)
EMULATION_VECTORS(long long, longlong)
EMULATION_VECTORS(unsigned long long, ulonglong)
#undef EMULATION_VECTORS

struct dim3 {
  unsigned x, y, z;
  constexpr dim3(unsigned x_ = 1, unsigned y_ = 1, unsigned z_ = 1) : x(x_), y(y_), z(z_) {}
  constexpr operator uint3() const { return {x, y, z}; }
};

// They live in a section of their own, so that the access hooks can tell them from __shared__ variables.
extern uint3 threadIdx, blockIdx;
extern dim3 blockDim, gridDim;
constexpr int warpSize = 32;
