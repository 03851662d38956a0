#include "kernels/training/recurrent.h"
#include "tests/engines/training_engines.h"

namespace crisp {
namespace {

class Recurrent : public TrainingTest {};
CRISP_TEST_ENGINES(Recurrent);

TEST_P(Recurrent, LstmCell) {
  for (const Shape& shape : kShapes) {
    for (const bool biased : {false, true}) {
      expect_same_bits([&](Exec& exec) {
        const int64_t units = shape.columns;
        TestRows gates(shape.rows, 4 * units, 4 * units + 1, 1), before(shape.rows, units, shape.ld, 2), cell = before, hidden = before;
        TestRows slope(shape.rows, units, shape.ld, 3), of_cell(shape.rows, units, shape.ld, 4), bias(1, 4 * units, 4 * units, 5);
        lstm_cell(exec, biased ? bias.all() : ArrayView<float>{}, gates.view(), before.view(), cell.view(), hidden.view());
        std::vector<float> left = gates.values;
        lstm_cell_gradient(exec, before.view(), cell.view(), slope.view(), of_cell.view(), gates.view());
        for (const TestRows* more : {&cell, &hidden, &of_cell, &gates}) append(left, more->values);
        return left;
      });
    }
  }
}

TEST_P(Recurrent, GruCell) {
  for (const Shape& shape : kShapes) {
    for (const bool biased : {false, true}) {
      expect_same_bits([&](Exec& exec) {
        const int64_t units = shape.columns;
        TestRows input(shape.rows, 3 * units, 3 * units, 1), recurrent(shape.rows, 3 * units, 3 * units + 2, 2);
        TestRows before(shape.rows, units, shape.ld, 3), hidden = before, slope(shape.rows, units, shape.ld, 4), bias(1, 3 * units, 3 * units, 5);
        const ArrayView<float> none{};
        gru_cell(exec, biased ? bias.all() : none, biased ? bias.all() : none, input.view(), recurrent.view(), before.view(), hidden.view());
        std::vector<float> left = input.values;
        append(left, recurrent.values);
        gru_cell_gradient(exec, before.view(), slope.view(), input.view(), recurrent.view());
        for (const TestRows* more : {&hidden, &slope, &input, &recurrent}) append(left, more->values);
        return left;
      });
    }
  }
}

}  // namespace
}  // namespace crisp
