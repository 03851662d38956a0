#include "kernels/training/normalise.h"

#include "tests/kernels_training/training_layers.h"

namespace crisp {
namespace {

constexpr int64_t kColumns = 5, kRows = 70;
constexpr double kEpsilon = 1e-5, kMomentum = 0.1;

class Normalise : public LayersTest {
 protected:
  std::vector<float> x_ = floats("normalisation", "x"), slope_ = floats("normalisation", "slope");
  std::vector<float> gamma_ = floats("normalisation", "gamma"), beta_ = floats("normalisation", "beta");
  std::vector<float> gamma_gradient_ = std::vector<float>(kColumns), beta_gradient_ = std::vector<float>(kColumns);
};

TEST_F(Normalise, LayerEqualsPyTorch) {
  std::vector<float> out(x_.size()), saved(2 * kRows);
  layer_norm(exec_, matrix(x_, kColumns), all(gamma_), all(beta_), kEpsilon, matrix(saved, 2), matrix(out, kColumns));
  expect_near(out, "layer", "out", 1e-6);
  layer_norm_gradient(exec_, matrix(x_, kColumns), matrix(saved, 2), all(gamma_), matrix(slope_, kColumns), all(gamma_gradient_),
                      all(beta_gradient_));
  expect_near(slope_, "layer", "gradient", 2e-6);
  expect_near(gamma_gradient_, "layer", "gamma_gradient", 2e-6);
  expect_near(beta_gradient_, "layer", "beta_gradient", 2e-6);
}

/// Batch norm over parts of the batch, cut where `cut` says.
class BatchNorm : public Normalise, public ::testing::WithParamInterface<int64_t> {
 protected:
  std::vector<float> mean_ = std::vector<float>(kColumns), rstd_ = mean_, running_mean_ = mean_;
  std::vector<float> running_variance_ = std::vector<float>(kColumns, 1);
  BatchStatistics statistics_{all(mean_), all(rstd_), all(running_mean_), all(running_variance_)};

  struct Rows {
    int64_t begin, end;
  };
  std::vector<Rows> parts() const { return {{0, GetParam()}, {GetParam(), kRows}}; }
  static MatrixView<float> part_of(std::vector<float>& values, Rows rows) {
    return {values.data() + rows.begin * kColumns, rows.end - rows.begin, kColumns, kColumns};
  }
  static MatrixView<double> sums_of(std::vector<double>& sums, int64_t part) {
    return {sums.data() + part * 2 * kColumns, 2, kColumns, kColumns};
  }
  std::vector<double> joined(std::vector<double>& sums) {
    std::vector<double> total(2 * kColumns);
    join_sums(exec_, matrix(sums, 2 * kColumns), all(total));
    return total;
  }
};
INSTANTIATE_TEST_SUITE_P(Cuts, BatchNorm, ::testing::Values(0, 1, 33, 64, 70));

TEST_P(BatchNorm, EqualsPyTorchHoweverTheBatchIsCut) {
  std::vector<double> sums(2 * 2 * kColumns);
  for (int64_t k = 0; k < 2; ++k) batch_sums(exec_, part_of(x_, parts()[static_cast<size_t>(k)]), sums_of(sums, k));
  std::vector<double> total = joined(sums);
  batch_statistics(exec_, matrix(total, kColumns), kRows, kEpsilon, kMomentum, statistics_);
  expect_near(running_mean_, "batch", "running_mean", 1e-7);
  expect_near(running_variance_, "batch", "running_variance", 1e-7);
  std::vector<float> out(x_.size()), of_gamma(2 * kColumns), of_beta(2 * kColumns);
  for (const Rows& rows : parts()) batch_normalise(exec_, part_of(x_, rows), statistics_, all(gamma_), all(beta_), part_of(out, rows));
  expect_near(out, "batch", "out", 1e-6);

  for (int64_t k = 0; k < 2; ++k) {
    const Rows rows = parts()[static_cast<size_t>(k)];
    batch_gradient_sums(exec_, part_of(x_, rows), statistics_, part_of(slope_, rows), sums_of(sums, k),
                        {of_gamma.data() + k * kColumns, kColumns}, {of_beta.data() + k * kColumns, kColumns});
  }
  total = joined(sums);
  for (const Rows& rows : parts()) {
    batch_gradient(exec_, part_of(x_, rows), statistics_, all(gamma_), matrix(total, kColumns), kRows, part_of(slope_, rows));
  }
  expect_near(slope_, "batch", "gradient", 2e-6);
  for (size_t j = 0; j < kColumns; ++j) {
    gamma_gradient_[j] = of_gamma[j] + of_gamma[j + kColumns];
    beta_gradient_[j] = of_beta[j] + of_beta[j + kColumns];
  }
  expect_near(gamma_gradient_, "batch", "gamma_gradient", 2e-6);
  expect_near(beta_gradient_, "batch", "beta_gradient", 2e-6);

  running_statistics(exec_, kEpsilon, statistics_);
  batch_normalise(exec_, matrix(x_, kColumns), statistics_, all(gamma_), all(beta_), matrix(out, kColumns));
  expect_near(out, "batch", "in_use", 1e-6);
}

TEST_F(Normalise, ConstantColumnsAndSingleRowsStayFinite) {
  std::vector<float> x(kColumns, 1e10f), out(kColumns), saved(2), mean(kColumns), rstd(kColumns), running(kColumns), variance(kColumns, 1);
  layer_norm(exec_, matrix(x, kColumns), {}, {}, kEpsilon, matrix(saved, 2), matrix(out, kColumns));
  EXPECT_EQ(out, std::vector<float>(kColumns));
  std::vector<double> sums(2 * kColumns);
  batch_sums(exec_, matrix(x, kColumns), matrix(sums, kColumns));
  const BatchStatistics statistics{all(mean), all(rstd), all(running), all(variance)};
  batch_statistics(exec_, matrix(sums, kColumns), 1, kEpsilon, kMomentum, statistics);
  batch_normalise(exec_, matrix(x, kColumns), statistics, {}, {}, matrix(out, kColumns));
  EXPECT_EQ(out, std::vector<float>(kColumns));
}

}  // namespace
}  // namespace crisp
