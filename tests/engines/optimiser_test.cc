#include "kernels/training/optimiser.h"
#include "kernels/training/step_numbers.h"
#include "tests/engines/training_engines.h"

namespace crisp {
namespace {

class Optimiser : public TrainingTest {};
CRISP_TEST_ENGINES(Optimiser);

std::vector<OptimiserPlan> some_plans() {
  std::vector<OptimiserPlan> plans;
  for (const OptimiserKind kind : {OptimiserKind::sgd, OptimiserKind::adam, OptimiserKind::adamw, OptimiserKind::rmsprop}) {
    for (const double momentum : {0.0, 0.9}) {
      OptimiserPlan plan;
      plan.kind = kind;
      plan.momentum = momentum;
      plans.push_back(plan);
      plan.nesterov = true;
      plan.weight_decay = 0.05;
      plan.l1 = 0.01;
      plan.clip_value = 0.5;
      plans.push_back(plan);
    }
  }
  return plans;
}

TEST_P(Optimiser, Steps) {
  for (const OptimiserPlan& plan : some_plans()) {
    for (const Shape& shape : {Shape{1, 1, 1}, Shape{3, 1031, 1040}, Shape{1, 9001, 9001}, Shape{2, 2048, 2048}, Shape{1, 0, 0}}) {
      expect_same_bits([&](Exec& exec) {
        const TestRows gradients(shape.rows, shape.columns, shape.ld, 1);
        TestRows p(1, shape.columns, shape.columns, 2), first(1, shape.columns, shape.columns, 3), second = first;
        for (float& x : first.values) x = x < 0 ? -x : x;
        const int moments = moments_of(plan);
        const OptimiserState state{p.all(), moments > 0 ? first.all() : ArrayView<float>{},
                                   moments > 1 ? second.all() : ArrayView<float>{}, shape.columns * 2 / 3};
        for (float& x : second.values) x = x < 0 ? -x : x;
        for (const int64_t step : {1, 2}) optimiser_step(exec, plan, 0.01, step, 0.5, gradients.view(), state);
        append(p.values, first.values);
        append(p.values, second.values);
        return p.values;
      });
    }
  }
}

TEST_P(Optimiser, SumsGradients) {
  for (const Shape& shape : {Shape{1, 1, 1}, Shape{3, 8191, 8200}, Shape{2, 8193, 8193}, Shape{1, 20000, 20000}, Shape{1, 0, 0}}) {
    expect_same_bits([&](Exec& exec) {
      TestRows gradients(shape.rows, shape.columns, shape.ld, 1);
      const double squares = sum_gradients(exec, gradients.view());
      append(gradients.values, squares);
      return gradients.values;
    });
  }
}

TEST_P(Optimiser, ClipsAndUpdatesAsOneThatWaits) {
  const double rate = 0.01, most = 0.5;
  for (const OptimiserKind kind : {OptimiserKind::sgd, OptimiserKind::adamw, OptimiserKind::rmsprop}) {
    OptimiserPlan plan;
    plan.kind = kind;
    plan.momentum = kind == OptimiserKind::sgd ? 0.9 : 0;
    plan.weight_decay = 0.05;
    TestRows gradients(2, 9001, 9001, 1), same = gradients, p(1, 9001, 9001, 2), q = p, first(1, 9001, 9001, 3), second = first;
    for (float& x : first.values) x = x < 0 ? -x : x;
    TestRows first_too = first, second_too = first;
    second = first;
    const int moments = moments_of(plan);
    const auto moment = [&](TestRows& rows, int k) { return moments > k ? rows.all() : ArrayView<float>{}; };
    const OptimiserState waiting{p.all(), moment(first, 0), moment(second, 1), 6000};
    const OptimiserState running{q.all(), moment(first_too, 0), moment(second_too, 1), 6000};
    Placed<double> squares(exec(), 0);
    Placed<StepNumbersPair> numbers(exec(), step_numbers(plan, rate, 2, 1));
    const double length = sum_gradients(exec(), gradients.view());
    optimiser_step(exec(), plan, rate, 2, scale_to_length(length, most), {gradients.values.data(), 1, 9001, 9001}, waiting);
    sum_gradients(exec(), same.view(), squares.at());
    EXPECT_EQ(squares.get(), length);
    ASSERT_GT(length, most * most) << "nothing to clip";
    set_scale(exec(), squares.at(), most, numbers.at());
    optimiser_step(exec(), kind, numbers.at(), {same.values.data(), 1, 9001, 9001}, running);
    EXPECT_EQ(q.values, p.values);
    EXPECT_EQ(first_too.values, first.values);
    EXPECT_EQ(second_too.values, second.values);
  }
}

TEST_P(Optimiser, AddsRowsWithoutTheirSquares) {
  TestRows rows(3, 1031, 1040, 1), same = rows;
  sum_gradients(exec(), rows.view());
  sum_gradients(exec(), same.view(), nullptr);
  EXPECT_EQ(same.values, rows.values);
}

}  // namespace
}  // namespace crisp
