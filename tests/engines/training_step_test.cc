// What a step that does not wait asks of the kernels: its numbers lie where the engine computes.
#include "cuda/buffer.h"
#include "kernels/training/activation.h"
#include "kernels/training/loss.h"
#include "kernels/training/step_numbers.h"
#include "tests/engines/training_engines.h"

namespace crisp {
namespace {

/// A value where `exec` computes.
template <class T>
class Placed {
 public:
  Placed(Exec& exec, const T& value) : exec_(exec), host_(value) {
    if (exec.is_cuda()) device_ = DeviceBuffer<T>(exec, &host_, 1);
  }
  T* at() { return exec_.is_cuda() ? device_.data() : &host_; }
  T get() {
    if (exec_.is_cuda()) device_.download(exec_, &host_, 1);
    return host_;
  }

 private:
  Exec& exec_;
  T host_;
  DeviceBuffer<T> device_;
};

class TrainingStep : public TrainingTest {};
CRISP_TEST_ENGINES(TrainingStep);

TEST_P(TrainingStep, LossesAddUp) {
  for (const Shape& shape : kShapes) {
    TestRows out(shape.rows, shape.columns, shape.ld, 1, 8), target(shape.rows, shape.columns, shape.ld, 2);
    TestRows gradient(shape.rows, shape.columns, shape.ld, 3), waited = gradient;
    Placed<float> scale(exec(), 0.25f);
    Placed<LossSum> total(exec(), {});
    const LossPlan plan{LossKind::huber, 0, {}};
    const LossSum sum = loss_gradient(exec(), plan, out.view(), target.view(), {}, 0.25f, waited.view());
    for (int k = 0; k < 2; ++k) loss_gradient(exec(), plan, out.view(), target.view(), {}, scale.at(), gradient.view(), total.at());
    EXPECT_EQ(gradient.values, waited.values);
    EXPECT_EQ(total.get().loss, sum.loss + sum.loss);
    EXPECT_EQ(total.get().weight, sum.weight + sum.weight);
  }
}

TEST_P(TrainingStep, ClipsAndUpdatesAsOneThatWaits) {
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

TEST_P(TrainingStep, RowsAreAddedWithoutTheirSquares) {
  TestRows rows(3, 1031, 1040, 1), same = rows;
  sum_gradients(exec(), rows.view());
  sum_gradients(exec(), same.view(), nullptr);
  EXPECT_EQ(same.values, rows.values);
}

TEST_P(TrainingStep, DropoutFollowsAStreamInDeviceMemory) {
  if (!exec().is_cuda()) GTEST_SKIP() << "the CPU engine is given the stream itself";
  Placed<uint64_t> moved(exec(), 5u << 8);
  for (const int64_t columns : {7, 8}) {
    TestRows sums(70, columns, columns, 1), out(70, columns, columns, 2), there = out, slope(70, columns, columns, 3), back = slope;
    const Dropout fixed = make_dropout(0.3, 5, 5u << 8 | 2, 6);
    Dropout moving = make_dropout(0.3, 5, 2, 6);
    moving.moved = moved.at();
    activate(exec(), Activation::silu, fixed, {}, sums.view(), out.view());
    activate(exec(), Activation::silu, moving, {}, sums.view(), there.view());
    EXPECT_EQ(there.values, out.values);
    activation_gradient(exec(), Activation::silu, fixed, sums.view(), slope.view(), {});
    activation_gradient(exec(), Activation::silu, moving, sums.view(), back.view(), {});
    EXPECT_EQ(back.values, slope.values);
  }
}

}  // namespace
}  // namespace crisp
