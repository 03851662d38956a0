/// Trees that another library grew. They have no training: `crisp import` makes such models.
#pragma once

#include <memory>
#include <span>
#include <string>

#include "train/imported.h"

namespace crisp {

/// Loads what was imported; tasks() is empty.
std::unique_ptr<Learner> make_imported_trees();

/// Reads XGBoost's JSON or UBJSON, or LightGBM's text, whichever it is; `origin` names the file in messages. Code::data for anything else.
ImportedModel import_model_file(std::span<const uint8_t> file, const std::string& origin);

}  // namespace crisp
