#include "models/random_cut_forest/random_cut_forest.h"

#include <gtest/gtest.h>

#include <cmath>

#include "cuda/error.h"
#include "cuda/random.h"

namespace crisp {
namespace {

constexpr int64_t kRows = 400, kColumns = 5;

std::vector<float> test_values() {
  std::vector<float> values(kRows * kColumns);
  for (size_t i = 0; i < values.size(); ++i)
    values[i] = static_cast<float>(std::exp(3 * random_uniform(1, 0, i)));
  return values;
}

class ForestModel : public ::testing::Test {
 protected:
  std::unique_ptr<Model> fit(const Json& given, uint64_t seed = 1) {
    return learner_->fit_detector(exec_, view_, learner_->params().resolve(given), seed);
  }
  std::vector<double> scores(const Model& model) {
    std::vector<double> out(kRows);
    model.scorer(exec_)->score(exec_, view_, out);
    return out;
  }

  Exec exec_{Device::cpu(), 2};
  std::unique_ptr<Learner> learner_ = make_random_cut_forest();
  std::vector<float> values_ = test_values();
  MatrixView<const float> view_{values_.data(), kRows, kColumns, kColumns};
};

TEST_F(ForestModel, SavedAndLoadedScoresTheSameBits) {
  const auto model = fit({{"num_trees", 60}, {"num_samples_per_tree", 50}});
  Tensors weights;
  Json about;
  model->save(weights, about);
  EXPECT_EQ(about["trees"], 60);
  const Tensors read = Tensors::parse(weights.serialise(), "weights.safetensors");
  const auto loaded = learner_->load(read, about);
  EXPECT_EQ(loaded->columns(), kColumns);
  EXPECT_EQ(scores(*loaded), scores(*model));
}

TEST_F(ForestModel, TheSeedDecides) {
  EXPECT_EQ(scores(*fit({}, 3)), scores(*fit({}, 3)));
  EXPECT_NE(scores(*fit({}, 3)), scores(*fit({}, 4)));
}

TEST_F(ForestModel, AScorerOutlivesItsModel) {
  auto model = fit({});
  const std::vector<double> expected = scores(*model);
  const auto scorer = model->scorer(exec_);
  model.reset();
  std::vector<double> out(kRows);
  scorer->score(exec_, view_, out);
  EXPECT_EQ(out, expected);
}

TEST_F(ForestModel, HasSageMakersRanges) {
  const ParamTable& table = learner_->params();
  EXPECT_EQ(table.resolve({}).integer("num_trees"), 100);
  EXPECT_EQ(table.resolve({}).integer("num_samples_per_tree"), 256);
  for (const Json& wrong :
       {Json{{"num_trees", 49}}, Json{{"num_trees", 1001}}, Json{{"num_samples_per_tree", 0}},
        Json{{"num_samples_per_tree", 2049}}, Json{{"feature_dim", 10001}}}) {
    EXPECT_THROW(table.resolve(wrong), Error) << wrong;
  }
  EXPECT_EQ(table.resolve({{"max_samples", 20}}).integer("num_samples_per_tree"), 20);
}

TEST_F(ForestModel, FeatureDimIsCheckedAgainstTheData) {
  EXPECT_NO_THROW(fit({{"feature_dim", 5}}));
  try {
    fit({{"feature_dim", 4}});
    FAIL();
  } catch (const Error& error) {
    EXPECT_EQ(error.code(), Code::config);
    EXPECT_EQ(error.message(), "feature_dim is 4, the data have 5 columns");
  }
}

TEST_F(ForestModel, RefusesDamagedBundles) {
  Tensors good;
  Json about;
  fit({})->save(good, about);
  for (const std::string& name : good.names()) {
    Tensors bent = good;
    bent.put<uint8_t>(name, std::vector<uint8_t>{1, 2, 3});
    EXPECT_THROW(learner_->load(bent, about), Error) << name;
  }
  for (const std::vector<int64_t>& shape : {std::vector<int64_t>{1}, {1, 0}, {0, 5}}) {
    Tensors bent = good;
    bent.put<float>("leaf_points", std::vector<float>(shape.size() == 1 ? 1 : 0), shape);
    EXPECT_THROW(learner_->load(bent, about), Error);
  }
}

}  // namespace
}  // namespace crisp
