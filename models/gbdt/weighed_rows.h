/// Rows of no weight are not learned from.
#pragma once

#include <vector>

#include "train/model.h"

namespace crisp {

/// Those of `all` that weigh anything, or all of them where none does; a copy where some do not. `all` must outlive it.
class WeighedRows {
 public:
  explicit WeighedRows(const LabelledRows& all);
  WeighedRows(const WeighedRows&) = delete;
  WeighedRows& operator=(const WeighedRows&) = delete;
  const LabelledRows& view() const { return view_; }

 private:
  std::vector<float> values_, target_, weights_;
  LabelledRows view_;
};

}  // namespace crisp
