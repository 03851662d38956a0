/// Where an operation runs: the device, its stream, and the CPU threads. Every kernel takes an Exec& first.
#pragma once

#include <memory>

#include "cuda/device.h"
#include "cuda/thread_pool.h"

namespace crisp {

class Exec {
 public:
  /// `threads` 0 takes one per available core.
  explicit Exec(Device device = Device::cpu(), int threads = 0);
  ~Exec();
  Exec(const Exec&) = delete;
  Exec& operator=(const Exec&) = delete;

  const Device& device() const { return device_; }
  bool is_cuda() const { return device_.is_cuda(); }
  ThreadPool& threads() { return *threads_; }

  /// The stream that this Exec's work is queued on (a cudaStream_t; nullptr on the CPU).
  void* stream() const { return stream_; }
  /// Waits until all queued work is done, and reports its errors.
  void synchronize();

 private:
  Device device_;
  std::unique_ptr<ThreadPool> threads_;
  void* stream_ = nullptr;
};

}  // namespace crisp
