#include <cmath>

#include "kernels/training/inputs.h"
#include "tests/engines/training_engines.h"

namespace crisp {
namespace {

class NetInputs : public TrainingTest {};
CRISP_TEST_ENGINES(NetInputs);

/// A number, a number in three pieces, codes with a narrow and a wide table, of few and of many categories.
struct Inputs {
  std::vector<InputColumn> columns{{0, 1, 0, 0, 0}, {1, 3, 0, 2, 0}, {4, 5, 3, 4, 0}, {9, 40, 2, 19, 3}, {49, 2, 500, 99, 5}};
  int64_t width = 51, parameters = 1110;
  std::vector<float> edges{9, 9, -1, -0.25f, 0.5f, 1};

  ArrayView<const InputColumn> view() const { return {columns.data(), static_cast<int64_t>(columns.size())}; }
  /// Codes that are not there among them: negative, too large, NaN.
  TestRows rows(int64_t count) const {
    TestRows rows(count, 5, 6, 1);
    for (int64_t i = 0; i < count; ++i) {
      for (int64_t j = 2; j < 5; ++j) {
        const auto place = static_cast<uint64_t>(i * 5 + j);
        rows.view().at(i, j) = static_cast<float>(random_below(7, 2, place, static_cast<uint64_t>(columns[static_cast<size_t>(j)].categories + 2))) - 1;
      }
      if (i % 40 == 7) rows.view().at(i, 2) = NAN;
      if (i % 40 == 9) rows.view().at(i, 1) = NAN;
    }
    return rows;
  }
};

TEST_P(NetInputs, EncodeInputs) {
  const Inputs inputs;
  for (const int64_t count : {0, 1, 33, 300}) {
    expect_same_bits([&](Exec& exec) {
      TestRows parameters(1, inputs.parameters, inputs.parameters, 3), out(count, inputs.width, 56, 4);
      encode_inputs(exec, inputs.view(), {inputs.edges.data(), 6}, parameters.all(), inputs.rows(count).view(), out.view());
      return out.values;
    });
  }
}

TEST_P(NetInputs, EmbeddingGradient) {
  const Inputs inputs;
  for (const int64_t count : {0, 1, 31, 32, 33, 300, 1100}) {
    expect_same_bits([&](Exec& exec) {
      const TestRows slopes(count, inputs.width, 56, 5);
      TestRows gradients(1, inputs.parameters, inputs.parameters, 6);
      embedding_gradient(exec, inputs.view(), 505, inputs.rows(count).view(), slopes.view(), gradients.all());
      return gradients.values;
    });
  }
}

}  // namespace
}  // namespace crisp
