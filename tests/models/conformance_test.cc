/// What holds for every model of the registry, whatever it is made of: those that predict a target, and those that detect.
#include <gtest/gtest.h>

#include <cmath>
#include <numeric>

#include "cuda/device.h"
#include "cuda/error.h"
#include "cuda/random.h"
#include "models/registry.h"
#include "table/matrix.h"
#include "train/explainable.h"

namespace crisp {
namespace {

/// What a model needs besides its defaults, and where it may differ from the others.
struct Allowance {
  std::string model;
  double threads = 0;          ///< predictions by 1 and by 7 threads may differ by so much
  Json params = Json::object();  ///< so that it is quick, or suits the small problem
};

const std::vector<Allowance>& allowances() {
  static const std::vector<Allowance> list = {{"lasso", 0, {{"alpha", 0.01}}}, {"elastic_net", 0, {{"alpha", 0.01}}},
                                              {"mlp", 0, {{"epochs", 25}, {"hidden_layers", "16"}, {"numeric_pieces", 8}}},
                                              {"voting", 0, {{"members", "linear, knn(n_neighbors=9)"}, {"weights", "2, 1"}}},
                                              {"lstm", 0, {{"epochs", 15}, {"hidden_layers", "16"}, {"learning_rate", 0.02}}},
                                              {"gru", 0, {{"epochs", 15}, {"hidden_layers", "16"}, {"learning_rate", 0.02}}},
                                              {"autoencoder", 0, {{"epochs", 40}, {"hidden_layers", "16, 2, 16"}, {"dropout", 0.0}, {"learning_rate", 0.01}}}};
  return list;
}

Allowance allowance_of(const std::string& model) {
  for (const Allowance& allowance : allowances()) {
    if (allowance.model == model) return allowance;
  }
  return {model};
}

struct Case {
  std::string model;
  Task task;
  int64_t classes;
};

/// For messages: GoogleTest would show the bytes, padding among them.
void PrintTo(const Case& one, std::ostream* out) { *out << one.model; }

std::vector<Case> cases() {
  Registry registry;
  register_models(registry);
  std::vector<Case> all;
  for (const auto& learner : registry.all()) {
    if (learner->does(Task::regression)) all.push_back({learner->name(), Task::regression, 0});
    if (learner->does(Task::forecast)) all.push_back({learner->name(), Task::forecast, 0});
    if (!learner->does(Task::classification)) continue;
    all.push_back({learner->name(), Task::classification, 2});
    all.push_back({learner->name(), Task::classification, 4});
  }
  return all;
}

/// An easy problem: the target follows from the first two of four columns, with a little noise. A forecast has two answers, and
/// takes the four columns for two steps of two.
struct Problem {
  static constexpr int64_t kRows = 2000, kColumns = 4;
  Matrix rows{kRows, kColumns};
  std::vector<float> target;
  int64_t answers = 1;

