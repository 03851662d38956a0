/// Where nets run.
#pragma once

#include <memory>
#include <mutex>

#include "core/log.h"
#include "cuda/exec.h"

namespace crisp::nn {

/// On the CPU: the step on a GPU is not written yet.
class NetPlace {
 public:
  explicit NetPlace(Exec& exec) : exec_(exec) {
    if (!exec.is_cuda()) return;
    static std::once_flag told;
    std::call_once(told, [] { warn("nets run on the CPU: their step on a GPU is not written yet"); });
    host_ = std::make_unique<Exec>(Device::cpu(), exec.threads().threads());
  }
  Exec& exec() { return host_ ? *host_ : exec_; }

 private:
  Exec& exec_;
  std::unique_ptr<Exec> host_;
};

}  // namespace crisp::nn
