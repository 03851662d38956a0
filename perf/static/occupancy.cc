// Theoretical occupancy from NVIDIA's stand-alone cuda_occupancy.h: no GPU, no driver, no libcudart. Reads lines
// "sm threads registers static_shared dynamic_shared" and answers each with one line per EC2 GPU of that architecture:
// "gpu blocks_per_sm percent limit".
#include <cuda_runtime_api.h>

#include <cuda_occupancy.h>

#include <cstdio>

namespace {

/// Limits per architecture: CUDA C++ Programming Guide, table of technical specifications per compute capability.
struct Gpu {
  const char* name;
  int sm, multiprocessors, threads;
  size_t shared, shared_block, reserved;
};
constexpr size_t kKiB = 1024;
constexpr Gpu kGpus[] = {
    {"g4dn_T4", 75, 40, 1024, 64 * kKiB, 64 * kKiB, 0},
    {"p4d_A100", 80, 108, 2048, 164 * kKiB, 163 * kKiB, 1 * kKiB},
    {"g5_A10G", 86, 80, 1536, 100 * kKiB, 99 * kKiB, 1 * kKiB},
    {"g6_L4", 89, 58, 1536, 100 * kKiB, 99 * kKiB, 1 * kKiB},
    {"g6e_L40S", 89, 142, 1536, 100 * kKiB, 99 * kKiB, 1 * kKiB},
    {"p5_H100", 90, 132, 2048, 228 * kKiB, 227 * kKiB, 1 * kKiB},
    {"p6_B200", 100, 148, 2048, 228 * kKiB, 227 * kKiB, 1 * kKiB},
    {"sm_120", 120, 188, 1536, 100 * kKiB, 99 * kKiB, 1 * kKiB},
};

const char* limit_name(unsigned limits) {
  if (limits & OCC_LIMIT_WARPS) return "threads";
  if (limits & OCC_LIMIT_REGISTERS) return "registers";
  if (limits & OCC_LIMIT_SHARED_MEMORY) return "shared";
  return "blocks";
}

cudaOccDeviceProp properties_of(const Gpu& gpu) {
  cudaOccDeviceProp p;
  // The header knows no compute capability 12 yet: its multiprocessors have the limits of 8.9.
  p.computeMajor = gpu.sm == 120 ? 8 : gpu.sm / 10;
  p.computeMinor = gpu.sm == 120 ? 9 : gpu.sm % 10;
  p.maxThreadsPerBlock = 1024;
  p.maxThreadsPerMultiprocessor = gpu.threads;
  p.regsPerBlock = p.regsPerMultiprocessor = 65536;
  p.warpSize = 32;
  p.sharedMemPerBlock = 48 * kKiB;
  p.sharedMemPerMultiprocessor = gpu.shared;
  p.numSms = gpu.multiprocessors;
  p.sharedMemPerBlockOptin = gpu.shared_block;
  p.reservedSharedMemPerBlock = gpu.reserved;
  return p;
}

void answer(const Gpu& gpu, int threads, int registers, int shared, int dynamic_shared) {
  const cudaOccDeviceProp p = properties_of(gpu);
  cudaOccFuncAttributes a{};
  a.maxThreadsPerBlock = 1024;
  a.numRegs = registers;
  a.sharedSizeBytes = static_cast<size_t>(shared);
  a.partitionedGCConfig = PARTITIONED_GC_OFF;
  a.shmemLimitConfig = FUNC_SHMEM_LIMIT_OPTIN;
  a.maxDynamicSharedSizeBytes = gpu.shared_block;
  a.numBlockBarriers = 1;
  cudaOccDeviceState state;
  state.cacheConfig = CACHE_PREFER_NONE;
  state.carveoutConfig = SHAREDMEM_CARVEOUT_DEFAULT;
  cudaOccResult result;
  const cudaOccError error = cudaOccMaxActiveBlocksPerMultiprocessor(&result, &p, &a, &state, threads,
                                                                     static_cast<size_t>(dynamic_shared));
  if (error != CUDA_OCC_SUCCESS) {
    std::printf("%s 0 0 does_not_fit\n", gpu.name);
    return;
  }
  const int blocks = result.activeBlocksPerMultiprocessor;
  std::printf("%s %d %d %s\n", gpu.name, blocks, 100 * blocks * threads / gpu.threads,
              blocks == 0 ? "does_not_fit" : limit_name(result.limitingFactors));
}

}  // namespace

int main() {
  int sm, threads, registers, shared, dynamic_shared;
  while (std::scanf("%d %d %d %d %d", &sm, &threads, &registers, &shared, &dynamic_shared) == 5) {
    for (const Gpu& gpu : kGpus) {
      if (gpu.sm == sm) answer(gpu, threads, registers, shared, dynamic_shared);
    }
    std::printf(".\n");
  }
}
