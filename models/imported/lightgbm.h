/// LightGBM's models in text (save_model), versions 2 to 4.
#pragma once

#include <string_view>

#include "train/imported.h"

namespace crisp {

/// Code::data naming what is wrong, tree and node; a node is LightGBM's number of a split, or the number of splits plus that of a leaf.
ImportedModel import_lightgbm(std::string_view file, const std::string& origin);

}  // namespace crisp
