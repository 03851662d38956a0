/// How the GPUs of several processes get each other's gradients without the way through their hosts: NCCL, opened where it is there.
#pragma once

#include <memory>

#include "cuda/exec.h"
#include "train/peers.h"

namespace crisp::nn {

/// Every process makes the same calls in the same order.
class DeviceGather {
 public:
  virtual ~DeviceGather() = default;
  /// Queues on exec's stream: `count` numbers of each process, in the order of ranks, to `all` (size * count). `own` may be their
  /// place in `all`. All of it is memory of exec's GPU.
  virtual void gather(Exec& exec, const float* own, float* all, int64_t count) = 0;
  /// Ends what is queued: another process is gone, and it would wait for ever.
  virtual void abort() noexcept = 0;
};

/// Over NCCL (libnccl.so.2 of the wheel beside torch, or the system's), between the processes of `peers`, each with a GPU of its own;
/// tried once, with known numbers. Null where one of them cannot, in all of them; then a line says why.
std::unique_ptr<DeviceGather> connect_nccl(Exec& exec, Peers& peers);

}  // namespace crisp::nn
