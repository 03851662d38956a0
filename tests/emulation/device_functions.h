/// Barriers, warp operations, atomics and cached loads of a kernel. Each barrier and warp operation carries its place in
/// the source (__builtin_LINE), because threads that meet at different ones are a mistake worth naming.
#pragma once

#include <cstring>
#include <type_traits>

#include "tests/emulation/types.h"

#if defined(CRISP_EMULATION_TRACE)
#define EMULATION_UNTRACED __attribute__((no_sanitize("thread"), noinline))
#else
#define EMULATION_UNTRACED
#endif
#define EMULATION_PLACE const char *file_ = __builtin_FILE(), int line_ = __builtin_LINE()

namespace emulation {

enum class BarrierOp { sync, count, all, any };
int barrier(BarrierOp op, int predicate, const char* file, int line);

enum class WarpOp {
  sync, shuffle, shuffle_up, shuffle_down, shuffle_xor, ballot, any, all, match,
  add, min_unsigned, max_unsigned, min_signed, max_signed, bit_and, bit_or, bit_xor
};
uint64_t collective(WarpOp op, unsigned mask, uint64_t value, int argument, int width, const char* file, int line);
unsigned own_lane_mask();
void* dynamic_shared_memory();
void maybe_preempt();
/// Access hooks of the trace build; they do nothing elsewhere.
void on_vector_access(const void* pointer, size_t bytes, bool write, void* place);
void on_atomic(void* pointer, size_t bytes, void* place);

template <class T>
T shuffle(WarpOp op, unsigned mask, T value, int argument, int width, const char* file, int line) {
  static_assert(sizeof(T) <= 8 && std::is_trivially_copyable_v<T>, "a shuffle moves 4 or 8 bytes");
  uint64_t bits = 0;
  std::memcpy(&bits, &value, sizeof(T));
  bits = collective(op, mask, bits, argument, width, file, line);
  std::memcpy(&value, &bits, sizeof(T));
  return value;
}

/// One OS thread runs all fibers, so a plain read-modify-write is atomic between them.
template <class T, class Change>
EMULATION_UNTRACED T read_modify_write(T* pointer, Change change) {
  maybe_preempt();
  on_atomic(pointer, sizeof(T), __builtin_return_address(0));
  const T old = *pointer;
  *pointer = change(old);
  return old;
}

template <class T>
EMULATION_UNTRACED T untraced_load(const T* pointer) { return *pointer; }
template <class T>
EMULATION_UNTRACED void untraced_store(T* pointer, T value) { *pointer = value; }
inline __attribute__((noinline)) void* this_place() { return __builtin_return_address(0); }

}  // namespace emulation

inline void __syncthreads(EMULATION_PLACE) { emulation::barrier(emulation::BarrierOp::sync, 0, file_, line_); }
inline int __syncthreads_count(int predicate, EMULATION_PLACE) {
  return emulation::barrier(emulation::BarrierOp::count, predicate, file_, line_);
}
inline int __syncthreads_and(int predicate, EMULATION_PLACE) {
  return emulation::barrier(emulation::BarrierOp::all, predicate, file_, line_);
}
inline int __syncthreads_or(int predicate, EMULATION_PLACE) {
  return emulation::barrier(emulation::BarrierOp::any, predicate, file_, line_);
}
inline void __syncwarp(unsigned mask = ~0u, EMULATION_PLACE) {
  emulation::collective(emulation::WarpOp::sync, mask, 0, 0, 32, file_, line_);
}
inline void __threadfence() {}
inline void __threadfence_block() {}

#define EMULATION_SHUFFLE(function, op, type)                                                    \
  template <class T>                                                                             \
  T function(unsigned mask, T value, type argument, int width = 32, EMULATION_PLACE) {           \
    return emulation::shuffle(emulation::WarpOp::op, mask, value, static_cast<int>(argument), width, file_, line_); \
  }
EMULATION_SHUFFLE(__shfl_sync, shuffle, int)
EMULATION_SHUFFLE(__shfl_up_sync, shuffle_up, unsigned)
EMULATION_SHUFFLE(__shfl_down_sync, shuffle_down, unsigned)
EMULATION_SHUFFLE(__shfl_xor_sync, shuffle_xor, int)
#undef EMULATION_SHUFFLE

#define EMULATION_VOTE(function, op, type, result, expression)                                     \
  inline result function(unsigned mask, type value, EMULATION_PLACE) {                             \
    return static_cast<result>(                                                                    \
        emulation::collective(emulation::WarpOp::op, mask, expression, 0, 32, file_, line_));      \
  }
