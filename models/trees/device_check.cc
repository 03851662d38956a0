#include "models/trees/device_check.h"

#include <algorithm>

#include "core/interrupt.h"
#include "core/log.h"
#include "cuda/error.h"

namespace crisp {
namespace {

constexpr int64_t kRows = 20'000;  // enough for nodes of both layouts of histograms

}  // namespace

FitData rows_to_check(const FitData& data) {
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

bool agrees_with_the_cpu(Exec& exec, const std::string& model, const std::function<bool()>& same) {
  std::string fault = "a first tree differs from the CPU's";
  try {
    if (same()) return true;
  } catch (const Interrupted&) {
    throw;
  } catch (const Error& error) {
    if (error.code() == Code::data) throw;
    fault = error.what();
  }
  warn(model, " is trained on the CPU: ", exec.device().name(), ": ", fault);
  return false;
}

}  // namespace crisp
