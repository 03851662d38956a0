#include "train/prediction_pipeline.h"

#include <gtest/gtest.h>

#include <filesystem>

#include "core/file_io.h"
#include "cuda/error.h"
#include "cuda/random.h"
#include "models/registry.h"
#include "tests/core/scratch.h"
#include "train/prediction_bundle.h"

namespace crisp {
namespace {

Table rows(int64_t count, uint64_t seed = 1) {
  std::vector<double> a, b;
  std::vector<std::string> label;
  for (int64_t i = 0; i < count; ++i) {
    a.push_back(random_uniform(seed, 0, static_cast<uint64_t>(i)));
    b.push_back(i % 9 == 0 ? NAN : random_uniform(seed, 1, static_cast<uint64_t>(i)));
    label.push_back(a.back() > 0.5 ? "up" : "down");
  }
  return Table().with_numbers("a", a).with_numbers("b", b).with_texts("label", label);
}

class PredictingPipeline : public ::testing::Test {
 protected:
  PredictingPipeline() { register_models(registry_); }

  PredictionPipeline fit(const Table& table, const std::string& model = "logistic") {
    const Target target = Target::learn(table, {"label", {}, ""});
    PredictionPlan plan;
    plan.recipe = Recipe::parse(Json::array({{{"step", "impute"}, {"columns", {"a", "b"}}}, {{"step", "scale"}, {"columns", {"a", "b"}}}}));
    plan.learner = &registry_.at(model);
    plan.params = plan.learner->params().resolve(Json::object());
    TrainingRun run;
    StepLog log;
    return PredictionPipeline::fit(exec_, plan, target, {table, target.values(table)}, {table.slice(0, 0), {}}, run, log);
  }

  std::string write(const PredictionPipeline& pipeline) {
    BundleFacts facts;
    facts.input = rows(1).schema();
    facts.name = "test";
    write_prediction_pipeline(folder_, pipeline, facts, "training rows");
    return folder_;
  }

  Exec exec_{Device::cpu(), 2};
  Registry registry_;
  Scratch scratch_;
  std::string folder_ = scratch_.file("bundle");
};

TEST_F(PredictingPipeline, ComesBackFromItsBundle) {
  std::filesystem::create_directories(folder_);
  const PredictionPipeline pipeline = fit(rows(200));
  EXPECT_EQ(pipeline.features(), (std::vector<std::string>{"a", "b"}));
  const Bundle bundle = Bundle::open(write(pipeline));
  EXPECT_TRUE(predicts(bundle));
  const SavedPredictor saved = open_predictor(bundle, registry_);
  StepLog log;
  const Table fresh = rows(50, 2).without({"label"});
  const Predictions ours = pipeline.predict(exec_, fresh, log), theirs = saved.predict(exec_, fresh, log);
  EXPECT_EQ(ours.values, theirs.values);
  EXPECT_EQ(ours.outputs, 2);
  EXPECT_EQ(theirs.rows.names(), (std::vector<std::string>{"a", "b"}));
  Tensors first, second;
  EXPECT_EQ(pipeline.save(first), saved.pipeline.save(second));
  EXPECT_EQ(first.serialise(), second.serialise());
}

TEST_F(PredictingPipeline, SaysWhichColumnsAreAbsent) {
  std::filesystem::create_directories(folder_);
  const SavedPredictor saved = open_predictor(Bundle::open(write(fit(rows(50)))), registry_);
  StepLog log;
  try {
    saved.predict(exec_, rows(5).without({"b"}), log);
    FAIL();
  } catch (const Error& error) {
    EXPECT_EQ(error.code(), Code::data);
    EXPECT_NE(error.hint().find("'b'"), std::string::npos) << error.hint();
  }
}

TEST_F(PredictingPipeline, RefusesForeignManifests) {
  const PredictionPipeline pipeline = fit(rows(60));
  Tensors weights;
  const Json good = pipeline.save(weights);
  const Json recipe = pipeline.recipe().to_json(), reference = pipeline.reference().to_json();
  const auto load = [&](const Json& manifest) { return PredictionPipeline::load(registry_, manifest, weights, recipe, reference); };
  EXPECT_NO_THROW(load(good));
  for (const auto& [key, value] : std::vector<std::pair<std::string, Json>>{{"task", "regression"},
                                                                            {"task", 3},
                                                                            {"model", "lasso"},
                                                                            {"model", "nothing"},
                                                                            {"features", {"a"}},
                                                                            {"features", {"a", 1}},
                                                                            {"learned", Json::array()},
                                                                            {"seed", -1},
                                                                            {"target", Json::object()}}) {
    Json bent = good;
    bent[key] = value;
    EXPECT_THROW(load(bent), Error) << key << " " << value;
  }
  Json bent = good;
  bent["target"]["classes"] = {"a", "b", "c"};
  EXPECT_THROW(load(bent), Error);
  EXPECT_THROW(PredictionPipeline::load(registry_, good, weights, recipe, Json::array()), Error);
  EXPECT_THROW(PredictionPipeline::load(registry_, good, Tensors(), recipe, reference), Error);
}

}  // namespace
}  // namespace crisp
