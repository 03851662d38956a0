#include "include/crisp/predictor.h"

#include <gtest/gtest.h>

#include <cmath>
#include <thread>

#include "cuda/random.h"
#include "models/registry.h"
#include "tests/core/scratch.h"
#include "train/pipeline_bundle.h"

namespace crisp {
namespace {

constexpr int64_t kCount = 120;

Table training_rows() {
  std::vector<double> x;
  std::vector<int64_t> group, time;
  for (int64_t i = 0; i < kCount; ++i) {
    x.push_back(i == 7 ? 90.0 : random_uniform(1, 2, static_cast<uint64_t>(i)));
    group.push_back(i % 2);
    time.push_back(1607000000000000 + i * 3600000000);
  }
  return Table().with_numbers("x", x).with_integers("group", group).with_timestamps("time", time);
}

class PredictorTest : public testing::Test {
 protected:
  /// A model per group on x and the hour of the day, saved.
  PredictorTest() {
    register_models(registry_);
    PipelinePlan plan;
    plan.recipe = Recipe::parse(Json::array({{{"step", "derive"}, {"columns", {{"hour", "hour(time)"}}}}}));
    plan.features = {"x", "hour"};
    plan.per = "group";
    plan.fit.learner = &registry_.at("rcf");
    plan.fit.params = plan.fit.learner->params().resolve({{"num_trees", 50}});
    StepLog log;
    Exec exec;
    const Table raw = training_rows();
    const Pipeline pipeline = Pipeline::fit(exec, plan, plan.recipe.run_stateless(exec, raw, log), log);
    expected_ = pipeline.score(exec, raw, log).scores;
    write_pipeline(scratch_.path(), pipeline, {raw.schema(), {}, Json::object(), "", "test"});
  }

  Rows rows() const {
    const Table table = training_rows();
    std::vector<int64_t> microseconds;
    for (const double seconds : table.numbers("time")) microseconds.push_back(std::llround(seconds * 1e6));
    // The groups as numbers: they were whole ones in training, and must mean the same.
    return Rows().add_numbers("x", table.numbers("x")).add_numbers("group", table.numbers("group")).add_times("time", microseconds);
  }

  Scratch scratch_;
  Registry registry_;
  std::vector<double> expected_;
};

TEST_F(PredictorTest, GivesTheScoresOfThePipelineToTheLastBit) {
  const Predictor predictor(scratch_.path());
  EXPECT_EQ(predictor.inputs(), (std::vector<std::string>{"x", "group", "time"}));
  const Verdicts verdicts = predictor.predict(rows());
  EXPECT_EQ(verdicts.scores, expected_);
  EXPECT_TRUE(verdicts.anomalous[7]);
  EXPECT_EQ(verdicts.reasons[7].substr(0, 7), "x high:");
  EXPECT_EQ(verdicts.reasons[8], "");
  EXPECT_EQ(verdicts.rows.texts("hour").size(), static_cast<size_t>(kCount));
}

TEST_F(PredictorTest, AnswersManyThreads) {
  const Predictor predictor(scratch_.path(), "cpu", 2);
  std::vector<std::vector<double>> answers(4);
  std::vector<std::thread> threads;
  for (auto& answer : answers) threads.emplace_back([&] { answer = predictor.predict(rows()).scores; });
  for (std::thread& thread : threads) thread.join();
  for (const auto& answer : answers) EXPECT_EQ(answer, expected_);
}

TEST_F(PredictorTest, SaysWhatIsWrong) {
  const auto code = [](auto action) {
    try {
      action();
    } catch (const Error& error) {
      return error.code();
    }
    return Code::bug;
  };
  const std::vector<double> two{1, 2}, three{1, 2, 3};
  EXPECT_EQ(code([&] { Rows().add_numbers("a", two).add_numbers("b", three); }), Code::data);
  EXPECT_EQ(code([&] { Predictor(scratch_.path()).predict(Rows().add_numbers("x", two)); }), Code::data);
  EXPECT_EQ(code([&] { Predictor(scratch_.path() + "/none"); }), Code::no_input);
  EXPECT_EQ(code([&] { Predictor(scratch_.path(), "cuda:99"); }), Code::unavailable);
}

}  // namespace
}  // namespace crisp