  explicit Problem(const Case& of) : answers(of.task == Task::forecast ? 2 : 1) {
    for (int64_t i = 0; i < kRows; ++i) {
      const auto draw = [&](uint64_t stream) { return 2 * random_uniform(9, stream, static_cast<uint64_t>(i)) - 1; };
      for (int64_t j = 0; j < kColumns; ++j) rows.view().at(i, j) = static_cast<float>(1.7 * draw(static_cast<uint64_t>(j)));
      const double sum = 2 * draw(0) - draw(1) + 0.1 * draw(99);
      if (of.task == Task::forecast) target.insert(target.end(), {static_cast<float>(sum), static_cast<float>(draw(0) + 2 * draw(1))});
      if (of.task == Task::regression) target.push_back(static_cast<float>(sum));
      if (of.classes == 2) target.push_back(sum > 0.3 ? 1.0f : 0.0f);
      if (of.classes == 4) target.push_back(static_cast<float>((draw(0) > 0) + 2 * (draw(1) > 0)));
    }
  }
};

/// The arrays and the JSON that a model is saved as.
std::pair<std::vector<uint8_t>, std::string> saved(const Model& model) {
  Tensors weights;
  Json about = Json::object();
  model.save(weights, about);
  return {weights.serialise(), to_text(about)};
}

std::unique_ptr<Model> reloaded(const Learner& learner, const Model& model) {
  const auto [arrays, about] = saved(model);
  return learner.load(Tensors::parse(arrays, "weights"), parse_json(about, "about"));
}

std::vector<double> answers(Exec& exec, const Model& model, MatrixView<const float> rows) {
  std::vector<double> out(static_cast<size_t>(rows.rows * model.outputs()));
  model.scorer(exec)->score(exec, rows, out);
  return out;
}

void expect_refusal_of_other_columns(const Model& model) {
  Exec exec(Device::cpu(), 1);
  for (const int64_t columns : {model.columns() - 1, model.columns() + 1}) {
    EXPECT_THROW(answers(exec, model, Matrix(3, columns).view()), Error) << columns;
  }
}

void expect_refusal_of_other_arrays(const Learner& learner, const Model& model) {
  Tensors weights;
  Json about = Json::object();
  model.save(weights, about);
  EXPECT_THROW(learner.load(Tensors(), about), Error);
  for (const std::string& name : weights.names()) {
    Tensors bent = weights;
    bent.put<uint8_t>(name, std::vector<uint8_t>{1, 2, 3});
    EXPECT_THROW(learner.load(bent, about), Error) << name;
  }
}

/// The fit of a model that needs something which is not installed here is skipped.
template <class Fit>
void skip_where_unavailable(Fit fit) {
  try {
    fit();
  } catch (const Error& error) {
    if (error.code() == Code::unavailable) GTEST_SKIP() << error.what();
    throw;
  }
}

class EveryPredictor : public ::testing::TestWithParam<Case> {
 protected:
  EveryPredictor() : problem_(GetParam()) { register_models(registry_); }

  void SetUp() override { skip_where_unavailable([&] { fit(); }); }

  const Learner& learner() const { return registry_.at(GetParam().model); }
  Allowance allowed() const { return allowance_of(GetParam().model); }

  std::unique_ptr<Model> fit(uint64_t seed = 1, int threads = 2, const std::string& model = "") {
    Exec exec(Device::cpu(), threads);
    const Learner& learner = registry_.at(model.empty() ? GetParam().model : model);
    const Json params = model.empty() ? allowed().params : Json::object();
    FitData data{GetParam().task, GetParam().classes, {}, {problem_.rows.view(), problem_.target, weights_, problem_.answers}, {}};
    if (GetParam().task == Task::forecast) data.window = {2, 0, 1};
    TrainingRun run;
    return learner.fit(exec, data, learner.params().resolve(params), seed, run);
  }

  std::vector<double> predict(const Model& model, int threads = 2) {
    Exec exec(Device::cpu(), threads);
    return answers(exec, model, problem_.rows.view());
  }

  /// Mean squared error of numbers, mean log loss of classes.
  double loss(const std::vector<double>& answer) const {
    double sum = 0;
    const int64_t classes = GetParam().classes;
    const int64_t values = Problem::kRows * problem_.answers;
    for (int64_t i = 0; i < values; ++i) {
      const double truth = problem_.target[static_cast<size_t>(i)];
      if (classes == 0) sum += (answer[static_cast<size_t>(i)] - truth) * (answer[static_cast<size_t>(i)] - truth);
      else sum -= std::log(std::max(1e-12, answer[static_cast<size_t>(i * classes + static_cast<int64_t>(truth))]));
    }
    return sum / static_cast<double>(values);
  }

