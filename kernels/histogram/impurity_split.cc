#include "kernels/histogram/impurity_split.h"

#include <algorithm>
#include <bit>

#include "cuda/error.h"
#include "cuda/random.h"

namespace crisp {
namespace {

constexpr int kCodes = 256;
/// Up to so many rows the codes that are there are noted row by row; else all codes are looked through.
constexpr int64_t kFewRows = 256;

}  // namespace

CodeSides ImpuritySplit::sides() const {
  if (category) return left;
  CodeSides sides{};
  sides[0] = missing_left;
  for (int32_t k = 1; k < kCodes; ++k) sides[static_cast<size_t>(k)] = k <= code;
  return sides;
}

ImpuritySplitter::ImpuritySplitter(const ImpurityRules& rules)
    : rules_(rules), cells_(rules.cells()), sums_(static_cast<size_t>(kCodes * cells_)), left_(static_cast<size_t>(cells_)), with_missing_(left_),
      keys_(kCodes) {
  codes_.reserve(kCodes);
}

bool ImpuritySplitter::improve(const ImpurityRows& rows, const ImpurityColumn& column, ImpuritySplit& best) {
  codes_.clear();
  if (rows.index.size <= kFewRows) find_codes(rows, column);
  if (codes_.size() == 1) return false;
  add(rows, column);
  for (int32_t code = 0; rows.index.size > kFewRows && code < column.count; ++code) {
    if (sums(code)[kRowsCell] > 0) codes_.push_back(code);
  }
  if (codes_.size() > 1) {
    switch (rules_.impurity) {
      case Impurity::gini: improve_of<Impurity::gini>(rows, column, best); break;
      case Impurity::entropy: improve_of<Impurity::entropy>(rows, column, best); break;
      case Impurity::squared: improve_of<Impurity::squared>(rows, column, best); break;
    }
  }
  for (const int32_t code : codes_) std::fill_n(sums(code), cells_, 0);
  return codes_.size() > 1;
}

void ImpuritySplitter::find_codes(const ImpurityRows& rows, const ImpurityColumn& column) {
  uint64_t there[kCodes / 64] = {};
  for (const uint32_t row : rows.index) there[column.codes[row] >> 6] |= uint64_t{1} << (column.codes[row] & 63);
  for (int32_t word = 0; word < kCodes / 64; ++word) {
    for (uint64_t bits = there[word]; bits != 0; bits &= bits - 1) codes_.push_back(64 * word + std::countr_zero(bits));
  }
}

void ImpuritySplitter::add(const ImpurityRows& rows, const ImpurityColumn& column) {
  int64_t* const sums = sums_.data();
  const int64_t cells = cells_;
  if (rules_.impurity == Impurity::squared) {
    for (int64_t i = 0; i < rows.index.size; ++i) {
      int64_t* const sum = sums + 3 * column.codes[rows.index[i]];
      ++sum[kRowsCell];
      sum[kWeightCell] += rows.weight[i];
      sum[kTargetCell] += rows.target[i];
    }
    return;
  }
  for (int64_t i = 0; i < rows.index.size; ++i) {
    int64_t* const sum = sums + cells * column.codes[rows.index[i]];
    ++sum[kRowsCell];
    sum[rows.cell[i]] += rows.weight[i];
  }
}

template <Impurity Kind>
void ImpuritySplitter::improve_of(const ImpurityRows& rows, const ImpurityColumn& column, ImpuritySplit& best) {
  column.category ? categories<Kind>(rows, column, best) : numbers<Kind>(rows, column, best);
}

template <Impurity Kind>
double ImpuritySplitter::purity_at(const int64_t* left, const int64_t* total) const {
  return purity_of_sides<Kind>([=](int64_t k) { return left[k]; }, total, rules_.classes, rules_.min_leaf_rows);
}

template <Impurity Kind>
void ImpuritySplitter::numbers(const ImpurityRows& rows, const ImpurityColumn& column, ImpuritySplit& best) {
  const bool missing = codes_[0] == 0;
  const size_t first = missing ? 1 : 0, last = codes_.size() - 1;
  int32_t drawn = -1;  // codes up to it go left
  if (rules_.random_thresholds && last > first) drawn = drawn_threshold(rules_.seed, rows.stream, column.number, codes_[first], codes_[last]);
  std::fill(left_.begin(), left_.end(), 0);
  const auto consider = [&](const std::vector<int64_t>& left, int32_t code, bool missing_left) {
    const double candidate = purity_at<Kind>(left.data(), rows.total);
    if (!(candidate > best.purity)) return;
    best.purity = candidate;
    best.column = column.number;
    best.code = code;
    best.category = false;
    best.missing_left = missing ? missing_left : 2 * left[kRowsCell] >= rows.total[kRowsCell];
  };
  for (size_t i = first; i <= last; ++i) {
    for (int64_t k = 0; k < cells_; ++k) left_[static_cast<size_t>(k)] += sums(codes_[i])[k];
    if (i == last) {  // all numbers against the missing ones, which a drawn threshold cannot say
      if (missing && drawn < 0) consider(left_, column.count - 1, false);
      break;
    }
    if (drawn >= 0 && !(codes_[i] <= drawn && drawn < codes_[i + 1])) continue;
    const int32_t code = drawn >= 0 ? drawn : (codes_[i] + codes_[i + 1]) / 2;
    consider(left_, code, false);
    if (!missing) continue;
    for (int64_t k = 0; k < cells_; ++k) with_missing_[static_cast<size_t>(k)] = left_[static_cast<size_t>(k)] + sums(0)[k];
    consider(with_missing_, code, true);
  }
}

template <Impurity Kind>
void ImpuritySplitter::order_by_share(int64_t numerator) {
  for (const int32_t code : codes_) {
    const int64_t* sum = sums(code);
    keys_[static_cast<size_t>(code)] = share_of_category<Kind>([=](int64_t k) { return sum[k]; }, rules_.classes, numerator);
  }
}

template <Impurity Kind>
void ImpuritySplitter::categories(const ImpurityRows& rows, const ImpurityColumn& column, ImpuritySplit& best) {
  if (rules_.random_thresholds) {
    for (const int32_t code : codes_) keys_[static_cast<size_t>(code)] = drawn_key(rules_.seed, rows.stream, column.number, code);
    return try_order<Kind>(rows, column, drawn_cut(rules_.seed, rows.stream, column.number, static_cast<int32_t>(codes_.size())), best);
  }
  if (Kind == Impurity::squared || rules_.classes == 2) {
    order_by_share<Kind>(2);  // kTargetCell, or the second class
    return try_order<Kind>(rows, column, -1, best);
  }
  for (int64_t k = kFirstClassCell; k <= rules_.classes; ++k) {
    if (rows.total[k] == 0) continue;
    order_by_share<Kind>(k);
    try_order<Kind>(rows, column, -1, best);
  }
}

/// Categories in the order of their keys, parted behind place `cut`, or behind each.
template <Impurity Kind>
void ImpuritySplitter::try_order(const ImpurityRows& rows, const ImpurityColumn& column, int64_t cut, ImpuritySplit& best) {
  std::vector<int32_t> order = codes_;
  std::stable_sort(order.begin(), order.end(), [&](int32_t a, int32_t b) { return keys_[static_cast<size_t>(a)] < keys_[static_cast<size_t>(b)]; });
  std::fill(left_.begin(), left_.end(), 0);
  int64_t place = -1, left_rows = 0;
  for (int64_t i = 0; i + 1 < static_cast<int64_t>(order.size()); ++i) {
    for (int64_t k = 0; k < cells_; ++k) left_[static_cast<size_t>(k)] += sums(order[static_cast<size_t>(i)])[k];
    if (cut >= 0 && i != cut) continue;
    const double candidate = purity_at<Kind>(left_.data(), rows.total);
    if (!(candidate > best.purity)) continue;
    best.purity = candidate;
    place = i;
    left_rows = left_[kRowsCell];
  }
  if (place < 0) return;
  best.column = column.number;
  best.category = true;
  best.left.fill(0);
  // What is in no set goes right: there are more rows.
  const bool front_left = 2 * left_rows <= rows.total[kRowsCell];
  for (int64_t i = 0; i < static_cast<int64_t>(order.size()); ++i) {
    best.left[static_cast<size_t>(order[static_cast<size_t>(i)])] = (i <= place) == front_left;
  }
  best.missing_left = best.left[0] != 0;
}

}  // namespace crisp
