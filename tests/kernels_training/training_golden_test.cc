#include <gtest/gtest.h>

#include <algorithm>
#include <map>

#include "kernels/training/activation.h"
#include "kernels/training/inputs.h"
#include "kernels/training/loss.h"
#include "kernels/training/optimiser.h"
#include "tests/golden_rows.h"

namespace crisp {
namespace {

class TrainingGolden : public ::testing::Test {
 protected:
  const std::vector<GoldenRow> golden_ = golden_rows("training/kernels.csv");
  Exec exec_{Device::cpu(), 2};

  const std::vector<double>& of(const std::string& name, const std::string& kind) { return golden_row(golden_, name, kind).values; }
  std::vector<float> floats(const std::string& name, const std::string& kind) {
    const std::vector<double>& values = of(name, kind);
    return {values.begin(), values.end()};
  }
};

ArrayView<float> all(std::vector<float>& values) { return {values.data(), static_cast<int64_t>(values.size())}; }
MatrixView<float> matrix(std::vector<float>& values, int64_t columns) {
  return {values.data(), static_cast<int64_t>(values.size()) / columns, columns, columns};
}

struct LossCase {
  const char* name;
  LossKind kind;
  float smoothing;
  bool weighted;
};

TEST_F(TrainingGolden, LossesEqualPyTorch) {
  const LossCase cases[] = {{"squared", LossKind::squared, 0, true}, {"absolute", LossKind::absolute, 0, true},
                            {"huber", LossKind::huber, 0, true}, {"softmax plain", LossKind::softmax, 0, false},
                            {"softmax 0.0", LossKind::softmax, 0, true}, {"softmax 0.2", LossKind::softmax, 0.2f, true},
                            {"logistic plain", LossKind::logistic, 0, false}, {"logistic 0.0", LossKind::logistic, 0, true},
                            {"logistic 0.2", LossKind::logistic, 0.2f, true}};
  for (const LossCase& c : cases) {
    SCOPED_TRACE(c.name);
    const bool classes = c.kind == LossKind::logistic || c.kind == LossKind::softmax;
    std::vector<float> outputs = floats("losses", "outputs"), weights = floats("losses", "weights");
    std::vector<float> of_class = floats("losses", "of_class"), target = floats("losses", classes ? "classes" : "numbers");
    MatrixView<float> out = matrix(outputs, 4);
    if (c.kind == LossKind::logistic) {
      out.columns = 1;
      of_class.resize(2);
      for (float& y : target) y = y == 1 || y == 3 ? 1 : 0;
    }
    const LossPlan plan{c.kind, c.smoothing, c.weighted && classes ? all(of_class) : ArrayView<float>{}};
    const std::vector<double>& expected = of(c.name, "gradient");
    std::vector<float> gradient(expected.size());
    const LossSum sum = loss_gradient(exec_, plan, out, matrix(target, classes ? 1 : 4), c.weighted ? all(weights) : ArrayView<float>{},
                                      0.5f, matrix(gradient, out.columns));
    EXPECT_NEAR(sum.loss, of(c.name, "loss")[0], 1e-6 * of(c.name, "loss")[0]);
    for (size_t i = 0; i < gradient.size(); ++i) EXPECT_NEAR(gradient[i], 0.5 * expected[i], 1e-6) << i;
  }
}

TEST_F(TrainingGolden, WeightsAreWhatAMeanDividesBy) {
  std::vector<float> weights{2, 3, 5}, of_class{0.5f, 4}, target{1, 0, 1}, outputs(3), gradient(3);
  const LossPlan plan{LossKind::logistic, 0, all(of_class)};
  const LossSum sum = loss_gradient(exec_, plan, matrix(outputs, 1), matrix(target, 1), all(weights), 1, matrix(gradient, 1));
  EXPECT_EQ(sum.weight, 2 * 4 + 3 * 0.5 + 5 * 4);
  EXPECT_EQ(loss_weight(plan, matrix(target, 1), all(weights)), sum.weight);
  EXPECT_EQ(loss_weight({LossKind::logistic, 0, {}}, matrix(target, 1), {}), 3);
}

TEST_F(TrainingGolden, LossOfWhatIsNotFiniteIsNotFinite) {
  for (const LossKind kind : {LossKind::squared, LossKind::absolute, LossKind::huber, LossKind::logistic, LossKind::softmax}) {
    for (const float bad : {NAN, std::numeric_limits<float>::infinity(), -std::numeric_limits<float>::infinity()}) {
      std::vector<float> outputs(70, 0.5f), target(70, 0), gradient(70);
      outputs[66] = bad;
      const int64_t columns = kind == LossKind::softmax ? 2 : 1;
      const int64_t rows = 70 / columns;
      const LossSum sum = loss_gradient(exec_, {kind, 0, {}}, matrix(outputs, columns), {target.data(), rows, 1, 1}, {}, 1,
                                        matrix(gradient, columns));
      EXPECT_FALSE(std::isfinite(sum.loss)) << static_cast<int>(kind) << " of " << bad;
    }
  }
}

std::map<std::string, OptimiserPlan> optimiser_plans() {
  std::map<std::string, OptimiserPlan> plans;
  plans["sgd"].kind = plans["sgd decay"].kind = plans["sgd momentum"].kind = plans["sgd nesterov"].kind = OptimiserKind::sgd;
  plans["adam"].kind = plans["adam decay"].kind = OptimiserKind::adam;
  plans["adamw"].kind = OptimiserKind::adamw;
  plans["rmsprop"].kind = plans["rmsprop momentum"].kind = OptimiserKind::rmsprop;
  for (const char* name : {"sgd decay", "sgd momentum", "sgd nesterov", "adam decay", "adamw", "rmsprop momentum"}) {
    plans[name].weight_decay = 0.1;
  }
  for (const char* name : {"sgd momentum", "sgd nesterov", "rmsprop momentum"}) plans[name].momentum = 0.9;
  plans["sgd nesterov"].nesterov = true;
  plans["adam decay"].beta1 = 0.8;
  plans["adam decay"].beta2 = 0.99;
  plans["adam decay"].epsilon = 1e-6;
  plans["rmsprop momentum"].smoothing = 0.9;
  return plans;
}

TEST_F(TrainingGolden, OptimisersEqualPyTorchOverTwentySteps) {
  std::vector<float> gradients = floats("optimisers", "gradients");
  for (const auto& [name, plan] : optimiser_plans()) {
    SCOPED_TRACE(name);
    std::vector<float> p = floats("optimisers", "start"), first(p.size()), second(p.size());
    const auto size = static_cast<int64_t>(p.size());
    const int moments = moments_of(plan);
    const OptimiserState state{all(p), moments > 0 ? all(first) : ArrayView<float>{}, moments > 1 ? all(second) : ArrayView<float>{}, 6};
    for (int64_t step = 1; step <= 20; ++step) {
      optimiser_step(exec_, plan, 0.02, step, 1, {gradients.data() + (step - 1) * size, 1, size, size}, state);
    }
    const std::vector<double>& expected = of(name, "parameters");
    for (size_t i = 0; i < p.size(); ++i) EXPECT_NEAR(p[i], expected[i], 1e-6 * std::max(1.0, std::abs(expected[i]))) << i;
  }
}

TEST_F(TrainingGolden, PiecesEqualNumpy) {
  std::vector<float> edges = floats("pieces", "edges"), x = floats("pieces", "x"), y(x.size() * 5);
  const InputColumn column{0, 5, 0, 0};
  encode_inputs(exec_, {&column, 1}, all(edges), {}, matrix(x, 1), matrix(y, 5));
  const std::vector<double>& expected = of("pieces", "y");
  for (size_t i = 0; i < y.size(); ++i) EXPECT_NEAR(y[i], expected[i], 3e-7 * std::max(1.0, std::abs(expected[i]))) << i;
}

/// A share of `rate` becomes 0, the rest grows; how the batch is cut does not matter.
TEST_F(TrainingGolden, DropoutDropsItsShareHoweverTheBatchIsCut) {
  constexpr int64_t kColumns = 13, kRows = 3000, kCut = 1001;
  std::vector<float> whole(kColumns * kRows, 1.0f), parts = whole;
  activate(exec_, Activation::identity, make_dropout(0.3, 1, 2, 0), {}, matrix(whole, kColumns), matrix(whole, kColumns));
  const MatrixView<float> first{parts.data(), kCut, kColumns, kColumns};
  const MatrixView<float> rest{parts.data() + kCut * kColumns, kRows - kCut, kColumns, kColumns};
  activate(exec_, Activation::identity, make_dropout(0.3, 1, 2, 0), {}, first, first);
  activate(exec_, Activation::identity, make_dropout(0.3, 1, 2, kCut * kColumns), {}, rest, rest);
  EXPECT_EQ(whole, parts);
  const auto dropped = std::count(whole.begin(), whole.end(), 0.0f);
  EXPECT_NEAR(static_cast<double>(dropped) / static_cast<double>(whole.size()), 0.3, 0.01);
  EXPECT_EQ(std::count(whole.begin(), whole.end(), static_cast<float>(1 / 0.7)), kColumns * kRows - dropped);
}

TEST_F(TrainingGolden, SumOfSquaresAndClipping) {
  std::vector<float> gradients(3 * 10000);
  for (size_t i = 0; i < gradients.size(); ++i) gradients[i] = static_cast<float>(i % 17) - 8;
  double expected = 0;
  for (size_t i = 0; i < 10000; ++i) expected += std::pow(static_cast<double>(gradients[i]) + gradients[i + 10000] + gradients[i + 20000], 2);
  EXPECT_EQ(sum_gradients(exec_, matrix(gradients, 10000)), expected);
  OptimiserPlan plan;
  plan.kind = OptimiserKind::sgd;
  plan.clip_value = 2;
  plan.l1 = 0.5;
  std::vector<float> p{1, -1, 0}, g{10, -10, 1};
  optimiser_step(exec_, plan, 1, 1, 0.5, matrix(g, 3), {all(p), {}, {}, 3});
  EXPECT_EQ(p, (std::vector<float>{1 - 2.5f, -1 + 2.5f, -0.5f}));
}

}  // namespace
}  // namespace crisp
