#include "models/dummy/dummy.h"

#include <gtest/gtest.h>

#include <cmath>

#include "cuda/error.h"
#include "table/matrix.h"

namespace crisp {
namespace {

std::vector<double> answer(Task task, int64_t classes, const std::vector<float>& target, const Json& params,
                           const std::vector<float>& weights = {}) {
  Exec exec(Device::cpu(), 1);
  const auto learner = make_dummy();
  const Matrix rows(static_cast<int64_t>(target.size()), 2);
  const FitData data{task, classes, {}, {rows.view(), target, weights}, {}};
  TrainingRun run;
  const auto model = learner->fit(exec, data, learner->params().resolve(params), 0, run);
  std::vector<double> out(static_cast<size_t>(2 * model->outputs()));
  model->scorer(exec)->score(exec, Matrix(2, 2).view(), out);
  const auto half = out.begin() + static_cast<std::ptrdiff_t>(out.size() / 2);
  EXPECT_EQ(std::vector<double>(out.begin(), half), std::vector<double>(half, out.end()));
  return {out.begin(), half};
}

TEST(Dummy, OfNumbers) {
  const std::vector<float> target{1, 2, 3, 10};
  EXPECT_EQ(answer(Task::regression, 0, target, {}), std::vector<double>{4});
  EXPECT_EQ(answer(Task::regression, 0, target, {{"strategy", "median"}}), std::vector<double>{2.5});
  EXPECT_EQ(answer(Task::regression, 0, target, {{"strategy", "median"}}, {1, 1, 1, 5}), std::vector<double>{10});
  EXPECT_EQ(answer(Task::regression, 0, target, {}, {0, 0, 1, 1}), std::vector<double>{6.5});
}

TEST(Dummy, OfClasses) {
  const std::vector<float> target{0, 2, 2, 2, 1, 2, 2, 0};
  EXPECT_EQ(answer(Task::classification, 3, target, {}), (std::vector<double>{0.25, 0.125, 0.625}));
  EXPECT_EQ(answer(Task::classification, 3, target, {{"strategy", "most_frequent"}}), (std::vector<double>{0, 0, 1}));
  EXPECT_EQ(answer(Task::classification, 4, target, {{"strategy", "uniform"}}), (std::vector<double>{0.25, 0.25, 0.25, 0.25}));
}

TEST(Dummy, AStrategyOfTheOtherTaskIsRefused) {
  EXPECT_THROW(answer(Task::regression, 0, {1, 2}, {{"strategy", "prior"}}), Error);
  EXPECT_THROW(answer(Task::classification, 2, {0, 1}, {{"strategy", "median"}}), Error);
  EXPECT_THROW(answer(Task::regression, 0, {1, 2}, {}, {0, 0}), Error);
}

TEST(Dummy, RefusesDamagedBundles) {
  const auto learner = make_dummy();
  Tensors good;
  good.put("answer", std::span<const double>(std::vector<double>{0.5}));
  EXPECT_NO_THROW(learner->load(good, {{"columns", 2}}));
  EXPECT_THROW(learner->load(good, {{"columns", -1}}), Error);
  EXPECT_THROW(learner->load(good, Json::array()), Error);
  good.put("answer", std::span<const double>(std::vector<double>{NAN}));
  EXPECT_THROW(learner->load(good, {{"columns", 2}}), Error);
}

}  // namespace
}  // namespace crisp
