#include "nn/net_place.h"

#include <algorithm>
#include <cmath>
#include <numeric>

#include "core/format.h"
#include "core/log.h"
#include "nn/product_scope.h"

namespace crisp::nn {
namespace {

constexpr int64_t kRows = 256, kSteps = 3;
constexpr double kRate = 1e-3;
/// Of the GPU's memory, for rows; nets and batches are small beside them.
constexpr double kShareForRows = 0.8;

/// What some steps lead to.
struct Trial {
  std::vector<float> moved;    // parameters, less those at the start
  std::vector<double> losses;  // of each step
};

LabelledRows first_rows(const LabelledRows& all, int64_t count) {
  LabelledRows part = all;
  part.rows.rows = count;
  if (!all.target.empty()) part.target = all.target.first(static_cast<size_t>(count * all.answers));
  if (!all.weights.empty()) part.weights = all.weights.first(static_cast<size_t>(count));
  return part;
}

Trial try_steps(Exec& exec, const MakeStep& make, const NetTraining& training, const FitData& data) {
  const std::unique_ptr<BatchStep> step = make(exec, training, data);
  const auto total = static_cast<size_t>(step->layout().total());
  const int moments = moments_of(training.optimiser);
  const std::vector<float> start = step->layout().initial(training.seed);
  Learned learned{start, std::vector<float>(moments >= 1 ? total : 0), std::vector<float>(moments >= 2 ? total : 0)};
  std::vector<uint32_t> index(static_cast<size_t>(data.train.rows.rows));
  std::iota(index.begin(), index.end(), 0u);
  step->bind(learned);
  for (int64_t k = 1; k <= kSteps; ++k) step->take_step(index, kRate, k);
  Trial trial;
  while (const auto loss = step->next_loss(true)) trial.losses.push_back(loss->sum.loss / loss->sum.weight);
  step->pull();
  for (size_t i = 0; i < total; ++i) trial.moved.push_back(learned.parameters[i] - start[i]);
  return trial;
}

double length(const std::vector<float>& values) {
  double squares = 0;
  for (const float value : values) squares += static_cast<double>(value) * value;
  return std::sqrt(squares);
}

/// An optimiser that divides by the size of a gradient makes a whole step of what rounding left of one that should be 0: so all
/// parameters together are compared, and a wrong formula moves most of them.
std::string difference(const Trial& gpu, const Trial& cpu, bool half) {
  const double most = half ? 0.3 : 0.05, most_loss = half ? 0.02 : 1e-3;
  for (size_t k = 0; k < cpu.losses.size(); ++k) {
    if (std::abs(gpu.losses[k] - cpu.losses[k]) <= most_loss * std::max(1e-3, std::abs(cpu.losses[k]))) continue;
    return concat("the loss of step ", k + 1, " is ", format_number(gpu.losses[k], 6), " there and ", format_number(cpu.losses[k], 6),
                  " on the CPU");
  }
  std::vector<float> apart = gpu.moved;
  for (size_t i = 0; i < apart.size(); ++i) apart[i] -= cpu.moved[i];
  const double share = length(apart) / std::max(length(cpu.moved), 1e-12);
  if (share <= most) return "";
  return concat("its steps differ from the CPU's by ", format_percent(share, 1));
}

std::string lack_of_memory(Exec& exec, const FitData& data) {
  double bytes = 0;
  for (const LabelledRows* part : {&data.train, &data.validation}) {
    bytes += static_cast<double>(part->rows.rows) * static_cast<double>(part->rows.ld) * sizeof(float);
  }
  const auto there = static_cast<double>(exec.info().memory_bytes);
  if (bytes <= kShareForRows * there) return "";
  return concat("its memory (", format_short(there), " bytes) does not hold the rows (", format_short(bytes), ")");
}

}  // namespace

std::string gpu_objection(Exec& exec, const MakeStep& make, const NetTraining& training, const FitData& data) {
  NetTraining plan = training;
  plan.batch = std::min(training.batch, kRows);
  plan.accumulate = std::min<int64_t>(training.accumulate, 2);
  FitData sample = data;
  sample.train = first_rows(data.train, std::min(data.train.rows.rows, plan.batch * plan.accumulate));
  sample.validation = {};
  try {
    const std::string lack = lack_of_memory(exec, data);
    if (!lack.empty()) return lack;
    const Trial gpu = try_steps(exec, make, plan, sample);
    const ProductScope scope;
    Exec host(Device::cpu(), exec.threads().threads());
    return difference(gpu, try_steps(host, make, plan, sample), plan.half);
  } catch (const Error& error) {
    return error.what();
  }
}

NetPlace::NetPlace(Exec& exec, const MakeStep& make, const NetTraining& training, const FitData& data, Peers* peers) : exec_(exec) {
  std::string objection = exec.is_cuda() ? gpu_objection(exec, make, training, data) : "";
  const bool own = exec.is_cuda() && objection.empty();
  const bool all = peers ? all_agree(*peers, own) : own;
  if (all || !exec.is_cuda()) return;
  if (own) objection = "another process cannot";
  warn("the net is trained on the CPU, not on the GPU: ", objection);
  host_ = std::make_unique<Exec>(Device::cpu(), exec.threads().threads());
}

}  // namespace crisp::nn
