/// Multi-layer perceptron: numbers (optionally in pieces) and embedded categories through dense layers; trained by LibTorch.
#pragma once

#include <memory>

#include "train/model.h"

namespace crisp {

/// The learner of `crisp models mlp`. Fitting and scoring open the LibTorch plug-in: Code::unavailable where it is not there.
std::unique_ptr<Learner> make_mlp();

}  // namespace crisp
