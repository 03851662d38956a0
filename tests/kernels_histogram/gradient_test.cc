#include "kernels/histogram/gradient.h"

#include <gtest/gtest.h>

#include <cmath>

#include "cuda/cpu_isa.h"
#include "kernels/histogram/gradient_row.h"
#include "tests/kernels_histogram/binned_sample.h"

namespace crisp {
namespace {

constexpr Objective kNumbers[] = {Objective::squared, Objective::absolute, Objective::huber, Objective::quantile, Objective::poisson, Objective::logistic};

struct Problem {
  std::vector<float> target, scores;
  int64_t outputs;

  Problem(Objective objective, int64_t rows) : outputs(objective == Objective::softmax ? 3 : 1) {
    for (int64_t i = 0; i < rows; ++i) {
      const auto at = static_cast<uint64_t>(i);
      const bool classes = objective == Objective::logistic || objective == Objective::softmax;
      target.push_back(classes ? static_cast<float>(random_below(1, 0, at, static_cast<uint64_t>(std::max<int64_t>(2, outputs))))
                               : static_cast<float>(4 * random_uniform(1, 0, at)));
      for (int64_t k = 0; k < outputs; ++k) scores.push_back(static_cast<float>(4 * random_uniform(2, static_cast<uint64_t>(k), at) - 2));
    }
  }
  MatrixView<const float> score_view() const { return {scores.data(), static_cast<int64_t>(target.size()), outputs, outputs}; }
  GradientRows rows() const { return {target, {}, score_view()}; }
};

ObjectivePlan plan_of(Objective objective) { return {objective, objective == Objective::huber ? 1.3 : 0.7, 1, objective == Objective::softmax ? 3 : 1}; }

/// The derivatives that write_gradients means: sums of words over many seeds, times the quanta.
std::pair<double, double> mean_pair(const ObjectivePlan& plan, const GradientRows& rows, int64_t output) {
  Exec exec(Device::cpu(), 1);
  BinnedSample sample(static_cast<int64_t>(rows.target.size()), {2});
  const RoundScale scale = round_scale(exec, plan, rows, output);
  double g = 0, h = 0;
  constexpr int kSeeds = 400;
  for (uint32_t seed = 0; seed < kSeeds; ++seed) {
    write_gradients(exec, plan, rows, output, scale, 77 * seed, 0, sample.view());
    g += static_cast<double>(sample.sums_of(0).g) * scale.g / kSeeds;
    h += static_cast<double>(sample.sums_of(0).h) * scale.h / kSeeds;
  }
  return {g, h};
}

TEST(Gradients, AreTheLosssDerivatives) {
  Exec exec(Device::cpu(), 1);
  for (const Objective objective : kNumbers) {
    const ObjectivePlan plan = plan_of(objective);
    for (int64_t i = 0; i < 20; ++i) {
      Problem problem(objective, 40);
      std::swap(problem.target[0], problem.target[static_cast<size_t>(i)]);
      const double score = problem.scores[0], target = problem.target[0];
      if (std::fabs(score - target) < 0.01 || std::fabs(std::fabs(score - target) - 1.3) < 0.01) continue;  // a corner
      const auto loss = [&](double at) {
        const std::vector<float> one{static_cast<float>(at)};
        return total_loss(exec, plan, {std::span(problem.target).first(1), {}, {one.data(), 1, 1, 1}}).loss;
      };
      constexpr double kStep = 0.01;
      const double factor = objective == Objective::squared ? 0.5 : 1;  // its loss is the square itself, as it is reported
      const double slope = factor * (loss(score + kStep) - loss(score - kStep)) / (2 * kStep);
      const auto [g, h] = mean_pair(plan, problem.rows(), 0);
      EXPECT_NEAR(g, slope, 0.004 * std::max(1.0, std::fabs(slope))) << static_cast<int>(objective) << " at " << score << ", " << target;
      if (objective == Objective::logistic) {
        EXPECT_NEAR(h, (loss(score + 0.1) - 2 * loss(score) + loss(score - 0.1)) / 0.01, 2e-3);
      }
    }
  }
}

TEST(Gradients, OfClassesAddUpToNothing) {
  Exec exec(Device::cpu(), 1);
  const Problem problem(Objective::softmax, 30);
  const ObjectivePlan plan = plan_of(Objective::softmax);
  std::vector<float> shares(90);
  const MatrixView<float> view{shares.data(), 30, 3, 3};
  shares_of_classes(exec, problem.score_view(), view);
  double sum = 0;
  for (int64_t k = 0; k < 3; ++k) {
    const auto [g, h] = mean_pair(plan, {problem.target, {}, view}, k);
    const double p = std::exp(problem.scores[static_cast<size_t>(k)]) / (std::exp(problem.scores[0]) + std::exp(problem.scores[1]) + std::exp(problem.scores[2]));
    EXPECT_NEAR(g, p - (problem.target[0] == static_cast<float>(k)), 2e-3);
    EXPECT_NEAR(h, 1.5 * p * (1 - p), 2e-3);
    sum += g;
  }
  EXPECT_NEAR(sum, 0, 3e-3);
}

TEST(Gradients, AreEqualForEveryInstructionSetAndThreadCount) {
  for (const Objective objective : kNumbers) {
    const Problem problem(objective, 40'000);
    const ObjectivePlan plan = plan_of(objective);
    std::vector<float> weights;
    for (uint64_t i = 0; i < 40'000; ++i) weights.push_back(static_cast<float>(random_uniform(8, 0, i)));
    const GradientRows rows{problem.target, weights, problem.score_view()};
    std::vector<uint8_t> first;
    for (const CpuIsa isa : {CpuIsa::baseline, CpuIsa::avx2, CpuIsa::avx512}) {
      isa_limit() = isa;
      for (const int threads : {1, 3}) {
        Exec exec(Device::cpu(), threads);
        BinnedSample sample(40'000, {2});
        write_gradients(exec, plan, rows, 0, round_scale(exec, plan, rows, 0), 5, 0, sample.view());
        if (first.empty()) first = sample.records;
        EXPECT_EQ(sample.records, first) << static_cast<int>(objective);
      }
    }
    isa_limit() = CpuIsa::avx512;
  }
}

TEST(Gradients, AreAsFineAsTheLargestThatRowsHaveNow) {
  Exec exec(Device::cpu(), 2);
  const std::vector<float> target{0, 1, 0}, sure{-9, 8, -12}, weights{1, 1, 50};
  const double p = 1 / (1 + std::exp(8.0));
  ObjectivePlan plan{Objective::logistic};
  plan.quanta = 4095;
  const RoundScale scale = round_scale(exec, plan, {target, {}, {sure.data(), 3, 1, 1}}, 0);
  EXPECT_NEAR(scale.g * 4095, p, 1e-4 * p);
  EXPECT_NEAR(scale.h * 4095, p * (1 - p), 1e-4 * p);
  EXPECT_NEAR(round_scale(exec, plan, {target, weights, {sure.data(), 3, 1, 1}}, 0).g * 4095, p, 1e-4 * p) << "50 of e^-12 are less than one of e^-8";
  BinnedSample sample(3, {2});
  write_gradients(exec, plan, {target, {}, {sure.data(), 3, 1, 1}}, 0, scale, 1, 0, sample.view());
  EXPECT_EQ(sample.sums_of(1), (Sums{-4095, 4095, 1}));
  const std::vector<float> shares{1, 0, 0, 0.1f, 0.8f, 0.1f, 0, 0, 1}, classes{0, 1, 2};
  const ObjectivePlan softmax{Objective::softmax, 0, 1, 3};
  EXPECT_NEAR(round_scale(exec, softmax, {classes, {}, {shares.data(), 3, 3, 3}}, 1).g * kMostQuanta, 0.2, 1e-6);
  EXPECT_NEAR(round_scale(exec, softmax, {classes, {}, {shares.data(), 3, 3, 3}}, 2).g * kMostQuanta, 0.1, 1e-6);
}

TEST(Gradients, OfNoSizeHaveAScale) {
  Exec exec(Device::cpu(), 1);
  const std::vector<float> target{0}, score{-80};
  const GradientRows rows{target, {}, {score.data(), 1, 1, 1}};
  const RoundScale scale = round_scale(exec, ObjectivePlan{Objective::logistic}, rows, 0);
  BinnedSample sample(1, {2});
  write_gradients(exec, ObjectivePlan{Objective::logistic}, rows, 0, scale, 1, 0, sample.view());
  EXPECT_LE(sample.sums_of(0).g, 1);
  EXPECT_EQ(sample.sums_of(0).h, 1);
}

TEST(Gradients, OfSmallTablesAreFinerAndFillACell) {
  EXPECT_EQ(quanta_for(1), kFinestQuanta);
  EXPECT_EQ(quanta_for(1024), kFinestQuanta);
  EXPECT_EQ(quanta_for(1025), 8191);
  EXPECT_EQ(quanta_for(8192), 2047);
  EXPECT_EQ(quanta_for(8193), kMostQuanta);
  EXPECT_EQ(quanta_for(100'000'000), kMostQuanta);
  for (const int64_t rows : {int64_t{1024}, int64_t{2048}, int64_t{8192}, kPackedRows}) {
    const auto quanta = static_cast<int64_t>(quanta_for(rows));
    uint64_t cell = 0;
    for (int64_t i = 0; i < rows; ++i) cell += cell_of_word(gradient_word(static_cast<int32_t>(-quanta), static_cast<int32_t>(quanta)));
    EXPECT_EQ(unpack(cell), (Sums{-quanta * rows, quanta * rows, rows}));
  }
}

TEST(Gradients, GiveAPositiveHessianAQuantumAtLeast) {
  Exec exec(Device::cpu(), 1);
  const std::vector<float> target{0, 0, 1}, scores{-30, -6, 1};
  const ObjectivePlan plan{Objective::logistic};
  const GradientRows rows{target, {}, {scores.data(), 3, 1, 1}};
  BinnedSample sample(3, {2});
  for (uint32_t key = 0; key < 50; ++key) {
    write_gradients(exec, plan, rows, 0, round_scale(exec, plan, rows, 0), key, 0, sample.view());
    EXPECT_GE(sample.sums_of(0).h, 1);
    EXPECT_LE(sample.sums_of(2).h, kMostQuanta);
  }
  const std::vector<float> nothing{0, 0, 0};
  write_gradients(exec, plan, {target, nothing, rows.scores}, 0, {1, 1}, 1, 0, sample.view());
  EXPECT_EQ(sample.sums_of(1), (Sums{0, 0, 1})) << "a row without weight has none";
}

TEST(BaseScores, AreTheBestConstants) {
  Exec exec(Device::cpu(), 2);
  for (const Objective objective : kNumbers) {
    const Problem problem(objective, 999);
    const ObjectivePlan plan = plan_of(objective);
    if (objective == Objective::huber) continue;  // its median is a start, not the best
    std::vector<double> base(1);
    base_scores(exec, plan, problem.rows(), base);
    const auto loss = [&](double at) {
      const std::vector<float> all(999, static_cast<float>(at));
      return total_loss(exec, plan, {problem.target, {}, {all.data(), 999, 1, 1}}).loss;
    };
    EXPECT_LE(loss(base[0]), loss(base[0] + 0.02) + 1e-9) << static_cast<int>(objective);
    EXPECT_LE(loss(base[0]), loss(base[0] - 0.02) + 1e-9) << static_cast<int>(objective);
  }
}

}  // namespace
}  // namespace crisp
