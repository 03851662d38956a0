#include "models/trees/forest_learner.h"

#include "core/stable_hash.h"
#include "cuda/error.h"
#include "models/trees/tree_explanation.h"
#include "train/shared_training.h"

namespace crisp {
namespace {

/// The tree in words, where it is small.
void tell_rules(const TreeParts& parts, const std::vector<FeatureInfo>& features, Json& facts) {
  std::vector<RuleColumn> columns;
  for (int64_t j = 0; j < parts.trees.columns; ++j) {
    const auto at = static_cast<size_t>(j);
    columns.push_back({.name = at < features.size() ? features[at].name : concat("column ", j + 1)});
  }
  const auto rules = TreeExplanation(parts).rules(columns);
  if (!rules.empty()) facts["rules"] = rules[0];
}

}  // namespace

ForestLearner::ForestLearner(ForestKind kind) : kind_(std::move(kind)), table_(forest_params(kind_)) {}

std::unique_ptr<Model> ForestLearner::fit(Exec& exec, const FitData& data, const Params& params, uint64_t seed, TrainingRun& run) const {
  if (run.peers) require_alike(*run.peers, stable_hash(concat(name(), " ", params.to_json().dump(), " ", seed, " ", rows_hash(data))));
  TreeParts parts = fit_forest(exec, data, forest_plan(kind_, data, params, seed), run);
  if (kind_.single) tell_rules(parts, data.features, run.facts);
  return make_tree_model(std::move(parts));
}

std::unique_ptr<Model> ForestLearner::load(const Tensors& weights, const Json& about) const { return load_tree_model(weights, about); }

}  // namespace crisp