EMULATION_VOTE(__ballot_sync, ballot, int, unsigned, value != 0)
EMULATION_VOTE(__any_sync, any, int, int, value != 0)
EMULATION_VOTE(__all_sync, all, int, int, value != 0)
EMULATION_VOTE(__reduce_add_sync, add, unsigned, unsigned, value)
EMULATION_VOTE(__reduce_add_sync, add, int, int, static_cast<unsigned>(value))
EMULATION_VOTE(__reduce_min_sync, min_unsigned, unsigned, unsigned, value)
EMULATION_VOTE(__reduce_min_sync, min_signed, int, int, static_cast<unsigned>(value))
EMULATION_VOTE(__reduce_max_sync, max_unsigned, unsigned, unsigned, value)
EMULATION_VOTE(__reduce_max_sync, max_signed, int, int, static_cast<unsigned>(value))
EMULATION_VOTE(__reduce_and_sync, bit_and, unsigned, unsigned, value)
EMULATION_VOTE(__reduce_or_sync, bit_or, unsigned, unsigned, value)
EMULATION_VOTE(__reduce_xor_sync, bit_xor, unsigned, unsigned, value)
#undef EMULATION_VOTE

template <class T>
unsigned __match_any_sync(unsigned mask, T value, EMULATION_PLACE) {
  uint64_t bits = 0;
  std::memcpy(&bits, &value, sizeof(T));
  return static_cast<unsigned>(emulation::collective(emulation::WarpOp::match, mask, bits, 0, 32, file_, line_));
}
/// The weakest answer that CUDA allows: code that hopes for more is wrong on some GPU.
inline unsigned __activemask() { return emulation::own_lane_mask(); }

#define EMULATION_ATOMIC(function, T, expression)                                                \
  inline T function(T* pointer, T value) {                                                       \
    return emulation::read_modify_write(pointer, [value](T old) { return static_cast<T>(expression); }); \
  }
#define EMULATION_ATOMIC_ARITHMETIC(T)      \
  EMULATION_ATOMIC(atomicAdd, T, old + value) \
  EMULATION_ATOMIC(atomicExch, T, ((void)old, value))
EMULATION_ATOMIC_ARITHMETIC(int)
EMULATION_ATOMIC_ARITHMETIC(unsigned)
EMULATION_ATOMIC_ARITHMETIC(unsigned long long)
EMULATION_ATOMIC_ARITHMETIC(float)
EMULATION_ATOMIC_ARITHMETIC(double)
#undef EMULATION_ATOMIC_ARITHMETIC
#define EMULATION_ATOMIC_INTEGER(T)                       \
  EMULATION_ATOMIC(atomicMin, T, value < old ? value : old) \
  EMULATION_ATOMIC(atomicMax, T, old < value ? value : old) \
  EMULATION_ATOMIC(atomicAnd, T, old & value)             \
  EMULATION_ATOMIC(atomicOr, T, old | value)              \
  EMULATION_ATOMIC(atomicXor, T, old ^ value)             \
  inline T atomicCAS(T* pointer, T expected, T value) {   \
    return emulation::read_modify_write(pointer, [expected, value](T old) { return old == expected ? value : old; }); \
  }
EMULATION_ATOMIC_INTEGER(int)
EMULATION_ATOMIC_INTEGER(unsigned)
EMULATION_ATOMIC_INTEGER(long long)
EMULATION_ATOMIC_INTEGER(unsigned long long)
#undef EMULATION_ATOMIC_INTEGER
#undef EMULATION_ATOMIC
inline int atomicSub(int* pointer, int value) { return atomicAdd(pointer, -value); }
inline unsigned atomicSub(unsigned* pointer, unsigned value) { return atomicAdd(pointer, 0u - value); }

// A read through __ldg or a store through __stcs counts as one vector access, and its alignment is checked.
#if defined(CRISP_EMULATION_TRACE)
template <class T>
__forceinline__ T __ldg(const T* pointer) {
  emulation::on_vector_access(pointer, sizeof(T), false, emulation::this_place());
  return emulation::untraced_load(pointer);
}
template <class T>
__forceinline__ void __stcs(T* pointer, T value) {
  emulation::on_vector_access(pointer, sizeof(T), true, emulation::this_place());
  emulation::untraced_store(pointer, value);
}
#else
template <class T>
__forceinline__ T __ldg(const T* pointer) { return *pointer; }
template <class T>
__forceinline__ void __stcs(T* pointer, T value) { *pointer = value; }
#endif
template <class T>
__forceinline__ T __ldcs(const T* pointer) { return __ldg(pointer); }
