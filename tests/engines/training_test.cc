#include <numeric>

#include "kernels/training/activation.h"
#include "kernels/training/gather.h"
#include "kernels/training/inputs.h"
#include "kernels/training/loss.h"
#include "kernels/training/optimiser.h"
#include "tests/engines/training_engines.h"

namespace crisp {
namespace {

class TrainingEngines : public TrainingTest {};
CRISP_TEST_ENGINES(TrainingEngines);

constexpr Activation kActivations[] = {Activation::identity, Activation::relu, Activation::leaky_relu,
                                       Activation::silu, Activation::gelu, Activation::tanh};

Dropout some_dropout(bool wanted) { return wanted ? make_dropout(0.3, 5, 9, 6) : Dropout{}; }

TEST_P(TrainingEngines, Activate) {
  for (const Shape& shape : kShapes) {
    for (const Activation kind : kActivations) {
      for (const bool dropped : {false, true}) {
        for (const bool biased : {false, true}) {
          expect_same_bits([&](Exec& exec) {
            TestRows sums(shape.rows, shape.columns, shape.ld, 1, 20), out(shape.rows, shape.columns, shape.ld, 2);
            TestRows bias(1, shape.columns, shape.columns, 3);
            activate(exec, kind, some_dropout(dropped), biased ? bias.all() : ArrayView<float>{}, sums.view(), out.view());
            append(out.values, sums.values);
            return out.values;
          });
        }
      }
    }
  }
}

TEST_P(TrainingEngines, ActivateInPlace) {
  for (const Activation kind : {Activation::identity, Activation::relu}) {
    expect_same_bits([&](Exec& exec) {
      TestRows sums(70, 12, 12, 1), bias(1, 12, 12, 3);
      activate(exec, kind, some_dropout(true), bias.all(), sums.view(), sums.view());
      return sums.values;
    });
  }
}

TEST_P(TrainingEngines, ActivationGradient) {
  for (const Shape& shape : kShapes) {
    for (const Activation kind : kActivations) {
      for (const bool summed : {false, true}) {
        expect_same_bits([&](Exec& exec) {
          const TestRows sums(shape.rows, shape.columns, shape.ld, 1, 5);
          TestRows gradient(shape.rows, shape.columns, shape.ld, 2), bias(1, shape.columns, shape.columns, 3);
          activation_gradient(exec, kind, some_dropout(summed), sums.view(), gradient.view(),
                              summed ? bias.all() : ArrayView<float>{});
          append(gradient.values, bias.values);
          return gradient.values;
        });
      }
    }
  }
}

/// Targets that a loss takes: classes, or numbers.
TestRows some_target(LossKind kind, int64_t rows, int64_t outputs) {
  const bool classes = kind == LossKind::logistic || kind == LossKind::softmax;
  TestRows target(rows, classes ? 1 : outputs, classes ? 2 : outputs, 4);
  for (size_t i = 0; classes && i < target.values.size(); ++i) {
    const auto count = static_cast<uint64_t>(kind == LossKind::logistic ? 2 : outputs);
    target.values[i] = static_cast<float>(random_below(7, 5, i, count));
  }
  return target;
}

TEST_P(TrainingEngines, LossAndGradient) {
  for (const LossKind kind : {LossKind::squared, LossKind::absolute, LossKind::huber, LossKind::logistic, LossKind::softmax}) {
    for (const Shape& shape : kShapes) {
      for (const bool weighted : {false, true}) {
        expect_same_bits([&](Exec& exec) {
          const int64_t outputs = kind == LossKind::logistic ? 1 : shape.columns;
          TestRows out(shape.rows, outputs, shape.ld, 1, 8), gradient(shape.rows, outputs, shape.ld, 2);
          TestRows weights(1, shape.rows, shape.rows, 3), of_class(1, 2 + outputs, 2 + outputs, 6);
          const TestRows target = some_target(kind, shape.rows, outputs);
          const LossPlan plan{kind, weighted ? 0.1f : 0.0f, weighted && (kind == LossKind::softmax || kind == LossKind::logistic) ? of_class.all() : ArrayView<float>{}};
          const LossSum sum = loss_gradient(exec, plan, out.view(), target.view(), weighted ? weights.all() : ArrayView<float>{},
                                            0.125f, gradient.view());
          append(gradient.values, sum.loss);
          append(gradient.values, sum.weight);
          return gradient.values;
        });
      }
    }
  }
}

TEST_P(TrainingEngines, LossGradientInPlace) {
  for (const LossKind kind : {LossKind::squared, LossKind::softmax}) {
    expect_same_bits([&](Exec& exec) {
      TestRows out(90, 7, 8, 1, 8);
      loss_gradient(exec, {kind, 0, {}}, out.view(), some_target(kind, 90, 7).view(), {}, 1, out.view());
      return out.values;
    });
  }
}

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

TEST_P(TrainingEngines, OptimiserStep) {
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

TEST_P(TrainingEngines, SumGradients) {
  for (const Shape& shape : {Shape{1, 1, 1}, Shape{3, 8191, 8200}, Shape{2, 8193, 8193}, Shape{1, 20000, 20000}, Shape{1, 0, 0}}) {
    expect_same_bits([&](Exec& exec) {
      TestRows gradients(shape.rows, shape.columns, shape.ld, 1);
      const double squares = sum_gradients(exec, gradients.view());
      append(gradients.values, squares);
      return gradients.values;
    });
  }
}

TEST_P(TrainingEngines, GatherRows) {
  for (const Shape& shape : kShapes) {
    for (const bool scaled : {false, true}) {
      expect_same_bits([&](Exec& exec) {
        const TestRows source(50, shape.columns, shape.ld, 1);
        TestRows out(shape.rows, shape.columns, shape.ld, 2), shift(1, shape.columns, shape.columns, 3), factor = shift;
        std::vector<uint32_t> index;
        for (int64_t i = 0; i < shape.rows; ++i) index.push_back(static_cast<uint32_t>(random_below(7, 4, static_cast<uint64_t>(i), 50)));
        gather_rows(exec, source.view(), {index.data(), shape.rows}, scaled ? shift.all() : ArrayView<float>{},
                    scaled ? factor.all() : ArrayView<float>{}, out.view());
        return out.values;
      });
    }
  }
}

}  // namespace
}  // namespace crisp
