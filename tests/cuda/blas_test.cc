#include "cuda/blas.h"

#include <cmath>
#include <vector>

#include "cuda/random.h"
#include "tests/engine.h"

namespace crisp {
namespace {

class Blas : public EngineTest {
 protected:
  /// Against the definition in long double, within the contract's bound; padding of c stays as it was.
  template <class T>
  void expect_product(int64_t m, int64_t k, int64_t n, T unit) {
    const int64_t lda = k + 2, ldb = n + 1, ldc = n + 3;
    std::vector<T> a(static_cast<size_t>(m * lda)), b(static_cast<size_t>(k * ldb)), c(static_cast<size_t>(m * ldc), T{-9});
    for (size_t i = 0; i < a.size(); ++i) a[i] = static_cast<T>(random_uniform(1, 1, i) - 0.5);
    for (size_t i = 0; i < b.size(); ++i) b[i] = static_cast<T>(random_uniform(1, 2, i) - 0.5);
    multiply(exec(), MatrixView<const T>{a.data(), m, k, lda}, MatrixView<const T>{b.data(), k, n, ldb},
             MatrixView<T>{c.data(), m, n, ldc});
    for (int64_t i = 0; i < m; ++i) {
      for (int64_t j = 0; j < n; ++j) {
        long double sum = 0, magnitude = 0;
        for (int64_t d = 0; d < k; ++d) {
          const long double product = static_cast<long double>(a[i * lda + d]) * b[d * ldb + j];
          sum += product;
          magnitude += std::abs(product);
        }
        ASSERT_NEAR(c[i * ldc + j], sum, static_cast<long double>(k) * unit * magnitude) << i << ", " << j;
      }
      for (int64_t j = n; j < ldc; ++j) ASSERT_EQ(c[i * ldc + j], T{-9});
    }
  }
};
CRISP_TEST_ENGINES(Blas);

TEST_P(Blas, MultipliesWithinTheStatedError) {
  for (const auto& [m, k, n] : {std::tuple<int64_t, int64_t, int64_t>{1, 1, 1}, {64, 16, 64}, {65, 17, 63}, {3, 200, 150},
                                {130, 5, 1}}) {
    expect_product<float>(m, k, n, 0x1p-23f);
    expect_product<double>(m, k, n, 0x1p-52);
  }
}

TEST_P(Blas, TakesEmptyMatrices) {
  expect_product<float>(0, 3, 4, 0.0f);
  expect_product<float>(3, 4, 0, 0.0f);
  expect_product<double>(3, 0, 4, 0.0);  // a sum of nothing is zero
}

/// op(factor)(i, j) of a matrix that lies transposed or not.
float value_of(const std::vector<float>& values, int64_t ld, bool transposed, int64_t i, int64_t j) {
  return values[static_cast<size_t>(transposed ? j * ld + i : i * ld + j)];
}

TEST_P(Blas, TransposesAndRoundsFactors) {
  const int64_t m = 67, k = 35, n = 19;
  for (const bool ta : {false, true}) {
    for (const bool tb : {false, true}) {
      for (const ProductPrecision precision : {ProductPrecision::full, ProductPrecision::bfloat16}) {
        const int64_t lda = (ta ? m : k) + 1, ldb = (tb ? k : n) + 2;
        std::vector<float> a(static_cast<size_t>((ta ? k : m) * lda)), b(static_cast<size_t>((tb ? n : k) * ldb));
        std::vector<float> c(static_cast<size_t>(m * n));
        for (size_t i = 0; i < a.size(); ++i) a[i] = static_cast<float>(random_uniform(2, 1, i) - 0.5);
        for (size_t i = 0; i < b.size(); ++i) b[i] = static_cast<float>(random_uniform(2, 2, i) - 0.5);
        multiply(exec(), {a.data(), ta ? k : m, ta ? m : k, lda}, ta, {b.data(), tb ? n : k, tb ? k : n, ldb}, tb, {c.data(), m, n, n},
                 precision);
        double most = 0;
        for (int64_t i = 0; i < m; ++i) {
          for (int64_t j = 0; j < n; ++j) {
            double sum = 0, magnitude = 0;
            for (int64_t d = 0; d < k; ++d) {
              const double product = static_cast<double>(value_of(a, lda, ta, i, d)) * value_of(b, ldb, tb, d, j);
              sum += product;
              magnitude += std::abs(product);
            }
            most = std::max(most, std::abs(c[static_cast<size_t>(i * n + j)] - sum) / magnitude);
          }
        }
        const bool full = precision == ProductPrecision::full;
        EXPECT_LE(most, full ? k * 0x1p-23 : 0x1p-7 + k * 0x1p-23);
        if (!full) {
          EXPECT_GT(most, 0x1p-14) << "nothing was rounded";
        }
      }
    }
  }
}

TEST_P(Blas, AddsAProductToWhatIsThere) {
  for (const int64_t k : {0, 70}) {
    const int64_t m = 66, n = 5;
    std::vector<float> a(static_cast<size_t>(m * k)), b(static_cast<size_t>(k * n)), set(static_cast<size_t>(m * n)), sum;
    for (size_t i = 0; i < a.size(); ++i) a[i] = static_cast<float>(random_uniform(2, 1, i) - 0.5);
    for (size_t i = 0; i < b.size(); ++i) b[i] = static_cast<float>(random_uniform(2, 2, i) - 0.5);
    for (size_t i = 0; i < set.size(); ++i) sum.push_back(static_cast<float>(i % 7));
    const MatrixView<const float> left{a.data(), m, k, k}, right{b.data(), k, n, n};
    multiply(exec(), left, false, right, false, {set.data(), m, n, n});
    multiply(exec(), left, false, right, false, {sum.data(), m, n, n}, ProductPrecision::full, ProductTarget::add);
    for (size_t i = 0; i < set.size(); ++i) ASSERT_NEAR(sum[i], static_cast<float>(i % 7) + set[i], 2e-5) << i;
  }
}

TEST(BlasLibrary, IsOptional) { EXPECT_NO_THROW(blas_library()); }

}  // namespace
}  // namespace crisp
