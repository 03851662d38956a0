#include "models/trees/forest_learner.h"

#include "cuda/error.h"
#include "models/trees/rules.h"

namespace crisp {
namespace {

constexpr int64_t kMostRules = 64;  // that somebody reads

/// The tree in words, where it is small.
void tell_rules(const TreeParts& parts, const std::vector<FeatureInfo>& features, Json& facts) {
  if ((parts.trees.view().nodes() + 1) / 2 > kMostRules) return;
  std::vector<RuleColumn> columns;
  for (int64_t j = 0; j < parts.trees.columns; ++j) {
    const auto at = static_cast<size_t>(j);
    columns.push_back({.name = at < features.size() ? features[at].name : concat("column ", j + 1)});
  }
  facts["rules"] = tree_rules(parts, 0, columns);
}

}  // namespace

ForestLearner::ForestLearner(ForestKind kind) : kind_(std::move(kind)), table_(forest_params(kind_)) {}

std::unique_ptr<Model> ForestLearner::fit(Exec& exec, const FitData& data, const Params& params, uint64_t seed, TrainingRun& run) const {
  TreeParts parts = fit_forest(exec, data, forest_plan(kind_, data, params, seed), run);
  if (kind_.single) tell_rules(parts, data.features, run.facts);
  return make_tree_model(std::move(parts));
}

std::unique_ptr<Model> ForestLearner::load(const Tensors& weights, const Json& about) const { return load_tree_model(weights, about); }

}  // namespace crisp
