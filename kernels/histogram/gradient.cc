#include "kernels/histogram/gradient.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>
#include <numeric>
#include <vector>

#include "cuda/cpu_isa.h"
#include "cuda/error.h"
#include "cuda/exact_math.h"
#include "cuda/nvtx.h"
#include "kernels/histogram/gradient_gpu.h"
#include "kernels/histogram/gradient_loops.h"
#include "kernels/histogram/weighted_quantile.h"
#include "kernels/training/link_row.h"

namespace crisp {

const GradientLoops& gradient_loops() {
  switch (chosen_isa()) {
#if defined(__x86_64__)
    case CpuIsa::avx512: return gradient_loops_avx512;
    case CpuIsa::avx2: return gradient_loops_avx2;
#endif
    default: return gradient_loops_baseline;
  }
}

namespace {

constexpr int64_t kGrain = 16384;
constexpr float kLeastExtent = 1e-30f;  // quanta a unit must be a number of single precision

bool has_constant_hessian(Objective objective) {
  return objective != Objective::logistic && objective != Objective::softmax && objective != Objective::poisson;
}

/// body(block, number of its first row) for the rows of a range, block by block. `first`: the number of row 0 among all.
template <class Body>
void for_blocks(const ObjectivePlan& plan, const GradientRows& rows, int64_t output, int64_t first, int64_t begin, int64_t end, Body body) {
  const int64_t column = plan.objective == Objective::softmax ? output : 0;
  std::array<float, GradientBlock::kRows> scores;
  for (int64_t at = begin; at < end; at += GradientBlock::kRows) {
    const int64_t count = std::min<int64_t>(GradientBlock::kRows, end - at);
    for (int64_t i = 0; i < count; ++i) scores[static_cast<size_t>(i)] = rows.scores.at(at + i, column);
    body(GradientBlock{scores.data(), rows.target.data() + at, rows.weights.empty() ? nullptr : rows.weights.data() + at, count,
                       static_cast<uint32_t>(first + at), static_cast<float>(output)},
         at);
  }
}

GradientExtent larger(GradientExtent a, GradientExtent b) { return {std::max(a.g, b.g), std::max(a.h, b.h)}; }

/// Of all rows; 0 where there are none.
GradientExtent largest(Exec& exec, const ObjectivePlan& plan, const GradientRows& rows, int64_t output) {
  if (exec.is_cuda()) return gpu::largest_extent(exec, plan, rows, output);
  const auto count = static_cast<int64_t>(rows.target.size());
  std::vector<GradientExtent> parts(static_cast<size_t>((count + kGrain - 1) / kGrain));
  exec.threads().for_ranges(count, kGrain, [&](int64_t begin, int64_t end) {
    GradientExtent& most = parts[static_cast<size_t>(begin / kGrain)];
    for_blocks(plan, rows, output, 0, begin, end,
               [&](const GradientBlock& block, int64_t) { most = larger(most, gradient_loops().extent(plan, block)); });
  });
  return std::accumulate(parts.begin(), parts.end(), GradientExtent(), larger);
}

/// The sum of value(i) over all rows, in pieces that do not depend on threads.
template <class Value>
double total(Exec& exec, int64_t rows, Value value) {
  std::vector<double> parts(static_cast<size_t>((rows + kGrain - 1) / kGrain));
  exec.threads().for_ranges(rows, kGrain, [&](int64_t begin, int64_t end) {
    double sum = 0;
    for (int64_t i = begin; i < end; ++i) sum += value(i);
    parts[static_cast<size_t>(begin / kGrain)] = sum;
  });
  return std::accumulate(parts.begin(), parts.end(), 0.0);
}

double weight_of(const GradientRows& rows, int64_t i) {
  return rows.weights.empty() ? 1.0 : static_cast<double>(rows.weights[static_cast<size_t>(i)]);
}

double row_loss(const ObjectivePlan& plan, const float* scores, double target) {
  const double score = scores[0], miss = target - score;
  switch (plan.objective) {
    case Objective::squared: return miss * miss;
    case Objective::absolute: return std::fabs(miss);
    case Objective::huber: {
      const double size = std::fabs(miss);
      return size <= plan.alpha ? 0.5 * miss * miss : plan.alpha * (size - 0.5 * plan.alpha);
    }
    case Objective::quantile: return miss >= 0 ? plan.alpha * miss : (plan.alpha - 1) * miss;
    case Objective::poisson: return exact_exp(score) - target * score;
    case Objective::logistic: return target > 0.5 ? softplus(-score) : softplus(score);
    case Objective::softmax: break;
  }
  const double most = *std::max_element(scores, scores + plan.classes);
  double sum = 0;
  for (int64_t k = 0; k < plan.classes; ++k) sum += exact_exp(scores[k] - most);
  return most + exact_log(sum) - scores[static_cast<int64_t>(target)];
}

}  // namespace

RoundScale round_scale(Exec& exec, const ObjectivePlan& plan, const GradientRows& rows, int64_t output, const RowShare& share) {
  const NvtxRange range("round_scale");
  const GradientExtent here = largest(exec, plan, rows, output);
  std::array<float, 2> both{here.g, here.h};
  if (share.several()) share.most(both);
  const GradientExtent most{both[0], both[1]};
  const bool ones = has_constant_hessian(plan.objective) && rows.weights.empty();
  const auto quantum = [&](float largest) {
    return largest > 0 ? static_cast<double>(std::clamp(largest, kLeastExtent, std::numeric_limits<float>::max())) / plan.quanta : 1;
  };
  return {quantum(most.g), ones ? 1 : quantum(most.h)};
}

void shares_of_classes(Exec& exec, MatrixView<const float> scores, MatrixView<float> shares) {
  const NvtxRange range("shares_of_classes");
  if (exec.is_cuda()) return gpu::shares_of_classes(exec, scores, shares);
  exec.threads().for_ranges(scores.rows, kGrain, [&](int64_t begin, int64_t end) {
    for (int64_t i = begin; i < end; ++i) shares_of_row(scores.row(i), scores.columns, shares.row(i));
  });
}

void write_gradients(Exec& exec, const ObjectivePlan& plan, const GradientRows& rows, int64_t output, RoundScale scale, uint32_t key,
                     int64_t first, const BinnedRows& out) {
  CRISP_ASSERT(static_cast<int64_t>(rows.target.size()) == out.rows() && rows.scores.rows == out.rows());
  const NvtxRange range("write_gradients");
  if (exec.is_cuda()) return gpu::write_gradients(exec, plan, rows, output, scale, key, first, out);
  const Quanta quanta = quanta_of(plan, scale);
  exec.threads().for_ranges(out.rows(), kGrain, [&](int64_t begin, int64_t end) {
    std::array<uint32_t, GradientBlock::kRows> words;
    for_blocks(plan, rows, output, first, begin, end, [&](const GradientBlock& block, int64_t at) {
      gradient_loops().words(plan, block, quanta, key, words.data());
      for (int64_t i = 0; i < block.rows; ++i) out.word(at + i) = words[static_cast<size_t>(i)];
    });
  });
}

LossTotal total_loss(Exec& exec, const ObjectivePlan& plan, const GradientRows& rows) {
  const auto count = static_cast<int64_t>(rows.target.size());
  const auto weight = [&](int64_t i) {
    const bool positive = plan.objective == Objective::logistic && rows.target[static_cast<size_t>(i)] > 0.5f;
    return weight_of(rows, i) * (positive ? plan.positive_weight : 1);
  };
  LossTotal sum;
  sum.loss = total(exec, count, [&](int64_t i) { return weight(i) * row_loss(plan, rows.scores.row(i), rows.target[static_cast<size_t>(i)]); });
  sum.weight = total(exec, count, weight);
  return sum;
}

void base_scores(Exec& exec, const ObjectivePlan& plan, const GradientRows& rows, std::span<double> out) {
  const auto count = static_cast<int64_t>(rows.target.size());
  if (plan.objective == Objective::absolute || plan.objective == Objective::huber || plan.objective == Objective::quantile) {
    out[0] = weighted_quantile(rows.target, rows.weights, plan.objective == Objective::quantile ? plan.alpha : 0.5);
    return;
  }
  const bool classes = plan.objective == Objective::softmax, logistic = plan.objective == Objective::logistic;
  const double all = total(exec, count, [&](int64_t i) { return weight_of(rows, i); });
  for (size_t k = 0; k < out.size(); ++k) {
    const auto value = [&](int64_t i) {
      const double target = rows.target[static_cast<size_t>(i)];
      return weight_of(rows, i) * (classes ? (target == static_cast<double>(k) ? 1.0 : 0.0) : target);
    };
    const double mean = all > 0 ? total(exec, count, value) / all : 0;
    constexpr double kLeast = 1e-9;  // of a share: one class only, or no events
    if (logistic) {
      const double odds = plan.positive_weight * std::max(mean, kLeast) / std::max(1 - mean, kLeast);
      out[k] = exact_log(odds);
    } else if (classes || plan.objective == Objective::poisson) {
      out[k] = exact_log(std::max(mean, kLeast));
    } else {
      out[k] = mean;
    }
  }
}

}  // namespace crisp
