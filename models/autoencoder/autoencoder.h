/// Autoencoder: a net that learns to give rows back through a narrow layer; rows that it cannot give back are anomalous.
#pragma once

#include <memory>

#include "train/model.h"

namespace crisp {

/// The learner of `crisp models autoencoder`. Fitting and scoring open the LibTorch plug-in: Code::unavailable where it is not
/// there.
std::unique_ptr<Learner> make_autoencoder();

}  // namespace crisp
