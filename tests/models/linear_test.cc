/// Linear models against scikit-learn: tests/data/models/make_linear.py.
#include "models/linear/linear.h"

#include <gtest/gtest.h>

#include <cmath>
#include <fstream>

#include "cuda/error.h"
#include "cuda/random.h"
#include "models/registry.h"
#include "tests/models/json_rows.h"

namespace crisp {
namespace {

const Json& golden() {
  static const Json cases = [] {
    std::ifstream file(CRISP_TEST_DATA "/models/linear.json");
    return Json::parse(file);
  }();
  return cases;
}

struct Fitted {
  std::unique_ptr<Model> model;
  std::vector<double> weights, intercepts, answer;
  Json facts;
};

class Linear : public ::testing::Test {
 protected:
  Linear() { register_models(registry_); }

  Fitted fit(const std::string& name, const Matrix& rows, const std::vector<float>& target, int64_t classes = 0,
             const Json& params = Json::object(), const std::vector<float>& weights = {}, int threads = 2) {
    Exec exec(Device::cpu(), threads);
    const Learner& learner = registry_.at(name);
    FitData data{classes > 0 ? Task::classification : Task::regression, classes, {}, {rows.view(), target, weights}, {}};
    TrainingRun run;
    Fitted fitted{learner.fit(exec, data, learner.params().resolve(params), 0, run), {}, {}, {}, run.facts};
    Tensors saved;
    Json about;
    fitted.model->save(saved, about);
    fitted.weights = saved.get<double>("weights");
    fitted.intercepts = saved.get<double>("intercepts");
    fitted.answer.resize(static_cast<size_t>(rows.rows() * fitted.model->outputs()));
    fitted.model->scorer(exec)->score(exec, rows.view(), fitted.answer);
    return fitted;
  }

