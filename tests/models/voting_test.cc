#include "models/voting/voting.h"

#include <gtest/gtest.h>

#include "cuda/error.h"
#include "cuda/random.h"
#include "models/registry.h"
#include "models/voting/members.h"
#include "table/matrix.h"

namespace crisp {
namespace {

std::string refusal(const std::string& text) {
  try {
    parse_members(text);
  } catch (const Error& error) {
    EXPECT_EQ(error.code(), Code::config);
    return error.what();
  }
  return "";
}

TEST(Members, AreNamesWithParameters) {
  const std::vector<Member> members = parse_members(" ridge ,knn( n_neighbors = 15,weights=distance ), mlp(hidden_layers='64, 64')");
  ASSERT_EQ(members.size(), 3u);
  EXPECT_EQ(members[0].model, "ridge");
  EXPECT_EQ(members[1].params, (Json{{"n_neighbors", "15"}, {"weights", "distance"}}));
  EXPECT_EQ(members[2].params, (Json{{"hidden_layers", "64, 64"}}));
  EXPECT_EQ(members_text(members), "ridge, knn(n_neighbors=15, weights=distance), mlp(hidden_layers='64, 64')");
  EXPECT_EQ(members_text(parse_members(members_text(members))), members_text(members));
}

TEST(Members, WhatIsNoneIsShownWithItsPlace) {
  EXPECT_NE(refusal("").find("a model's name at place 1"), std::string::npos);
  EXPECT_NE(refusal("ridge,").find("a model's name at place 7"), std::string::npos);
  EXPECT_NE(refusal("ridge knn(").find("a parameter's name at place 11"), std::string::npos);
  EXPECT_NE(refusal("knn(k)").find("'=' and a value at place 6"), std::string::npos);
  EXPECT_NE(refusal("knn(k=3").find("')'"), std::string::npos);
  EXPECT_NE(refusal("mlp(x='a)").find("closing quote"), std::string::npos);
  EXPECT_NE(refusal("knn(k=3) ridge").find("a comma or the end"), std::string::npos);
}

TEST(Members, Weights) {
  EXPECT_EQ(parse_member_weights("", 2), (std::vector<double>{1, 1}));
  EXPECT_EQ(parse_member_weights("[2, 0.5]", 2), (std::vector<double>{2, 0.5}));
  for (const char* text : {"1", "1, 2, 3", "0, 0", "1, -1", "1, x", "1, nan"}) EXPECT_THROW(parse_member_weights(text, 2), Error) << text;
}

class Voting : public ::testing::Test {
 protected:
  Voting() {
    register_models(registry_);
    for (int64_t i = 0; i < rows_.rows(); ++i) {
      const double a = random_uniform(3, 0, static_cast<uint64_t>(i)), b = random_uniform(3, 1, static_cast<uint64_t>(i));
      rows_.view().at(i, 0) = static_cast<float>(a);
      rows_.view().at(i, 1) = static_cast<float>(b);
      numbers_.push_back(static_cast<float>(a * a + b));
      classes_.push_back(a + b > 1.3 ? 2.0f : a > 0.5 ? 1.0f : 0.0f);
    }
  }

  std::vector<double> answer(const std::string& model, const Json& params, bool of_classes, uint64_t seed = 0) {
    Exec exec(Device::cpu(), 2);
    const Learner& learner = registry_.at(model);
    TrainingRun run;
    const FitData data{of_classes ? Task::classification : Task::regression, of_classes ? 3 : 0, {},
                       {rows_.view(), of_classes ? classes_ : numbers_, {}}, {}};
    const auto fitted = learner.fit(exec, data, learner.params().resolve(params), seed, run);
    std::vector<double> out(static_cast<size_t>(rows_.rows() * fitted->outputs()));
    fitted->scorer(exec)->score(exec, rows_.view(), out);
    return out;
  }

  Registry registry_;
  Matrix rows_{200, 2};
  std::vector<float> numbers_, classes_;
};

TEST_F(Voting, NumbersAreTheWeightedMean) {
  const auto linear = answer("linear", {}, false), knn = answer("knn", {{"n_neighbors", 7}}, false);
  const auto vote = answer("voting", {{"members", "linear, knn(n_neighbors=7)"}, {"weights", "3, 1"}}, false);
  for (size_t i = 0; i < vote.size(); ++i) ASSERT_NEAR(vote[i], 0.75 * linear[i] + 0.25 * knn[i], 1e-12);
}

TEST_F(Voting, SoftIsTheMeanOfProbabilitiesAndHardOfFirstChoices) {
  const std::vector<std::vector<double>> own = {answer("linear", {}, true), answer("knn", {}, true), answer("dummy", {}, true)};
  const auto soft = answer("voting", {{"members", "linear, knn, dummy"}, {"weights", "1, 2, 1"}}, true);
  const auto hard = answer("voting", {{"members", "linear, knn, dummy"}, {"weights", "1, 2, 1"}, {"voting", "hard"}}, true);
  for (size_t i = 0; i < soft.size(); i += 3) {
    std::vector<double> shares(3);
    for (size_t k = 0; k < 3; ++k) {
      const auto row = own[k].begin() + static_cast<std::ptrdiff_t>(i);
      shares[static_cast<size_t>(std::max_element(row, row + 3) - row)] += k == 1 ? 0.5 : 0.25;
    }
    for (size_t c = 0; c < 3; ++c) {
      ASSERT_NEAR(soft[i + c], 0.25 * own[0][i + c] + 0.5 * own[1][i + c] + 0.25 * own[2][i + c], 1e-12);
      ASSERT_NEAR(hard[i + c], shares[c], 1e-12);
    }
  }
}

TEST_F(Voting, MistakesAreFoundBeforeAnyDataIsTouched) {
  const Learner& learner = registry_.at("voting");
  const auto complaint = [&](const Json& params) -> std::string {
    try {
      learner.check(learner.params().resolve(params));
    } catch (const Error& error) {
      EXPECT_EQ(error.code(), Code::config);
      return concat(error.what(), " ", error.hint());
    }
    return "";
  };
  EXPECT_EQ(complaint({{"members", "ridge, knn, mlp(epochs=3)"}}), "");
  EXPECT_NE(complaint({{"members", "rigde"}}).find("ridge"), std::string::npos);
  EXPECT_NE(complaint({{"members", "voting"}}).find("no model 'voting'"), std::string::npos);
  EXPECT_NE(complaint({{"members", "kmeans"}}).find("predicts nothing"), std::string::npos);
  EXPECT_NE(complaint({{"members", "ridge(alhpa=3)"}}).find("alpha"), std::string::npos);
  EXPECT_NE(complaint({{"members", "ridge"}, {"weights", "1, 2"}}).find("2 numbers for 1"), std::string::npos);
}

TEST_F(Voting, RefitsMembersAsLongAsTheyNeeded) {
  const Learner& learner = registry_.at("voting");
  const Json facts = {{"members", {{{"model", "ridge"}, {"parameters", {{"alpha", "3"}}}, {"facts", Json::object()}},
                                   {{"model", "mlp"}, {"parameters", Json::object()}, {"facts", {{"best_epoch", 12}}}}}}};
  const Params params = learner.params().resolve(learner.refit_params(facts));
  EXPECT_NE(params.text("members").find("ridge(alpha=3), mlp(epochs=12"), std::string::npos) << params.text("members");
  EXPECT_FALSE(learner.needs_validation(learner.params().resolve(Json::object())));
  EXPECT_TRUE(learner.needs_validation(params));
}

}  // namespace
}  // namespace crisp
