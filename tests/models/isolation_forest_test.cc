/// The isolation forest: truth from scikit-learn's trees by the paper's formula (tests/data/models/make_forests.py), and by hand.
#include <gtest/gtest.h>

#include <cmath>
#include <fstream>
#include <numeric>

#include "cuda/error.h"
#include "models/isolation_forest/isolation_forest.h"
#include "models/isolation_forest/isolation_trees.h"
#include "models/isolation_forest/path_parts.h"
#include "models/trees/tree_model.h"
#include "table/matrix.h"
#include "tests/thread_peers.h"

namespace crisp {
namespace {

Matrix matrix(const std::vector<std::vector<float>>& rows) {
  Matrix matrix(static_cast<int64_t>(rows.size()), static_cast<int64_t>(rows[0].size()));
  for (size_t i = 0; i < rows.size(); ++i) std::copy(rows[i].begin(), rows[i].end(), matrix.view().row(static_cast<int64_t>(i)));
  return matrix;
}

struct Fitted {
  std::unique_ptr<Model> model;
  std::vector<double> scores;
};

Fitted fitted(const Matrix& train, const Matrix& rows, const Json& params, std::vector<FeatureInfo> features = {}, uint64_t seed = 1, int threads = 2) {
  Exec exec(Device::cpu(), threads);
  const auto learner = make_isolation_forest();
  FitData data;
  data.features = std::move(features);
  data.train.rows = train.view();
  TrainingRun run;
  Fitted fitted{learner->fit(exec, data, learner->params().resolve(params), seed, run), std::vector<double>(static_cast<size_t>(rows.rows()))};
  fitted.model->scorer(exec)->score(exec, rows.view(), fitted.scores);
  return fitted;
}

/// All of them have it: they score the rows that were learned from.
TEST(IsolationForest, IsOneForestInAnyNumberOfProcesses) {
  std::vector<std::vector<float>> rows;
  for (int i = 0; i < 300; ++i) rows.push_back({static_cast<float>(i * 37 % 101), static_cast<float>(i % 7), i % 5 == 0 ? NAN : static_cast<float>(i)});
  const Matrix x = matrix(rows);
  const auto bytes_of = [](const Model& model) {
    Tensors weights;
    Json about = Json::object();
    model.save(weights, about);
    return weights.serialise();
  };
  for (const int trees : {3, 50}) {
    const Json params{{"n_estimators", trees}, {"max_samples", 64}};
    const std::vector<FeatureInfo> features = {{"a"}, {"kind", 7}, {"b"}};
    const auto one = bytes_of(*fitted(x, x, params, features).model);
    for (const int size : {2, 3, 4}) {
      std::vector<std::vector<uint8_t>> together(static_cast<size_t>(size));
      ThreadCompany(size).run([&](Peers& peers) {
        Exec exec(Device::cpu(), 1);
        FitData data;
        data.features = features;
        data.train.rows = x.view();
        TrainingRun run;
        run.peers = &peers;
        const auto learner = make_isolation_forest();
        together[static_cast<size_t>(peers.rank())] = bytes_of(*learner->fit(exec, data, learner->params().resolve(params), 1, run));
      });
      for (const auto& bytes : together) EXPECT_EQ(bytes, one) << trees << " trees, " << size << " processes";
    }
  }
}

TEST(IsolationForest, TheMeanPathIsThePapers) {
  EXPECT_EQ(isolation_path(1), 0);
  EXPECT_EQ(isolation_path(2), 1);
  EXPECT_NEAR(isolation_path(3), 2 * 1.5 - 4.0 / 3, 1e-15);
  EXPECT_NEAR(isolation_path(256), 2 * (std::log(255.0) + 0.57721566490153286 + 1 / 510.0) - 2 * 255.0 / 256, 1e-4);
}

TEST(IsolationForest, ScoresAsScikitLearnsTrees) {
  std::ifstream stream(CRISP_TEST_DATA "/models/forests.json");
  const Json golden = Json::parse(stream);
  const auto expected = golden["isolation"]["scores"].get<std::vector<double>>();
  std::vector<std::vector<float>> rows;
  for (size_t i = 0; i < expected.size(); ++i) rows.push_back(golden["x"][i].get<std::vector<float>>());
  const Matrix x = matrix(rows);
  const Fitted one = fitted(x, x, {{"n_estimators", 4000}, {"max_samples", golden["isolation"]["samples"]}});
  double most = 0, sum = 0;
  for (size_t i = 0; i < expected.size(); ++i) {
    most = std::max(most, std::fabs(one.scores[i] - expected[i]));
    sum += one.scores[i] - expected[i];
  }
  // Two such forests differ by 0.0024 in a row and 0.0003 on the mean, one standard deviation.
  EXPECT_LT(most, 0.01);
  EXPECT_LT(std::fabs(sum / static_cast<double>(expected.size())), 0.0012);
}

TEST(IsolationForest, DepthIsLimited) {
  Exec exec(Device::cpu(), 2);
  std::vector<std::vector<float>> rows;
  for (int i = 0; i < 500; ++i) rows.push_back({static_cast<float>(std::exp2(i % 120)), static_cast<float>(i % 3)});
  const std::vector<int32_t> categories = {0, 0};
  const Trees trees = grow_isolation_trees(exec, matrix(rows).view(), {categories.data(), 2}, {20, 100, 1, 3}, {0, 20});
  std::vector<int> depth(trees.feature.size());
  for (size_t t = 0; t + 1 < trees.first.size(); ++t) {
    const auto begin = static_cast<size_t>(trees.first[t]);
    EXPECT_EQ(trees.cover[begin], 100.0f);
    for (size_t node = begin; node < static_cast<size_t>(trees.first[t + 1]); ++node) {
      EXPECT_LE(depth[node], 7);  // ceil(log2 100)
      if (trees.feature[node] < 0) {
        EXPECT_NEAR(trees.value[node], depth[node] + isolation_path(static_cast<int64_t>(trees.cover[node])), 1e-12);
        continue;
      }
      const auto left = begin + static_cast<size_t>(trees.left[node]), right = begin + static_cast<size_t>(trees.right[node]);
      EXPECT_EQ(trees.cover[left] + trees.cover[right], trees.cover[node]);
      EXPECT_GT(trees.cover[left], 0.0f);
      EXPECT_GT(trees.cover[right], 0.0f);
      depth[left] = depth[right] = depth[node] + 1;
    }
  }
}

TEST(IsolationForest, ThePartsNameTheColumnAndTheSide) {
  std::vector<std::vector<float>> rows;
  for (int i = 0; i < 300; ++i) rows.push_back({static_cast<float>(i % 17), static_cast<float>(i % 13), static_cast<float>(i % 11)});
  const Matrix train = matrix(rows), far = matrix({{8, 60, 5}, {8, 6, -60}});
  Exec exec(Device::cpu(), 2);
  rows.push_back({8, 60, 5});
  rows.push_back({8, 6, -60});
  const Fitted one = fitted(matrix(rows), far, {{"n_estimators", 300}, {"max_samples", 302}});
  std::vector<double> parts(12);
  one.model->scorer(exec)->attribute(exec, far.view(), {parts.data(), 2, 6, 6});
  EXPECT_EQ(std::max_element(parts.begin(), parts.begin() + 6) - parts.begin(), 2);      // the second column, high
  EXPECT_EQ(std::max_element(parts.begin() + 6, parts.end()) - parts.begin(), 6 + 5);    // the third, low
  EXPECT_NEAR(std::accumulate(parts.begin(), parts.begin() + 6, 0.0), one.scores[0], 1e-12);
  EXPECT_GT(one.scores[0], 0.6);
}

TEST(IsolationForest, MissingValuesAndCategoriesAsTheyAre) {
  std::vector<std::vector<float>> rows;
  for (int i = 0; i < 400; ++i) rows.push_back({i % 50 == 0 ? std::nanf("") : static_cast<float>(i % 20), static_cast<float>(i % 3)});
  rows.push_back({10, 7});  // a category that is there once
  const Matrix train = matrix(rows), asked = matrix({{10, 1}, {10, 7}, {10, 8}, {std::nanf(""), 1}});
  const Fitted one = fitted(train, asked, {{"n_estimators", 400}, {"max_samples", 401}}, {{"number"}, {"kind", 9}});
  for (const double score : one.scores) EXPECT_TRUE(std::isfinite(score));
  EXPECT_GT(one.scores[1], one.scores[0] + 0.05);
  EXPECT_GT(one.scores[2], one.scores[0] + 0.05);  // never seen
}

TEST(IsolationForest, AllRowsAlikeScoreAHalf) {
  const Matrix alike = matrix(std::vector<std::vector<float>>(50, {3, 4}));
  for (const double score : fitted(alike, alike, Json::object()).scores) EXPECT_NEAR(score, 0.5, 1e-12);
  Exec exec(Device::cpu(), 1);
  std::vector<double> parts(200);
  fitted(alike, alike, Json::object()).model->scorer(exec)->attribute(exec, alike.view(), {parts.data(), 50, 4, 4});
  for (const double part : parts) EXPECT_NEAR(part, 0.125, 1e-12);
}

TEST(IsolationForest, SeedsDiffer) {
  const Matrix rows = matrix({{1, 2}, {2, 3}, {3, 9}, {4, 1}, {9, 9}});
  EXPECT_NE(fitted(rows, rows, {{"n_estimators", 5}}, {}, 1).scores, fitted(rows, rows, {{"n_estimators", 5}}, {}, 2).scores);
}

TEST(IsolationForest, OneRowIsRefused) {
  const Matrix row = matrix({{1, 2}});
  EXPECT_THROW(fitted(row, row, Json::object()), Error);
}

}  // namespace
}  // namespace crisp
