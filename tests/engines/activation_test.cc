#include "kernels/training/activation.h"
#include "tests/engines/training_engines.h"

namespace crisp {
namespace {

class Activations : public TrainingTest {};
CRISP_TEST_ENGINES(Activations);

constexpr Activation kActivations[] = {Activation::identity, Activation::relu, Activation::leaky_relu,
                                       Activation::silu, Activation::gelu, Activation::tanh};

Dropout some_dropout(bool wanted) { return wanted ? make_dropout(0.3, 5, 9, 6) : Dropout{}; }

TEST_P(Activations, Activate) {
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

TEST_P(Activations, ActivateInPlace) {
  for (const Activation kind : {Activation::identity, Activation::relu}) {
    expect_same_bits([&](Exec& exec) {
      TestRows sums(70, 12, 12, 1), bias(1, 12, 12, 3);
      activate(exec, kind, some_dropout(true), bias.all(), sums.view(), sums.view());
      return sums.values;
    });
  }
}

TEST_P(Activations, Gradient) {
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

TEST_P(Activations, DropoutFollowsAStreamInDeviceMemory) {
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
