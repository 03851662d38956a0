/// Which instruction set the CPU engines use, chosen at run time. Tests lower the limit to run every engine
/// on one machine; results are the same for all.
#pragma once

#include <algorithm>
#include <atomic>

namespace crisp {

enum class CpuIsa : int { baseline = 0, avx2 = 1, avx512 = 2 };  // x86-64-v2 (or ARM), -v3, -v4

/// The best one that this machine has.
inline CpuIsa detected_isa() {
#if defined(__x86_64__)
  static const CpuIsa found = [] {
    __builtin_cpu_init();
    if (!__builtin_cpu_supports("avx2") || !__builtin_cpu_supports("fma") ||
        !__builtin_cpu_supports("bmi2")) {
      return CpuIsa::baseline;
    }
    const bool wide = __builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512dq") &&
                      __builtin_cpu_supports("avx512bw") && __builtin_cpu_supports("avx512vl") &&
                      __builtin_cpu_supports("avx512cd");
    return wide ? CpuIsa::avx512 : CpuIsa::avx2;
  }();
  return found;
#else
  return CpuIsa::baseline;
#endif
}

inline std::atomic<CpuIsa>& isa_limit() {
  static std::atomic<CpuIsa> limit{CpuIsa::avx512};
  return limit;
}

/// The one to use: the best that is here, within the limit.
inline CpuIsa chosen_isa() { return std::min(detected_isa(), isa_limit().load(std::memory_order_relaxed)); }

}  // namespace crisp
