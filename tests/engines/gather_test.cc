#include "kernels/training/gather.h"
#include "tests/engines/training_engines.h"

namespace crisp {
namespace {

class Gather : public TrainingTest {};
CRISP_TEST_ENGINES(Gather);

TEST_P(Gather, Rows) {
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