  Registry registry_;
};

void expect_near(const std::vector<double>& ours, const std::vector<double>& theirs, double tolerance, const char* what) {
  for (size_t i = 0; i < theirs.size(); ++i) {
    EXPECT_NEAR(ours[i], theirs[i], tolerance * std::max(1.0, std::fabs(theirs[i]))) << what << " " << i;
  }
}

TEST_F(Linear, EqualsScikitLearn) {
  int index = 0;
  for (const Json& item : golden()["cases"]) {
    SCOPED_TRACE(concat("case ", index++, " ", item["name"].get<std::string>(), " ", item["params"].dump(), " ", item["x"].get<std::string>()));
    const Json& inputs = golden()["inputs"];
    const auto weights = item["w"].get<std::string>();
    Json params = item["params"];
    if (item["name"] != "ridge") params["tol"] = 1e-13;
    const Fitted fitted = fit(item["name"], matrix(inputs[item["x"].get<std::string>()]), floats(inputs[item["y"].get<std::string>()]),
                              item["classes"], params, weights.empty() ? std::vector<float>() : floats(inputs[weights]));
    expect_near(fitted.answer, item["answer"].get<std::vector<double>>(), 1e-6, "answer");
    expect_near(fitted.intercepts, item["intercepts"].get<std::vector<double>>(), 1e-6, "intercept");
    size_t at = 0;
    for (const Json& row : item["coefficients"]) {
      for (const Json& value : row) {
        EXPECT_NEAR(fitted.weights[at], value.get<double>(), 1e-6 * std::max(1.0, std::fabs(value.get<double>()))) << "weight " << at;
        ++at;
      }
    }
    EXPECT_EQ(at, fitted.weights.size());
  }
}

/// Enough rows for several pieces, and for a second fold of the triangle.
struct ManyRows {
  Matrix rows{70'000, 5};
  std::vector<float> numbers, classes;
  ManyRows() {
    for (int64_t i = 0; i < rows.rows(); ++i) {
      double sum = 0;
      for (int64_t j = 0; j < 5; ++j) {
        const double value = random_uniform(3, static_cast<uint64_t>(j), static_cast<uint64_t>(i)) - 0.5 + static_cast<double>(j) * 100;
        rows.view().at(i, j) = static_cast<float>(value);
        sum += static_cast<double>(j + 1) * static_cast<double>(rows.view().at(i, j));
      }
      numbers.push_back(static_cast<float>(sum));
      classes.push_back(random_uniform(4, 0, static_cast<uint64_t>(i)) < 1 / (1 + std::exp(sum - 4000)) ? 1.0f : 0.0f);
    }
  }
};

TEST_F(Linear, GivesTheSameBitsForAnyNumberOfThreads) {
  const ManyRows many;
  for (const char* name : {"linear", "ridge", "lasso"}) {
    EXPECT_EQ(fit(name, many.rows, many.numbers, 0, {}, {}, 1).weights, fit(name, many.rows, many.numbers, 0, {}, {}, 7).weights) << name;
  }
  EXPECT_EQ(fit("logistic", many.rows, many.classes, 2, {}, {}, 1).weights, fit("logistic", many.rows, many.classes, 2, {}, {}, 7).weights);
}

TEST_F(Linear, FindsTheWeightsThatMadeTheRows) {
  const ManyRows many;
  const Fitted fitted = fit("linear", many.rows, many.numbers);
  for (size_t j = 0; j < 5; ++j) EXPECT_NEAR(fitted.weights[j], static_cast<double>(j + 1), 1e-4);
}

TEST_F(Linear, AColumnTwiceSharesItsWeight) {
  Matrix rows(50, 3);
  std::vector<float> target;
  for (int64_t i = 0; i < 50; ++i) {
    const auto value = static_cast<float>(random_uniform(1, 0, static_cast<uint64_t>(i)));
    rows.view().at(i, 0) = rows.view().at(i, 1) = value;
    rows.view().at(i, 2) = 5;
    target.push_back(4 * value + 1);
  }
  const Fitted fitted = fit("linear", rows, target);
  EXPECT_NEAR(fitted.weights[0], 2, 1e-5);
  EXPECT_NEAR(fitted.weights[1], 2, 1e-5);
  EXPECT_EQ(fitted.weights[2], 0);
  EXPECT_NEAR(fitted.intercepts[0], 1, 1e-5);
}

TEST_F(Linear, AUnitOfMeasureDoesNotCountAsDependence) {
  Matrix rows(60, 2);
  std::vector<float> target;
  for (int64_t i = 0; i < 60; ++i) {
    rows.view().at(i, 0) = static_cast<float>(1e-12 * random_uniform(1, 0, static_cast<uint64_t>(i)));
    rows.view().at(i, 1) = static_cast<float>(1e9 * random_uniform(1, 1, static_cast<uint64_t>(i)));
    target.push_back(1e12f * rows.view().at(i, 0) + 1e-9f * rows.view().at(i, 1));
  }
  const Fitted fitted = fit("linear", rows, target);
  EXPECT_NEAR(fitted.weights[0], 1e12, 1e7);
  EXPECT_NEAR(fitted.weights[1], 1e-9, 1e-14);
}

TEST_F(Linear, SeparableClassesHaveAnEnd) {
  Matrix rows(40, 1);
  std::vector<float> target;
  for (int64_t i = 0; i < 40; ++i) {
    rows.view().at(i, 0) = static_cast<float>(i) - 19.5f;
    target.push_back(i < 20 ? 0.0f : 1.0f);
  }
  for (const double strength : {1.0, 1e12, 1e30}) {
    const Fitted fitted = fit("logistic", rows, target, 2, {{"C", strength}});
    EXPECT_TRUE(std::isfinite(fitted.weights[0])) << strength;
    EXPECT_GT(fitted.answer[79], 0.9) << strength;
  }
}

TEST_F(Linear, NoColumnsAndOneRowAreAnswered) {
  const Fitted fitted = fit("linear", Matrix(1, 3), {7});
  EXPECT_EQ(fitted.answer, std::vector<double>{7});
  EXPECT_EQ(fitted.weights, std::vector<double>(3));
}

TEST_F(Linear, SaysThatItStoppedEarly) {
  const ManyRows many;
  const Fitted fitted = fit("logistic", many.rows, many.classes, 2, {{"max_iter", 1}});
  EXPECT_FALSE(fitted.facts["converged"]);
}

TEST_F(Linear, RefusesDamagedWeights) {
  const auto learner = make_linear();
  Tensors good;
  good.put("weights", std::span<const double>(std::vector<double>{1, 2}), {1, 2});
  good.put("intercepts", std::span<const double>(std::vector<double>{0}));
  EXPECT_NO_THROW(learner->load(good, {{"link", "identity"}}));
  EXPECT_THROW(learner->load(good, {{"link", "softmax"}}), Error);
  EXPECT_THROW(learner->load(good, {{"link", "probit"}}), Error);
  EXPECT_THROW(learner->load(good, Json()), Error);
  Tensors bent = good;
  bent.put("weights", std::span<const double>(std::vector<double>{1, NAN}), {1, 2});
  EXPECT_THROW(learner->load(bent, {{"link", "identity"}}), Error);
  bent = good;
  bent.put("intercepts", std::span<const double>(std::vector<double>{0, 0}));
  EXPECT_THROW(learner->load(bent, {{"link", "identity"}}), Error);
}

TEST_F(Linear, SeveralTargetsAreAnsweredAsIfEachStoodAlone) {
  Exec exec(Device::cpu(), 2);
  Matrix rows(300, 5);
  std::vector<float> both, single[2];
  for (int64_t i = 0; i < rows.rows(); ++i) {
    for (int64_t j = 0; j < 5; ++j) rows.view().at(i, j) = static_cast<float>(random_uniform(1, static_cast<uint64_t>(j), static_cast<uint64_t>(i)));
    for (size_t k = 0; k < 2; ++k) {
      const double noise = random_uniform(2, k, static_cast<uint64_t>(i));
      single[k].push_back(static_cast<float>(rows.view().at(i, static_cast<int64_t>(k)) + 3 * static_cast<double>(k) + noise));
      both.push_back(single[k].back());
    }
  }
  for (const char* name : {"linear", "ridge"}) {
    const Learner& learner = registry_.at(name);
    FitData data{Task::forecast, 0, {}, {rows.view(), both, {}, 2}, {}};
    TrainingRun run;
    const auto model = learner.fit(exec, data, learner.params().resolve(Json::object()), 0, run);
    std::vector<double> answer(600);
    model->scorer(exec)->score(exec, rows.view(), answer);
    for (size_t k = 0; k < 2; ++k) {
      const Fitted alone = fit(name, rows, single[k]);
      for (size_t i = 0; i < 300; ++i) ASSERT_NEAR(answer[2 * i + k], alone.answer[i], 1e-9) << name << " " << k;
    }
  }
}

}  // namespace
}  // namespace crisp