  Registry registry_;
  Problem problem_;
  std::vector<float> weights_;
};

TEST_P(EveryPredictor, AnswersInShape) {
  const auto model = fit();
  const int64_t classes = GetParam().classes;
  EXPECT_EQ(model->columns(), Problem::kColumns);
  ASSERT_EQ(model->outputs(), classes == 0 ? problem_.answers : classes);
  const std::vector<double> answer = predict(*model);
  for (size_t i = 0; i < answer.size(); ++i) {
    ASSERT_TRUE(std::isfinite(answer[i])) << i;
    ASSERT_TRUE(classes == 0 || (answer[i] >= 0 && answer[i] <= 1)) << i;
  }
  for (size_t i = 0; classes > 0 && i < answer.size(); i += static_cast<size_t>(classes)) {
    ASSERT_NEAR(std::accumulate(answer.begin() + static_cast<std::ptrdiff_t>(i), answer.begin() + static_cast<std::ptrdiff_t>(i) + classes, 0.0), 1, 1e-5);
  }
}

TEST_P(EveryPredictor, SavedAndLoadedIsTheSameBitForBit) {
  const auto model = fit();
  const auto loaded = reloaded(learner(), *model);
  EXPECT_EQ(saved(*loaded), saved(*model));
  EXPECT_EQ(predict(*loaded), predict(*model));
}

TEST_P(EveryPredictor, TheSameSeedGivesTheSameBytes) { EXPECT_EQ(saved(*fit(5)), saved(*fit(5))); }

/// Half of the rows say the contrary and weigh nothing.
TEST_P(EveryPredictor, RowsOfWeightZeroDoNotCount) {
  if (!learner().weighs_rows()) GTEST_SKIP() << "it cannot weigh rows";
  const Problem told(GetParam());
  std::vector<int64_t> odd;
  for (int64_t i = 1; i < Problem::kRows; i += 2) odd.push_back(i);
  problem_.rows = told.rows.take(odd);
  problem_.target.clear();
  const auto answers = static_cast<size_t>(told.answers);
  for (const int64_t i : odd) {
    const auto own = told.target.begin() + i * told.answers;
    problem_.target.insert(problem_.target.end(), own, own + told.answers);
  }
  const auto clean = fit();
  problem_ = told;
  weights_.assign(told.target.size() / answers, 1.0f);
  for (size_t i = 0; i < weights_.size(); i += 2) {
    weights_[i] = 0;
    for (size_t k = i * answers; k < (i + 1) * answers; ++k) {
      problem_.target[k] = GetParam().classes == 0 ? -told.target[k] : static_cast<float>(GetParam().classes - 1) - told.target[k];
    }
  }
  const auto model = fit();
  problem_.target = told.target;
  EXPECT_LT(loss(predict(*model)), 1.2 * loss(predict(*clean)) + 0.01);
}

TEST_P(EveryPredictor, ThreadsDoNotDecide) {
  const auto one = fit(1, 1), seven = fit(1, 7);
  const std::vector<double> first = predict(*one, 1), second = predict(*seven, 7);
  for (size_t i = 0; i < first.size(); ++i) ASSERT_NEAR(first[i], second[i], allowed().threads) << i;
  EXPECT_TRUE(allowed().threads > 0 || saved(*one) == saved(*seven));
}

TEST_P(EveryPredictor, RefusesRowsOfOtherColumns) { expect_refusal_of_other_columns(*fit()); }

TEST_P(EveryPredictor, AnswersNoRows) {
  Exec exec(Device::cpu(), 1);
  const auto model = fit();
  EXPECT_NO_THROW(model->scorer(exec)->score(exec, Matrix(0, Problem::kColumns).view(), {}));
}

TEST_P(EveryPredictor, BeatsTheDummy) {
  if (GetParam().model == "dummy") GTEST_SKIP() << "it is the dummy";
  const double own = loss(predict(*fit())), dummy = loss(predict(*fit(1, 2, "dummy")));
  EXPECT_LT(own, 0.7 * dummy);
}

/// A model that explains itself: Shapley values and the expected sum add up to the margin, and a larger margin is a larger answer.
TEST_P(EveryPredictor, ExplainsItselfByValuesThatAddUp) {
  const auto model = fit();
  const Explainable* explained = model->explainable();
  if (!explained) GTEST_SKIP() << "it is no sum over columns";
  Exec exec(Device::cpu(), 2);
  const int64_t sums = explained->margins(), each = Problem::kColumns + 1;
  std::vector<double> margins(static_cast<size_t>(Problem::kRows * sums)), values(static_cast<size_t>(Problem::kRows * sums * each));
  explained->margin(exec, problem_.rows.view(), {margins.data(), Problem::kRows, sums, sums});
  explained->shapley(exec, problem_.rows.view(), std::vector<double>(Problem::kColumns, 0.25), {values.data(), Problem::kRows, sums * each, sums * each});
  for (size_t i = 0; i < margins.size(); ++i) {
    const auto first = values.begin() + static_cast<std::ptrdiff_t>(i) * each;
    ASSERT_NEAR(std::accumulate(first, first + each, 0.0), margins[i], 1e-11 * std::max(1.0, std::fabs(margins[i]))) << i;
  }
  const std::vector<double> answer = predict(*model);
  const auto last = [&](const std::vector<double>& all, size_t row) { return all[(row + 1) * (all.size() / Problem::kRows) - 1]; };
  for (size_t row = 1; sums == 1 && row < Problem::kRows; ++row) {
    const bool larger = last(margins, row) > last(margins, 0);
    ASSERT_TRUE(!larger || last(answer, row) >= last(answer, 0)) << row;
  }
}

TEST_P(EveryPredictor, RefusesAnythingElseAsABundle) { expect_refusal_of_other_arrays(learner(), *fit()); }

INSTANTIATE_TEST_SUITE_P(All, EveryPredictor, ::testing::ValuesIn(cases()), [](const auto& info) {
  return concat(info.param.model, info.param.task == Task::regression ? "_numbers" : info.param.task == Task::forecast ? "_forecasts" : concat("_", info.param.classes, "_classes"));
});

std::vector<std::string> detectors() {
  Registry registry;
  register_models(registry);
  std::vector<std::string> names;
  for (const auto& learner : registry.all()) {
    if (learner->does(Task::anomaly)) names.push_back(learner->name());
  }
  return names;
}

/// Rows near a plane in four columns, and a few at the end that are far from it though no column of theirs is unusual.
struct Heap {
  static constexpr int64_t kRows = 1500, kFar = 25, kColumns = 4;
  Matrix rows{kRows, kColumns};

