/// Where a net is trained.
#pragma once

#include <functional>
#include <memory>

#include "nn/batch_step.h"

namespace crisp::nn {

/// Makes the step of a net for some plan and rows, which outlive it.
using MakeStep = std::function<std::unique_ptr<BatchStep>(Exec& exec, const NetTraining& training, const FitData& data)>;

/// What keeps a net from being trained on exec's GPU; "" where nothing does. Three steps on the first rows, as they are and as a
/// recorded graph, must leave nearly the parameters that the CPU's leave.
std::string gpu_objection(Exec& exec, const MakeStep& make, const NetTraining& training, const FitData& data);

/// exec itself, or the CPU where its GPU, or that of one of `peers` (may be null), does not do; then a line says why.
class NetPlace {
 public:
  NetPlace(Exec& exec, const MakeStep& make, const NetTraining& training, const FitData& data, Peers* peers);
  Exec& exec() { return host_ ? *host_ : exec_; }

 private:
  Exec& exec_;
  std::unique_ptr<Exec> host_;
};

}  // namespace crisp::nn
