/// Neighbours against scikit-learn: tests/data/models/make_knn.py.
#include "models/knn/knn.h"

#include <gtest/gtest.h>

#include <cmath>
#include <fstream>
#include <numeric>

#include "cuda/error.h"
#include "tests/models/json_rows.h"

namespace crisp {
namespace {

std::unique_ptr<Model> fit(Task task, const Matrix& rows, const std::vector<float>& target, const Json& params = Json::object(),
                           const std::vector<float>& weights = {}, int64_t classes = 0) {
  Exec exec(Device::cpu(), 2);
  const auto learner = make_knn();
  TrainingRun run;
  return learner->fit(exec, {task, classes, {}, {rows.view(), target, weights}, {}}, learner->params().resolve(params), 0, run);
}

std::vector<double> score(const Model& model, const Matrix& rows) {
  Exec exec(Device::cpu(), 2);
  std::vector<double> out(static_cast<size_t>(rows.rows() * model.outputs()));
  model.scorer(exec)->score(exec, rows.view(), out);
  return out;
}

std::vector<double> attribute(const Model& model, const Matrix& rows) {
  Exec exec(Device::cpu(), 2);
  const int64_t width = 2 * rows.columns();
  std::vector<double> out(static_cast<size_t>(rows.rows() * width), NAN);
  model.scorer(exec)->attribute(exec, rows.view(), {out.data(), rows.rows(), width, width});
  return out;
}

struct Golden {
  Json file;
  Matrix rows, queries;
  std::vector<float> classes, numbers;
};

const Golden& golden() {
  static const Golden loaded = [] {
    std::ifstream stream(CRISP_TEST_DATA "/models/knn.json");
    Json file = Json::parse(stream);
    return Golden{file, matrix(file["x"]), matrix(file["queries"]), floats(file["classes"]), floats(file["numbers"])};
  }();
  return loaded;
}

std::unique_ptr<Model> fit_golden(const Json& item) {
  const Task task = parse_task(item["task"].get<std::string>());
  const bool classifies = task == Task::classification;
  return fit(task, golden().rows, classifies ? golden().classes : task == Task::regression ? golden().numbers : std::vector<float>(),
             item["params"], {}, classifies ? 3 : 0);
}

TEST(Knn, EqualsScikitLearn) {
  ASSERT_EQ(golden().file["cases"].size(), 42u);
  for (const Json& item : golden().file["cases"]) {
    SCOPED_TRACE(item["task"].dump() + item["params"].dump());
    const std::vector<double> ours = score(*fit_golden(item), golden().queries), theirs = item["answer"].get<std::vector<double>>();
    ASSERT_EQ(ours.size(), theirs.size());
    for (size_t i = 0; i < ours.size(); ++i) EXPECT_NEAR(ours[i], theirs[i], 1e-6 * std::max(1.0, std::fabs(theirs[i]))) << i;
  }
}

TEST(Knn, MetricsHaveTheirOtherNames) {
  for (const auto& [one, other] : {std::pair{"l1", "manhattan"}, std::pair{"l2", "euclidean"}}) {
    const auto a = fit(Task::anomaly, golden().rows, {}, {{"metric", one}, {"k", 3}});
    const auto b = fit(Task::anomaly, golden().rows, {}, {{"metric", other}, {"n_neighbors", 3}});
    EXPECT_EQ(score(*a, golden().queries), score(*b, golden().queries));
  }
}

TEST(Knn, PartsAddUpToTheScoreAndNameTheColumn) {
  for (const char* metric : {"euclidean", "manhattan", "cosine"}) {
    for (const char* method : {"mean", "largest"}) {
      SCOPED_TRACE(concat(metric, " ", method));
      const auto model = fit(Task::anomaly, golden().rows, {}, {{"metric", metric}, {"method", method}});
      Matrix far = golden().queries.take({0, 1, 14});
      far.view().at(1, 2) = -50;
      const std::vector<double> scores = score(*model, far), parts = attribute(*model, far);
      for (size_t i = 0; i < 3; ++i) {
        EXPECT_NEAR(std::accumulate(parts.begin() + 10 * static_cast<int64_t>(i), parts.begin() + 10 * static_cast<int64_t>(i + 1), 0.0),
                    scores[i], 1e-12 * scores[i]);
      }
      if (std::string(metric) == "cosine") continue;  // a column far off turns the others' directions too
      for (size_t j = 0; j < 10; ++j) EXPECT_TRUE(j == 5 || parts[10 + j] < parts[15]) << "column 3, low, is the reason: " << j;
    }
  }
}

/// Rows 0 and 0 at 3 and 4: distance 5, of which 9/5 and 16/5.
TEST(Knn, PartsOfOneNeighbourAreItsSquaredDifferences) {
  Matrix row(1, 2);
  row.view().at(0, 0) = 3, row.view().at(0, 1) = -4;
  const auto model = fit(Task::anomaly, Matrix(1, 2), {}, {{"k", 1}});
  EXPECT_EQ(score(*model, row), std::vector<double>{5});
  const std::vector<double> parts = attribute(*model, row), expected{1.8, 0, 0, 3.2};
  for (size_t j = 0; j < 4; ++j) EXPECT_NEAR(parts[j], expected[j], 1e-12) << j;
}

TEST(Knn, TheCosineLooksAtDirectionsAlone) {
  Matrix one(1, 2), other(1, 2);
  one.view().at(0, 0) = one.view().at(0, 1) = 1;
  other.view().at(0, 0) = 4, other.view().at(0, 1) = 2;  // above `one` in both columns, but turned away from the second
  const std::vector<double> parts = attribute(*fit(Task::anomaly, one, {}, {{"k", 1}, {"metric", "cosine"}}), other);
  EXPECT_GT(parts[0], 0);
  EXPECT_EQ(parts[1], 0);
  EXPECT_EQ(parts[2], 0);
  EXPECT_GT(parts[3], 0);
}

TEST(Knn, RowsWithoutDirectionShareTheirDistanceEvenly) {
  const auto model = fit(Task::anomaly, Matrix(3, 4), {}, {{"k", 2}, {"metric", "cosine"}});
  EXPECT_EQ(score(*model, Matrix(1, 4)), std::vector<double>{1});
  EXPECT_EQ(attribute(*model, Matrix(1, 4)), (std::vector<double>{0, 0.25, 0, 0.25, 0, 0.25, 0, 0.25}));
}

TEST(Knn, OnlyDetectorsGiveReasons) {
  const auto model = fit(Task::regression, golden().rows, golden().numbers);
  EXPECT_THROW(attribute(*model, golden().queries), Error);
}

TEST(Knn, ATrainingRowIsItsOwnNeighbour) {
  EXPECT_EQ(score(*fit(Task::anomaly, golden().rows, {}, {{"k", 1}}), golden().rows), std::vector<double>(80, 0.0));
}

TEST(Knn, WeightsOfRowsCountInVotesAndZeroIsNobody) {
  Matrix rows(4, 1);
  for (int64_t i = 0; i < 4; ++i) rows.view().at(i, 0) = static_cast<float>(i);
  const auto model = fit(Task::regression, rows, {100, 1, 2, 8}, {{"k", 3}}, {0, 1, 2, 1});
  EXPECT_EQ(score(*model, Matrix(1, 1)), std::vector<double>{(1 + 2 * 2 + 8) / 4.0});
}

TEST(Knn, FewerRowsThanNeighboursAreAllAsked) {
  EXPECT_EQ(score(*fit(Task::regression, Matrix(2, 3), {1, 4}), Matrix(1, 3)), std::vector<double>{2.5});
  EXPECT_THROW(fit(Task::anomaly, Matrix(0, 3), {}), Error);
}

TEST(Knn, DistancesBeyondFloatsAreStillAnswered) {
  Matrix rows(2, 2), query(1, 2);
  rows.view().at(0, 0) = 3e38f, rows.view().at(1, 0) = 2.5e38f, query.view().at(0, 0) = -3e38f;
  EXPECT_EQ(score(*fit(Task::regression, rows, {1, 3}, {{"weights", "distance"}}), query), std::vector<double>{2});
  const auto model = fit(Task::anomaly, rows, {});
  EXPECT_EQ(attribute(*model, query), (std::vector<double>{0, HUGE_VAL, 0, 0}));
}

TEST(Knn, MoreRowsThanFitAtOnceAreAnsweredAlike) {
  Matrix many(70'000, 5);
  for (int64_t i = 0; i < many.rows(); ++i) {
    const float* from = golden().queries.view().row(i % 18);
    std::copy(from, from + 5, many.view().row(i));
  }
  const auto model = fit(Task::anomaly, golden().rows, {}, {{"k", 80}});
  const std::vector<double> few = score(*model, golden().queries), all = score(*model, many);
  for (size_t i = 0; i < all.size(); ++i) ASSERT_EQ(all[i], few[i % 18]) << i;
}

TEST(Knn, AParameterOfAnotherTaskIsRefused) {
  EXPECT_THROW(fit(Task::anomaly, golden().rows, {}, {{"weights", "distance"}}), Error);
  EXPECT_THROW(fit(Task::regression, golden().rows, golden().numbers, {{"method", "largest"}}), Error);
}

/// A saved model that a test may bend.
struct Saved {
  Tensors arrays;
  Json about = Json::object();

  explicit Saved(const Model& model) { model.save(arrays, about); }
  Saved& with(const char* key, const Json& value) { return about[key] = value, *this; }
  Saved& with(const char* name, const std::vector<float>& values, const std::vector<int64_t>& shape) {
    return arrays.put(name, std::span<const float>(values), shape), *this;
  }

  /// The code of its refusal.
  Code refused() const {
    try {
      make_knn()->load(arrays, about);
    } catch (const Error& error) {
      return error.code();
    }
    ADD_FAILURE() << "loaded " << to_text(about);
    return Code::usage;
  }
};

TEST(Knn, DetectorsAreSavedAndLoaded) {
  const auto model = fit(Task::anomaly, golden().rows, {}, {{"metric", "l1"}, {"method", "largest"}});
  const Saved saved(*model);
  const auto loaded = make_knn()->load(saved.arrays, saved.about);
  EXPECT_EQ(score(*loaded, golden().queries), score(*model, golden().queries));
  EXPECT_EQ(Saved(*loaded).arrays.serialise(), saved.arrays.serialise());
}

TEST(Knn, RefusesDamagedBundles) {
  const auto model = fit(Task::classification, Matrix(6, 2), {0, 1, 2, 0, 1, 2}, {}, {1, 1, 1, 1, 2, 1}, 3);
  const Saved good(*model);
  EXPECT_NO_THROW(make_knn()->load(good.arrays, good.about));
  const auto bent = [&] { return good; };
  for (const char* key : {"task", "metric", "weights", "method", "n_neighbors", "classes"}) {
    EXPECT_EQ(bent().with(key, "nonsense").refused(), Code::data) << key;
    EXPECT_EQ(bent().with(key, Json()).refused(), Code::data) << key;
    EXPECT_EQ(bent().with(key, -1).refused(), Code::data) << key;
  }
  for (const int64_t neighbours : {int64_t{0}, int64_t{7}, int64_t{1} << 62}) EXPECT_EQ(bent().with("n_neighbors", neighbours).refused(), Code::data);
  EXPECT_EQ(bent().with("classes", 2).refused(), Code::data);
  EXPECT_EQ(bent().with("classes", int64_t{1} << 40).refused(), Code::data);
  EXPECT_EQ(bent().with("rows", std::vector<float>(12), {12}).refused(), Code::data);
  EXPECT_EQ(bent().with("rows", std::vector<float>(10), {5, 2}).refused(), Code::data);
  EXPECT_EQ(bent().with("rows", {}, {0, 2}).refused(), Code::data);
  EXPECT_EQ(bent().with("rows", std::vector<float>(12, NAN), {6, 2}).refused(), Code::data);
  EXPECT_EQ(bent().with("targets", std::vector<float>(6, 0.5f), {6}).refused(), Code::data);
  EXPECT_EQ(bent().with("targets", std::vector<float>(6, -1), {6}).refused(), Code::data);
  EXPECT_EQ(bent().with("targets", std::vector<float>(5, 1), {5}).refused(), Code::data);
  EXPECT_EQ(bent().with("targets", std::vector<float>(6, NAN), {6}).refused(), Code::data);
  EXPECT_EQ(bent().with("row_weights", std::vector<float>(6, 0), {6}).refused(), Code::data);
  EXPECT_EQ(bent().with("row_weights", std::vector<float>(5, 1), {5}).refused(), Code::data);
  Saved list = good;
  list.about = Json::array();
  EXPECT_EQ(list.refused(), Code::data);
}

}  // namespace
}  // namespace crisp
