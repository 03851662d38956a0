#include "kernels/training/optimiser.h"

#include <algorithm>
#include <cmath>
#include <vector>

#include "cuda/error.h"
#include "cuda/nvtx.h"
#include "kernels/training/optimiser_gpu.h"
#include "kernels/training/square_sum.h"
#include "kernels/training/training_loops.h"

namespace crisp {
namespace {

constexpr int64_t kGrain = 1 << 13;

StepNumbers without_decay(StepNumbers n) {
  n.shrink = 1;
  n.decay = n.l1 = 0;
  return n;
}

void update(Exec& exec, OptimiserKind kind, const StepNumbersPair& numbers, MatrixView<const float> gradients,
            const OptimiserState& state) {
  const TrainingLoops& loops = training_loops();
  const auto update = [&](int64_t begin, int64_t end) {
    const int64_t cut = std::clamp(state.decayed, begin, end);
    if (begin < cut) loops.update(kind, numbers.decayed, gradients, state, begin, cut);
    if (cut < end) loops.update(kind, numbers.plain, gradients, state, cut, end);
  };
  if (state.parameters.size <= kGrain) return update(0, state.parameters.size);
  exec.threads().for_ranges(state.parameters.size, kGrain, update);
}

void check(MatrixView<const float> gradients, const OptimiserState& state) {
  CRISP_ASSERT(gradients.columns == state.parameters.size && state.decayed <= state.parameters.size);
}

}  // namespace

int moments_of(const OptimiserPlan& plan) {
  switch (plan.kind) {
    case OptimiserKind::adam:
    case OptimiserKind::adamw: return 2;
    case OptimiserKind::sgd: return plan.momentum > 0 ? 1 : 0;
    case OptimiserKind::rmsprop: return plan.momentum > 0 ? 2 : 1;
  }
  return 0;
}

StepNumbersPair step_numbers(const OptimiserPlan& plan, double rate, int64_t step, double scale) {
  StepNumbers n;
  const bool adam = plan.kind == OptimiserKind::adam || plan.kind == OptimiserKind::adamw;
  const double correction1 = adam ? 1 - std::pow(plan.beta1, static_cast<double>(step)) : 1;
  const double correction2 = adam ? 1 - std::pow(plan.beta2, static_cast<double>(step)) : 1;
  n.rate = static_cast<float>(rate / correction1);
  n.root_correction = static_cast<float>(std::sqrt(correction2));
  const double beta1 = adam ? plan.beta1 : plan.momentum, beta2 = adam ? plan.beta2 : plan.smoothing;
  n.beta1 = static_cast<float>(beta1);
  n.beta2 = static_cast<float>(beta2);
  n.rest1 = static_cast<float>(1 - beta1);
  n.rest2 = static_cast<float>(1 - beta2);
  n.epsilon = static_cast<float>(plan.epsilon);
  if (plan.kind == OptimiserKind::adamw) {
    n.shrink = static_cast<float>(1 - rate * plan.weight_decay);
  } else {
    n.decay = static_cast<float>(plan.weight_decay);
  }
  n.l1 = static_cast<float>(plan.l1);
  n.clip = static_cast<float>(plan.clip_value);
  n.scale = static_cast<float>(scale);
  n.nesterov = plan.nesterov;
  n.first_step = step == 1;
  return {n, without_decay(n)};
}

double sum_gradients(Exec& exec, MatrixView<float> gradients) {
  const NvtxRange range("sum_gradients");
  if (exec.is_cuda()) return gpu::sum_gradients(exec, gradients);
  const int64_t pieces = square_pieces(gradients.columns);
  std::vector<double> squares(static_cast<size_t>(pieces));
  exec.threads().run(pieces, [&](int64_t piece) {
    const int64_t begin = piece * kSquarePiece, end = std::min(begin + kSquarePiece, gradients.columns);
    squares[static_cast<size_t>(piece)] = training_loops().sum_rows(gradients, begin, end);
  });
  double total = 0;
  for (const double square : squares) total += square;
  return total;
}

void sum_gradients(Exec& exec, MatrixView<float> gradients, double* squares) {
  const NvtxRange range("sum_gradients");
  if (exec.is_cuda()) return gpu::sum_gradients(exec, gradients, squares);
  const double sum = sum_gradients(exec, gradients);
  if (squares) *squares = sum;
}

void set_scale(Exec& exec, const double* squares, double most, StepNumbersPair* numbers) {
  if (exec.is_cuda()) return gpu::set_scale(exec, squares, most, numbers);
  numbers->decayed.scale = numbers->plain.scale = static_cast<float>(scale_to_length(*squares, most));
}

void optimiser_step(Exec& exec, const OptimiserPlan& plan, double rate, int64_t step, double scale,
                    MatrixView<const float> gradients, const OptimiserState& state) {
  CRISP_ASSERT(step >= 1);
  check(gradients, state);
  const NvtxRange range("optimiser_step");
  const StepNumbersPair numbers = step_numbers(plan, rate, step, scale);
  if (exec.is_cuda()) return gpu::optimiser_step(exec, plan.kind, numbers, gradients, state);
  update(exec, plan.kind, numbers, gradients, state);
}

void optimiser_step(Exec& exec, OptimiserKind kind, const StepNumbersPair* numbers, MatrixView<const float> gradients,
                    const OptimiserState& state) {
  check(gradients, state);
  const NvtxRange range("optimiser_step");
  if (exec.is_cuda()) return gpu::optimiser_step(exec, kind, numbers, gradients, state);
  update(exec, kind, *numbers, gradients, state);
}

}  // namespace crisp
