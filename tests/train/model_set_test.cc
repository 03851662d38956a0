#include "train/model_set.h"

#include <gtest/gtest.h>

namespace crisp {
namespace {

/// Counts how often a scorer is made: on a GPU that is an upload of all tables.
class CountedLearner : public Learner {
 public:
  class CountedModel : public Model, public Scorer {
   public:
    explicit CountedModel(int* made) : made_(made) {}
    int64_t columns() const override { return 1; }
    void save(Tensors&, Json&) const override {}
    std::unique_ptr<Scorer> scorer(Exec&) const override {
      ++*made_;
      return std::make_unique<CountedModel>(made_);
    }
    void score(Exec&, MatrixView<const float> rows, std::span<double> scores) const override {
      for (int64_t i = 0; i < rows.rows; ++i) scores[static_cast<size_t>(i)] = rows.at(i, 0);
    }
    void attribute(Exec&, MatrixView<const float> rows, MatrixView<double> out) const override {
      for (int64_t i = 0; i < rows.rows; ++i) out.at(i, 0) = rows.at(i, 0);
    }

   private:
    int* made_;
  };

  std::string name() const override { return "counted"; }
  std::string title() const override { return "Counted"; }
  std::string about() const override { return ""; }
  std::vector<Task> tasks() const override { return {Task::anomaly}; }
  const ParamTable& params() const override {
    static const ParamTable none;
    return none;
  }
  std::unique_ptr<Model> fit(Exec&, const FitData&, const Params&, uint64_t, TrainingRun&) const override {
    return std::make_unique<CountedModel>(&made);
  }
  std::unique_ptr<Model> load(const Tensors&, const Json&) const override { return std::make_unique<CountedModel>(&made); }

  mutable int made = 0;
};

TEST(ModelSet, ScorersStayForTheNextRowsOfTheSameExec) {
  CountedLearner learner;
  FitPlan plan;
  plan.learner = &learner;
  Matrix rows(4, 1);
  for (int64_t i = 0; i < 4; ++i) rows.view().at(i, 0) = static_cast<float>(i);
  const std::vector<std::string> groups{"a", "b", "a", "b"};
  Exec first;
  const ModelSet set = ModelSet::fit(first, plan, rows, groups);
  EXPECT_EQ(set.score(first, rows, groups), (std::vector<double>{0, 1, 2, 3}));
  EXPECT_EQ(learner.made, 2);
  set.score(first, rows, groups);
  EXPECT_EQ(set.attribute(first, rows, groups)[4], 2.0);
  EXPECT_EQ(learner.made, 2);
  Exec second;
  set.score(second, rows, groups);
  EXPECT_EQ(learner.made, 4) << "another Exec may be another device";
}

}  // namespace
}  // namespace crisp
