/// One tree of XGBoost's JSON.
#pragma once

#include "models/imported/foreign_tree.h"
#include "models/imported/xgboost_json.h"

namespace crisp {

/// Adds tree `number` to `all`, its leaves times `weight`.
void add_xgboost_tree(const XgboostJson& json, int64_t number, const Json& tree, double weight, ForeignTrees& all);

}  // namespace crisp
