#include "models/trees/out_of_bag.h"

#include <algorithm>
#include <atomic>
#include <cmath>

namespace crisp {
namespace {

constexpr int kBits = 40;  // of one answer; leaves room for 2^22 trees

double unit_of(const LabelledRows& rows, int64_t classes) {
  if (classes > 0) return std::ldexp(1.0, -kBits);
  double most = 0;
  for (const float value : rows.target) most = std::max(most, std::fabs(static_cast<double>(value)));
  int exponent = 0;
  std::frexp(most, &exponent);
  return std::ldexp(1.0, exponent - kBits);
}

}  // namespace

OutOfBag::OutOfBag(const LabelledRows& rows, int64_t classes)
    : rows_(rows), classes_(classes), outputs_(std::max<int64_t>(1, classes)), unit_(unit_of(rows, classes)),
      sums_(rows.target.size() * static_cast<size_t>(outputs_)), trees_(rows.target.size()) {}

void OutOfBag::add(uint32_t row, const double* values) {
  int64_t* sums = sums_.data() + row * outputs_;
  for (int64_t k = 0; k < outputs_; ++k) std::atomic_ref(sums[k]).fetch_add(std::llround(values[k] / unit_), std::memory_order_relaxed);
  std::atomic_ref(trees_[row]).fetch_add(1, std::memory_order_relaxed);
}

void OutOfBag::sum(Peers& peers) {
  std::vector<int64_t> trees(trees_.begin(), trees_.end());
  peers.sum(sums_);
  peers.sum(trees);
  std::transform(trees.begin(), trees.end(), trees_.begin(), [](int64_t count) { return static_cast<uint32_t>(count); });
}

void OutOfBag::tell(Json& facts) const {
  const auto rows = std::count_if(trees_.begin(), trees_.end(), [](uint32_t trees) { return trees > 0; });
  facts["oob_rows"] = rows;
  if (rows > 0) facts["oob_score"] = classes_ > 0 ? accuracy() : r2();
}

/// Of equal shares the lower class, as in every answer.
double OutOfBag::accuracy() const {
  int64_t right = 0, rows = 0;
  for (size_t i = 0; i < trees_.size(); ++i) {
    if (trees_[i] == 0) continue;
    const auto shares = sums_.begin() + static_cast<std::ptrdiff_t>(i) * outputs_;
    right += std::max_element(shares, shares + outputs_) - shares == static_cast<int64_t>(rows_.target[i]);
    ++rows;
  }
  return static_cast<double>(right) / static_cast<double>(rows);
}

double OutOfBag::r2() const {
  double sum = 0, count = 0, missed = 0, spread = 0;
  for (size_t i = 0; i < trees_.size(); ++i) {
    if (trees_[i] == 0) continue;
    sum += static_cast<double>(rows_.target[i]);
    ++count;
  }
  for (size_t i = 0; i < trees_.size(); ++i) {
    if (trees_[i] == 0) continue;
    const double truth = static_cast<double>(rows_.target[i]), answer = static_cast<double>(sums_[i]) * unit_ / static_cast<double>(trees_[i]);
    missed += (truth - answer) * (truth - answer);
    spread += (truth - sum / count) * (truth - sum / count);
  }
  return spread > 0 ? 1 - missed / spread : missed > 0 ? 0.0 : 1.0;
}

}  // namespace crisp
