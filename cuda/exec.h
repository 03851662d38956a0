/// Where an operation runs: the device, its stream, and the CPU threads. Every kernel takes an Exec& first.
#pragma once

#include <cstdint>
#include <memory>
#include <mutex>

#include "cuda/device.h"
#include "cuda/thread_pool.h"

namespace crisp {

class Exec {
 public:
  /// `threads` 0 takes one per available core. A GPU is not touched before the first use of stream().
  explicit Exec(Device device = Device::cpu(), int threads = 0);
  ~Exec();
  Exec(const Exec&) = delete;
  Exec& operator=(const Exec&) = delete;

  const Device& device() const { return device_; }
  bool is_cuda() const { return device_.is_cuda(); }
  ThreadPool& threads() { return *threads_; }

  /// The stream that this Exec's work is queued on (a cudaStream_t; nullptr on the CPU), made at first use.
  /// Code::unavailable when the GPU is not there.
  void* stream() const;
  /// The same, as a share in it: work that outlives this Exec (memory given back later) still finds its stream.
  std::shared_ptr<void> shared_stream() const;
  /// Different for every Exec of this process.
  uint64_t id() const { return id_; }
  /// Waits until all queued work is done, and reports its errors.
  void synchronize();
  /// Limits of this Exec's GPU; the CPU has none of them (all zero).
  const DeviceInfo& info() const;
  /// The cuBLAS handle of this Exec (cuda/blas.h makes and owns its meaning); nullptr until set.
  std::shared_ptr<void>& blas_handle() { return blas_; }

 private:
  struct Gpu;
  const std::shared_ptr<Gpu>& gpu() const;

  Device device_;
  std::unique_ptr<ThreadPool> threads_;
  mutable std::once_flag gpu_once_;
  mutable std::shared_ptr<Gpu> gpu_;
  uint64_t id_;
  std::shared_ptr<void> blas_;
};

}  // namespace crisp
