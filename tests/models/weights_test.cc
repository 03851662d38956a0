/// Row weights against scikit-learn's sample_weight: tests/data/models/make_weights.py.
#include <gtest/gtest.h>

#include <cmath>
#include <fstream>

#include "cuda/error.h"
#include "models/registry.h"
#include "table/matrix.h"

namespace crisp {
namespace {

const Json& golden() {
  static const Json file = [] {
    std::ifstream stream(CRISP_TEST_DATA "/models/weights.json");
    return Json::parse(stream);
  }();
  return file;
}

std::vector<float> floats(const char* key) { return golden()[key].get<std::vector<float>>(); }

Matrix rows() {
  const Json& x = golden()["x"];
  Matrix matrix(static_cast<int64_t>(x.size()), 3);
  for (size_t i = 0; i < x.size(); ++i) {
    for (size_t j = 0; j < 3; ++j) matrix.view().at(static_cast<int64_t>(i), static_cast<int64_t>(j)) = x[i][j].get<float>();
  }
  return matrix;
}

std::vector<double> answer(const std::string& name, const Json& params, bool of_classes, const std::vector<float>& weights) {
  Registry registry;
  register_models(registry);
  Exec exec(Device::cpu(), 2);
  const Learner& learner = registry.at(name);
  EXPECT_TRUE(learner.weighs_rows());
  const Matrix x = rows();
  const std::vector<float> target = floats(of_classes ? "classes" : "numbers");
  const FitData data{of_classes ? Task::classification : Task::regression, of_classes ? 2 : 0, {}, {x.view(), target, weights}, {}};
  TrainingRun run;
  const auto model = learner.fit(exec, data, learner.params().resolve(params), 1, run);
  std::vector<double> out(static_cast<size_t>(x.rows() * model->outputs()));
  model->scorer(exec)->score(exec, x.view(), out);
  return out;
}

/// `stride`: numbers a row, of which the last counts.
void expect_near(const std::vector<double>& ours, const char* key, size_t stride, double tolerance) {
  const auto theirs = golden()[key].get<std::vector<double>>();
  ASSERT_EQ(ours.size(), theirs.size() * stride);
  for (size_t i = 0; i < theirs.size(); ++i) ASSERT_NEAR(ours[i * stride + stride - 1], theirs[i], tolerance) << key << " " << i;
}

TEST(RowWeights, OfTheDummy) {
  EXPECT_NEAR(answer("dummy", {{"strategy", "mean"}}, false, floats("w"))[0], golden()["mean"].get<double>(), 1e-6);
  EXPECT_NEAR(answer("dummy", {{"strategy", "median"}}, false, floats("w"))[0], golden()["median"].get<double>(), 1e-6);
  EXPECT_NEAR(answer("dummy", {}, true, floats("w"))[1], golden()["prior"][1].get<double>(), 1e-9);
}

TEST(RowWeights, OfTheLinearFamily) {
  expect_near(answer("linear", {}, false, floats("w")), "least_squares", 1, 1e-6);
  expect_near(answer("logistic", {{"C", 1e30}, {"tol", 1e-12}}, true, floats("w")), "logistic", 2, 1e-6);
}

/// A net without hidden layers that learns by all rows at once has the same minimum.
TEST(RowWeights, OfTheNet) {
  const Json plain = {{"hidden_layers", ""}, {"numeric_pieces", 0}, {"epochs", 1500}, {"batch_size", 120}, {"optimizer", "adam"},
                      {"weight_decay", 0.0}, {"learning_rate", 0.02}, {"schedule", "cosine"}, {"patience", 0}, {"restore_best", false}};
  try {
    expect_near(answer("mlp", plain, false, floats("w")), "least_squares", 1, 1e-4);
    expect_near(answer("mlp", plain, true, floats("w")), "logistic", 2, 1e-4);
  } catch (const Error& error) {
    if (error.code() != Code::unavailable) throw;
    GTEST_SKIP() << error.what();
  }
}

TEST(RowWeights, OfNeighbours) {
  std::vector<float> first(120, 0.0f);
  first[7] = 2;
  const std::vector<double> all = answer("knn", {{"n_neighbors", 3}}, false, first);
  for (const double value : all) ASSERT_FLOAT_EQ(static_cast<float>(value), golden()["numbers"][7].get<float>());
}

}  // namespace
}  // namespace crisp
