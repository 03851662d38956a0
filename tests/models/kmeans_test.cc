#include "models/kmeans/kmeans.h"

#include <gtest/gtest.h>

#include <cmath>
#include <numeric>

#include "cuda/error.h"
#include "cuda/random.h"
#include "table/matrix.h"

namespace crisp {
namespace {

constexpr int64_t kBlobs = 4, kColumns = 3;

/// Blob b stands at 10 in column b, at 0 in the others; blob 3 at 0. Every value is off by at most 0.5.
Matrix blobs(int64_t rows) {
  Matrix made(rows, kColumns);
  for (int64_t i = 0; i < rows; ++i) {
    for (int64_t j = 0; j < kColumns; ++j) {
      const double noise = random_uniform(5, static_cast<uint64_t>(j), static_cast<uint64_t>(i)) - 0.5;
      made.view().at(i, j) = static_cast<float>((i % kBlobs == j ? 10 : 0) + noise);
    }
  }
  return made;
}

struct Fitted {
  std::unique_ptr<Model> model;
  Json facts, about = Json::object();
  Tensors arrays;
};

Fitted fit(const Matrix& rows, const Json& params, uint64_t seed = 1, int threads = 2) {
  Exec exec(Device::cpu(), threads);
  const auto learner = make_kmeans();
  TrainingRun run;
  Fitted fitted;
  fitted.model = learner->fit(exec, {Task::anomaly, 0, {}, {rows.view(), {}, {}}, {}}, learner->params().resolve(params), seed, run);
  fitted.facts = run.facts;
  fitted.model->save(fitted.arrays, fitted.about);
  return fitted;
}

std::vector<double> score(const Model& model, const Matrix& rows, int threads = 2) {
  Exec exec(Device::cpu(), threads);
  std::vector<double> out(static_cast<size_t>(rows.rows()));
  model.scorer(exec)->score(exec, rows.view(), out);
  return out;
}

TEST(KMeansModel, FindsTheBlobs) {
  const Matrix rows = blobs(4000);
  const Fitted fitted = fit(rows, {{"k", kBlobs}});
  const std::vector<float> centroids = fitted.arrays.get<float>("centroids");
  ASSERT_EQ(centroids.size(), static_cast<size_t>(kBlobs * kColumns));
  for (int64_t blob = 0; blob < kBlobs; ++blob) {
    double nearest = HUGE_VAL;
    for (int64_t c = 0; c < kBlobs; ++c) {
      double apart = 0;
      for (int64_t j = 0; j < kColumns; ++j) {
        apart += std::pow(static_cast<double>(centroids[static_cast<size_t>(c * kColumns + j)]) - (blob == j ? 10.0 : 0.0), 2);
      }
      nearest = std::min(nearest, std::sqrt(apart));
    }
    EXPECT_LT(nearest, 0.05) << blob;
  }
  for (const double value : score(*fitted.model, rows)) ASSERT_LT(value, 1);
  Matrix between(1, kColumns);
  between.view().at(0, 0) = 5;
  EXPECT_NEAR(score(*fitted.model, between)[0], 5, 0.05);
}

TEST(KMeansModel, InertiaIsWhatTheScoresSayAndFallsWithMoreClusters) {
  const Matrix rows = blobs(1000);
  double before = HUGE_VAL;
  for (const int clusters : {1, 2, 3, 4, 8, 16}) {
    const Fitted fitted = fit(rows, {{"n_clusters", clusters}, {"tol", 0}});
    const std::vector<double> scores = score(*fitted.model, rows);
    const auto inertia = fitted.facts["inertia"].get<double>();
    EXPECT_NEAR(inertia, std::inner_product(scores.begin(), scores.end(), scores.begin(), 0.0), 1e-5 * inertia) << clusters;
    EXPECT_LT(inertia, before) << clusters;
    EXPECT_TRUE(fitted.facts["converged"]) << clusters;
    EXPECT_GE(fitted.facts["iterations"], 1) << clusters;
    before = inertia;
  }
}

TEST(KMeansModel, SaysThatItStoppedEarly) {
  const Fitted fitted = fit(blobs(1000), {{"n_clusters", 16}, {"max_iter", 1}, {"tol", 0}});
  EXPECT_FALSE(fitted.facts["converged"]);
  EXPECT_EQ(fitted.facts["iterations"], 1);
}

TEST(KMeansModel, TheSeedDecidesAndThreadsDoNot) {
  const Matrix rows = blobs(3000);
  const Json params = {{"n_clusters", 9}};
  const Fitted one = fit(rows, params, 3, 1), seven = fit(rows, params, 3, 7);
  EXPECT_EQ(one.arrays.serialise(), seven.arrays.serialise());
  EXPECT_EQ(score(*one.model, rows, 1), score(*one.model, rows, 7));
  EXPECT_NE(fit(rows, params, 4).arrays.serialise(), one.arrays.serialise());
}

TEST(KMeansModel, PartsAddUpToTheScoreAndNameTheColumn) {
  const Fitted fitted = fit(blobs(1000), {{"n_clusters", kBlobs}});
  Matrix rows = blobs(3);
  rows.view().at(1, 2) = -6;
  const std::vector<double> scores = score(*fitted.model, rows);
  std::vector<double> parts(3 * 2 * kColumns, NAN);
  Exec exec(Device::cpu(), 2);
  fitted.model->scorer(exec)->attribute(exec, rows.view(), {parts.data(), 3, 2 * kColumns, 2 * kColumns});
  for (size_t i = 0; i < 3; ++i) {
    const auto begin = parts.begin() + static_cast<std::ptrdiff_t>(i * 2 * kColumns);
    EXPECT_NEAR(std::accumulate(begin, begin + 2 * kColumns, 0.0), scores[i], 1e-12) << i;
  }
  EXPECT_GT(parts[6 + 5], 0.95 * scores[1]) << "column 3, low";
  EXPECT_EQ(parts[6 + 4], 0);
}

TEST(KMeansModel, SavedAndLoadedIsTheSameBitForBit) {
  const Matrix rows = blobs(500);
  const Fitted fitted = fit(rows, {});
  const auto loaded = make_kmeans()->load(Tensors::parse(fitted.arrays.serialise(), "weights"), fitted.about);
  EXPECT_EQ(score(*loaded, rows), score(*fitted.model, rows));
  Tensors again;
  Json about = Json::object();
  loaded->save(again, about);
  EXPECT_EQ(again.serialise(), fitted.arrays.serialise());
  EXPECT_EQ(about, fitted.about);
}

TEST(KMeansModel, RefusesMoreClustersThanRowsAndOtherColumns) {
  try {
    fit(blobs(5), {});
    FAIL();
  } catch (const Error& error) {
    EXPECT_EQ(error.code(), Code::data);
    EXPECT_NE(error.hint().find("at most 5"), std::string::npos) << error.hint();
  }
  const Fitted fitted = fit(blobs(50), {});
  EXPECT_THROW(score(*fitted.model, Matrix(2, kColumns + 1)), Error);
  EXPECT_TRUE(score(*fitted.model, Matrix(0, kColumns)).empty());
}

TEST(KMeansModel, RefusesDamagedBundles) {
  const auto refused = [](const std::vector<float>& values, const std::vector<int64_t>& shape) {
    Tensors arrays;
    arrays.put("centroids", std::span<const float>(values), shape);
    try {
      make_kmeans()->load(arrays, Json::object());
    } catch (const Error& error) {
      return error.code() == Code::data;
    }
    return false;
  };
  EXPECT_FALSE(refused({1, 2}, {1, 2}));
  EXPECT_TRUE(refused({1, 2}, {2}));
  EXPECT_TRUE(refused({1, NAN}, {1, 2}));
  EXPECT_TRUE(refused({1, HUGE_VALF}, {2, 1}));
  EXPECT_TRUE(refused({}, {0, 2}));
  EXPECT_TRUE(refused({}, {2, 0}));
  EXPECT_THROW(make_kmeans()->load(Tensors(), Json::object()), Error);
}

}  // namespace
}  // namespace crisp
