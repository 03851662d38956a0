/// What a NeighbourScorer answers, as TorchScript.
#pragma once

#include <string>

#include "core/torch_script.h"
#include "models/knn/neighbour_model.h"

namespace crisp {

std::string script_neighbours(TorchScript& script, const NeighbourParts& parts, const std::string& rows);

}  // namespace crisp
