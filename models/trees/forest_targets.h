/// Targets and weights of the rows that a forest learns from, as whole quanta: their sums are exact in any order.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "kernels/histogram/impurity_split.h"
#include "train/model.h"

namespace crisp {

class ForestTargets {
 public:
  /// Code::data where a target is no number, or no class. Rows weigh more than 0. A quantum is a power of two, so small that all rows together
  /// weigh up to 2^60: rounding a target to it changes less than a double does. Targets are counted from their mean.
  /// rows.target must outlive it.
  ForestTargets(const LabelledRows& rows, Task task, int64_t classes);

  int64_t classes() const { return classes_; }
  /// Values that a leaf answers with.
  int64_t outputs() const { return classes_ > 0 ? classes_ : 1; }

  int32_t cell(uint32_t row) const { return cell_[row]; }
  int64_t target(uint32_t row) const { return target_[row]; }
  bool same_number(uint32_t a, uint32_t b) const { return number_[a] == number_[b]; }
  int64_t weight(uint32_t row) const { return weight_.empty() ? 1 : weight_[row]; }

  /// All rows' at once; empty where there are none.
  std::span<const int32_t> cells() const { return cell_; }
  std::span<const int64_t> targets() const { return target_; }
  std::span<const float> numbers() const { return number_; }
  std::span<const int64_t> weights() const { return weight_; }

  /// What the sums of some rows say: the classes' shares, or the mean target.
  void answer(const int64_t* sums, double* out) const;
  /// All of a side's weight, in quanta.
  double weight_of(const int64_t* sums) const;
  double weight_unit() const { return weight_unit_; }
  /// Of a difference of purities: in weight times what an impurity is measured in.
  double gain_unit() const { return classes_ > 0 ? weight_unit_ : target_unit_ * target_unit_ / weight_unit_; }

 private:
  void weigh(std::span<const float> weights);
  void count_numbers(std::span<const float> target, std::span<const float> weights);
  void quantise(std::span<const float> target, std::span<const float> weights);

  int64_t classes_ = 0;
  std::span<const float> number_;  // of numbers the targets themselves
  std::vector<int32_t> cell_;
  std::vector<int64_t> weight_, target_;
  double weight_unit_ = 1, target_unit_ = 1, base_ = 0;
};

}  // namespace crisp