  Heap() {
    for (int64_t i = 0; i < kRows; ++i) {
      const auto draw = [&](uint64_t stream) { return 2 * random_uniform(11, stream, static_cast<uint64_t>(i)) - 1; };
      const double a = draw(0), b = draw(1), sign = i >= kRows - kFar ? -1.5 : 1;
      const double values[kColumns] = {a, b, sign * (a + b) + 0.05 * draw(2), sign * (a - b) + 0.05 * draw(3)};
      for (int64_t j = 0; j < kColumns; ++j) rows.view().at(i, j) = static_cast<float>(values[j]);
    }
  }

  /// The share of pairs of a far row and another in which the far one scores higher.
  static double ranked(const std::vector<double>& scores) {
    double higher = 0;
    for (int64_t far = kRows - kFar; far < kRows; ++far) {
      for (int64_t i = 0; i < kRows - kFar; ++i) higher += scores[static_cast<size_t>(far)] > scores[static_cast<size_t>(i)];
    }
    return higher / static_cast<double>(kFar * (kRows - kFar));
  }
};

class EveryDetector : public ::testing::TestWithParam<std::string> {
 protected:
  EveryDetector() { register_models(registry_); }
  void SetUp() override { skip_where_unavailable([&] { fit(); }); }

  const Learner& learner() const { return registry_.at(GetParam()); }

