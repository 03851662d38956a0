#include "models/random_forest/random_forest.h"

#include "models/trees/forest_learner.h"

namespace crisp {
namespace {

class RandomForestLearner : public ForestLearner {
 public:
  RandomForestLearner() : ForestLearner({.name = "random_forest", .bootstrap = true}) {}

  std::string title() const override { return "Random forest"; }
  std::string about() const override {
    return "Many full-grown trees, each on rows drawn with replacement and splits of a few drawn columns; they answer together. Good without any "
           "setting; oob_score judges it by the rows that each tree did not draw.";
  }
  std::vector<std::string> aliases() const override { return {"rf", "forest"}; }
};

}  // namespace

std::unique_ptr<Learner> make_random_forest() { return std::make_unique<RandomForestLearner>(); }

}  // namespace crisp
