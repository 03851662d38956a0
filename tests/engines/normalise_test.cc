#include "kernels/training/normalise.h"
#include "tests/engines/training_engines.h"

namespace crisp {
namespace {

class Normalise : public TrainingTest {};
CRISP_TEST_ENGINES(Normalise);

TEST_P(Normalise, LayerNorm) {
  for (const Shape& shape : kShapes) {
    for (const bool scaled : {false, true}) {
      expect_same_bits([&](Exec& exec) {
        TestRows in(shape.rows, shape.columns, shape.ld, 1), out(shape.rows, shape.columns, shape.ld, 2), saved(shape.rows, 2, 3, 3);
        TestRows slope(shape.rows, shape.columns, shape.ld, 4), gamma(1, shape.columns, shape.columns, 5), beta = gamma;
        TestRows of_gamma = gamma, of_beta = gamma;
        const ArrayView<float> none{};
        layer_norm(exec, in.view(), scaled ? gamma.all() : none, scaled ? beta.all() : none, 1e-5, saved.view(), out.view());
        layer_norm_gradient(exec, in.view(), saved.view(), scaled ? gamma.all() : none, slope.view(),
                            scaled ? of_gamma.all() : none, scaled ? of_beta.all() : none);
        for (const TestRows* more : {&saved, &slope, &of_gamma, &of_beta}) append(out.values, more->values);
        return out.values;
      });
    }
  }
}

TEST_P(Normalise, BatchNorm) {
  for (const Shape& shape : kShapes) {
    if (shape.rows == 0) continue;
    for (const bool scaled : {false, true}) {
      expect_same_bits([&](Exec& exec) {
        const int64_t columns = shape.columns;
        const ArrayView<float> none{};
        TestRows in(shape.rows, columns, shape.ld, 1), out(shape.rows, columns, shape.ld, 2), slope(shape.rows, columns, shape.ld, 4);
        TestRows gamma(1, columns, columns, 5), beta = gamma, of_gamma = gamma, of_beta = gamma, s(4, columns, columns, 6);
        for (float& x : s.values) x = x < 0 ? -x : x;
        const auto kept = [&](int64_t k) { return ArrayView<float>{s.view().row(k), columns}; };
        const BatchStatistics statistics{kept(0), kept(1), kept(2), kept(3)};
        std::vector<double> parts(static_cast<size_t>(4 * columns)), total(static_cast<size_t>(2 * columns));
        const auto join = [&] { join_sums(exec, {parts.data(), 2, 2 * columns, 2 * columns}, {total.data(), 2 * columns}); };
        const MatrixView<double> first{parts.data(), 2, columns, columns}, all{total.data(), 2, columns, columns};
        batch_sums(exec, in.view(), first);
        join();
        batch_statistics(exec, all, shape.rows, 1e-5, 0.1, statistics);
        batch_normalise(exec, in.view(), statistics, scaled ? gamma.all() : none, scaled ? beta.all() : none, out.view());
        batch_gradient_sums(exec, in.view(), statistics, slope.view(), first, scaled ? of_gamma.all() : none, scaled ? of_beta.all() : none);
        join();
        batch_gradient(exec, in.view(), statistics, scaled ? gamma.all() : none, all, shape.rows, slope.view());
        for (const double sum : total) append(out.values, sum);
        for (const TestRows* more : {&s, &slope, &of_gamma, &of_beta}) append(out.values, more->values);
        running_statistics(exec, 1e-5, statistics);
        append(out.values, s.values);
        return out.values;
      });
    }
  }
}

}  // namespace
}  // namespace crisp
