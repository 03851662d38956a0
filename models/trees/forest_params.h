/// Parameters of forests and single trees, with scikit-learn's names and meanings.
#pragma once

#include "core/params.h"
#include "models/trees/forest_fit.h"

namespace crisp {

/// What tells the models of this family apart.
struct ForestKind {
  std::string name;               ///< of the model, for messages
  bool single = false;            ///< one tree on all rows, each node by all columns
  bool bootstrap = false;         ///< the default
  bool random_thresholds = false;
};

std::vector<Param> forest_params(const ForestKind& kind);

/// Code::config where a text means nothing. columns: of the rows.
ForestPlan forest_plan(const ForestKind& kind, const FitData& data, const Params& params, uint64_t seed);

/// What is wrong with them before any data is there: Code::config.
void check_forest_params(const ForestKind& kind, const Params& params);

}  // namespace crisp
