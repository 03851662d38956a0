#include "models/gbdt/weighed_rows.h"

#include <algorithm>

namespace crisp {

WeighedRows::WeighedRows(const LabelledRows& all) : view_(all) {
  const auto weightless = std::count(all.weights.begin(), all.weights.end(), 0.0f);
  if (weightless == 0 || weightless == all.rows.rows) return;
  const int64_t columns = all.rows.columns;
  for (int64_t i = 0; i < all.rows.rows; ++i) {
    const float weight = all.weights[static_cast<size_t>(i)];
    if (weight == 0) continue;
    values_.insert(values_.end(), all.rows.row(i), all.rows.row(i) + columns);
    target_.push_back(all.target[static_cast<size_t>(i)]);
    weights_.push_back(weight);
  }
  view_ = {{values_.data(), static_cast<int64_t>(target_.size()), columns, columns}, target_, weights_};
}

}  // namespace crisp
