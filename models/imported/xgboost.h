/// XGBoost's models in JSON and UBJSON (save_model): gbtree and dart.
#pragma once

#include "core/json.h"
#include "train/imported.h"

namespace crisp {

/// Code::data naming what is wrong, tree and node. The format: https://xgboost.readthedocs.io/en/stable/tutorials/saving_model.html
ImportedModel import_xgboost(const Json& file, const std::string& origin);

}  // namespace crisp
