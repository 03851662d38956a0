#include "models/gbdt/device_check.h"

#include <algorithm>
#include <string>

#include "core/log.h"
#include "cuda/error.h"

namespace crisp {
namespace {

constexpr int64_t kRows = 20'000;  // a few milliseconds on the CPU; enough for nodes of both layouts

FitData first_rows(const FitData& data) {
  FitData part = data;
  part.validation = {};
  const auto count = static_cast<size_t>(std::min(kRows, data.train.rows.rows));
  part.train.rows.rows = static_cast<int64_t>(count);
  part.train.target = part.train.target.subspan(0, count);
  if (!part.train.weights.empty()) part.train.weights = part.train.weights.subspan(0, count);
  return part;
}

bool same_trees(const Trees& a, const Trees& b) {
  return a.feature == b.feature && a.threshold == b.threshold && a.left == b.left && a.right == b.right && a.missing_left == b.missing_left &&
         a.set_bits == b.set_bits && a.value == b.value && a.cover == b.cover && a.gain == b.gain;
}

bool same_scores(MatrixView<const float> a, MatrixView<const float> b) {
  return std::equal(a.data, a.data + a.rows * a.columns, b.data);  // both without padding
}

}  // namespace

bool boosts_as_the_cpu(Exec& exec, Exec& cpu, const FitData& data, const BoostingPlan& plan) {
  const FitData part = first_rows(data);
  std::string fault = "a first tree differs from the CPU's";
  try {
    Booster here(exec, part, plan), there(cpu, part, plan);
    here.boost();
    there.boost();
    if (same_trees(here.trees(), there.trees()) && same_scores(here.train_scores(), there.train_scores())) return true;
  } catch (const Error& error) {
    fault = error.what();
  }
  warn("gbdt is trained on the CPU: ", exec.device().name(), ": ", fault);
  return false;
}

}  // namespace crisp
