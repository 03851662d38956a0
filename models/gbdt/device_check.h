/// Whether a GPU boosts as the CPU does.
#pragma once

#include "models/gbdt/boosting.h"

namespace crisp {

/// Boosts one round on the first of the training rows, on exec's GPU and on the CPU, and compares trees and scores bit for bit. Where they
/// differ, or the GPU fails, it says so in one line and gives false.
bool boosts_as_the_cpu(Exec& exec, Exec& cpu, const FitData& data, const BoostingPlan& plan);

}  // namespace crisp
