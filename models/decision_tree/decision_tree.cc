#include "models/decision_tree/decision_tree.h"

#include "models/trees/forest_learner.h"

namespace crisp {
namespace {

class DecisionTreeLearner : public ForestLearner {
 public:
  DecisionTreeLearner() : ForestLearner({.name = "decision_tree", .single = true}) {}

  std::string title() const override { return "Decision tree"; }
  std::string about() const override {
    return "One tree, which can be read: a small one (max_depth, max_leaf_nodes, min_samples_leaf) stands in the report rule by rule. Full-grown by "
           "default, which overfits.";
  }
  std::vector<std::string> aliases() const override { return {"tree", "cart"}; }
};

}  // namespace

std::unique_ptr<Learner> make_decision_tree() { return std::make_unique<DecisionTreeLearner>(); }

}  // namespace crisp
