/// Work that is queued once and launched many times as one call: a CUDA graph. For steps whose kernels take as long as their launches.
#pragma once

#include <functional>
#include <memory>

#include "cuda/exec.h"

namespace crisp {

class Graph {
 public:
  Graph() = default;
  /// Records what `work` queues on exec's stream (a GPU's) instead of running it. DeviceBuffers may come and go in it; it may not wait,
  /// and copies between host and device need pinned memory, which must live as long as this. Passes on what `work` throws.
  Graph(Exec& exec, const std::function<void()>& work);

  explicit operator bool() const { return graph_ != nullptr; }
  /// Queues the recorded work; pointers and numbers are those that it was recorded with.
  void launch(Exec& exec) const;

 private:
  std::shared_ptr<void> graph_;
};

}  // namespace crisp
