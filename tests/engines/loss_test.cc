#include "kernels/training/loss.h"
#include "tests/engines/training_engines.h"

namespace crisp {
namespace {

class Losses : public TrainingTest {};
CRISP_TEST_ENGINES(Losses);

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

TEST_P(Losses, LossAndGradient) {
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

TEST_P(Losses, GradientInPlace) {
  for (const LossKind kind : {LossKind::squared, LossKind::softmax}) {
    expect_same_bits([&](Exec& exec) {
      TestRows out(90, 7, 8, 1, 8);
      loss_gradient(exec, {kind, 0, {}}, out.view(), some_target(kind, 90, 7).view(), {}, 1, out.view());
      return out.values;
    });
  }
}

TEST_P(Losses, AddUp) {
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

}  // namespace
}  // namespace crisp