  std::unique_ptr<Model> fit(uint64_t seed = 1, int threads = 2, Device device = Device::cpu()) {
    Exec exec(device, threads);
    return learner().fit_detector(exec, heap_.rows.view(), learner().params().resolve(allowance_of(GetParam()).params), seed);
  }

  std::vector<double> score(const Model& model, int threads = 2, Device device = Device::cpu()) {
    Exec exec(device, threads);
    return answers(exec, model, heap_.rows.view());
  }

  Registry registry_;
  Heap heap_;
};

TEST_P(EveryDetector, ScoresFarRowsHigher) {
  const auto model = fit();
  EXPECT_EQ(model->columns(), Heap::kColumns);
  ASSERT_EQ(model->outputs(), 1);
  const std::vector<double> scores = score(*model);
  for (const double value : scores) ASSERT_TRUE(std::isfinite(value));
  EXPECT_GT(Heap::ranked(scores), 0.85);
}

TEST_P(EveryDetector, SavedAndLoadedIsTheSameBitForBit) {
  const auto model = fit();
  const auto loaded = reloaded(learner(), *model);
  EXPECT_EQ(saved(*loaded), saved(*model));
  EXPECT_EQ(score(*loaded), score(*model));
}

TEST_P(EveryDetector, TheSameSeedGivesTheSameBytes) { EXPECT_EQ(saved(*fit(5)), saved(*fit(5))); }

TEST_P(EveryDetector, ThreadsDoNotDecide) {
  const auto one = fit(1, 1), seven = fit(1, 7);
  EXPECT_EQ(saved(*one), saved(*seven));
  EXPECT_EQ(score(*one, 1), score(*seven, 7));
}

TEST_P(EveryDetector, PartsOfAScoreAddUpToIt) {
  Exec exec(Device::cpu(), 2);
  const auto model = fit();
  const std::vector<double> scores = score(*model);
  constexpr int64_t kWidth = 2 * Heap::kColumns;
  std::vector<double> parts(static_cast<size_t>(Heap::kRows * kWidth));
  model->scorer(exec)->attribute(exec, heap_.rows.view(), {parts.data(), Heap::kRows, kWidth, kWidth});
  for (int64_t i = 0; i < Heap::kRows; ++i) {
    const auto begin = parts.begin() + i * kWidth;
    const double truth = scores[static_cast<size_t>(i)];
    ASSERT_NEAR(std::accumulate(begin, begin + kWidth, 0.0), truth, 1e-5 * std::max(1.0, std::fabs(truth))) << i;
  }
}

TEST_P(EveryDetector, EnginesAgree) {
  if (cuda_devices().empty()) GTEST_SKIP() << "no GPU here: " << cuda_absence_reason();
  const auto model = fit();
  const std::vector<double> here = score(*model), there = score(*model, 2, Device::cuda(0));
  const std::vector<double> elsewhere = score(*fit(1, 2, Device::cuda(0)));
  for (size_t i = 0; i < here.size(); ++i) {
    ASSERT_NEAR(here[i], there[i], 1e-5 * std::max(1.0, std::fabs(here[i]))) << i;
    ASSERT_NEAR(here[i], elsewhere[i], 1e-3 * std::max(1.0, std::fabs(here[i]))) << i;
  }
}

TEST_P(EveryDetector, RefusesRowsOfOtherColumns) { expect_refusal_of_other_columns(*fit()); }

TEST_P(EveryDetector, AnswersNoRows) {
  Exec exec(Device::cpu(), 1);
  EXPECT_NO_THROW(answers(exec, *fit(), Matrix(0, Heap::kColumns).view()));
}

TEST_P(EveryDetector, RefusesAnythingElseAsABundle) { expect_refusal_of_other_arrays(learner(), *fit()); }

INSTANTIATE_TEST_SUITE_P(All, EveryDetector, ::testing::ValuesIn(detectors()), [](const auto& info) { return info.param; });

}  // namespace
}  // namespace crisp
