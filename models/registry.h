/// The list of all models: one explicit call each, no static initialisers; and the way in for models that were made elsewhere.
#pragma once

#include <span>
#include <string>

#include "train/imported.h"

namespace crisp {

void register_models(Registry& registry);

/// A model that another library saved (models/imported/imported.h).
ImportedModel import_model_file(std::span<const uint8_t> file, const std::string& origin);

}  // namespace crisp
