/// The list of all models: one explicit call each, no static initialisers.
#pragma once

#include "train/model.h"

namespace crisp {

void register_models(Registry& registry);

}  // namespace crisp
