#include "models/extra_trees/extra_trees.h"

#include "models/trees/forest_learner.h"

namespace crisp {
namespace {

class ExtraTreesLearner : public ForestLearner {
 public:
  ExtraTreesLearner() : ForestLearner({.name = "extra_trees", .random_thresholds = true}) {}

  std::string title() const override { return "Extremely randomised trees"; }
  std::string about() const override {
    return "As a random forest, with thresholds that are drawn, too, and trees that see all rows. Quicker to grow, and smoother where columns are "
           "noisy.";
  }
  std::vector<std::string> aliases() const override { return {"extratrees", "extremely_randomized_trees", "et"}; }
};

}  // namespace

std::unique_ptr<Learner> make_extra_trees() { return std::make_unique<ExtraTreesLearner>(); }

}  // namespace crisp
