#include "models/trees/forest_targets.h"

#include <algorithm>
#include <cmath>

#include "cuda/error.h"

namespace crisp {
namespace {

constexpr int kMostBits = 60;  // of the sum over all rows, however often a bootstrap takes the heaviest

/// The power of two of which `most`, times `count`, is up to 2^kMostBits.
double quantum(double most, size_t count) {
  if (!(most > 0)) return 1;
  int exponent = 0;
  std::frexp(most * static_cast<double>(count), &exponent);
  return std::ldexp(1.0, exponent - kMostBits);
}

int64_t quanta(double value, double unit) { return std::llround(value / unit); }

}  // namespace

ForestTargets::ForestTargets(const LabelledRows& rows, Task task, int64_t classes) {
  for (size_t i = 0; i < rows.target.size(); ++i) {
    const float value = rows.target[i];
    CRISP_REQUIRE(std::isfinite(value), Code::data, "the target of row ", i + 1, " is ", value, "; expected a finite number");
    if (task != Task::classification) continue;
    CRISP_REQUIRE(value >= 0 && value < static_cast<float>(classes) && value == std::floor(value), Code::data, "the target of row ", i + 1, " is ", value,
                  "; expected a class from 0 to ", classes - 1);
  }
  weigh(rows.weights);
  if (task != Task::classification) {
    count_numbers(rows.target, rows.weights);
    return;
  }
  classes_ = classes;
  for (const float value : rows.target) cell_.push_back(static_cast<int32_t>(kFirstClassCell) + static_cast<int32_t>(value));
}

void ForestTargets::weigh(std::span<const float> weights) {
  if (weights.empty()) return;
  weight_unit_ = quantum(static_cast<double>(*std::max_element(weights.begin(), weights.end())), weights.size());
  for (const float weight : weights) weight_.push_back(std::max<int64_t>(1, quanta(static_cast<double>(weight), weight_unit_)));
}

/// First from the middle of all, by which the mean is exact in any order; then from the mean.
void ForestTargets::count_numbers(std::span<const float> target, std::span<const float> weights) {
  number_ = target;
  if (target.empty()) return;
  const auto [low, high] = std::minmax_element(target.begin(), target.end());
  base_ = 0.5 * static_cast<double>(*low) + 0.5 * static_cast<double>(*high);
  quantise(target, weights);
  int64_t sum = 0, weight = 0;
  for (size_t i = 0; i < target.size(); ++i) {
    sum += target_[i];
    weight += this->weight(static_cast<uint32_t>(i));
  }
  base_ += static_cast<double>(sum) * target_unit_ / (static_cast<double>(weight) * weight_unit_);
  quantise(target, weights);
}

void ForestTargets::quantise(std::span<const float> target, std::span<const float> weights) {
  const auto value = [&](size_t i) { return (weights.empty() ? 1.0 : static_cast<double>(weights[i])) * (static_cast<double>(target[i]) - base_); };
  double most = 0;
  for (size_t i = 0; i < target.size(); ++i) most = std::max(most, std::fabs(value(i)));
  target_unit_ = quantum(most, target.size());
  target_.resize(target.size());
  for (size_t i = 0; i < target.size(); ++i) target_[i] = quanta(value(i), target_unit_);
}

double ForestTargets::weight_of(const int64_t* sums) const {
  if (classes_ == 0) return static_cast<double>(sums[kWeightCell]);
  int64_t all = 0;
  for (int64_t k = 0; k < classes_; ++k) all += sums[kFirstClassCell + k];
  return static_cast<double>(all);
}

void ForestTargets::answer(const int64_t* sums, double* out) const {
  const double weight = weight_of(sums);
  if (classes_ == 0) {
    out[0] = base_ + static_cast<double>(sums[kTargetCell]) * target_unit_ / (weight * weight_unit_);
    return;
  }
  for (int64_t k = 0; k < classes_; ++k) out[k] = static_cast<double>(sums[kFirstClassCell + k]) / weight;
}

}  // namespace crisp
