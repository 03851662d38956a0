#include "kernels/histogram/split.h"

#include <algorithm>
#include <cmath>
#include <numeric>
#include <vector>

#include "cuda/error.h"
#include "cuda/nvtx.h"
#include "cuda/random.h"
#include "kernels/histogram/column_cells.h"
#include "kernels/histogram/split_categories.h"
#include "kernels/histogram/split_rules.h"
#include "kernels/histogram/split_scan.h"

namespace crisp {
namespace {

void sum_up(const HistogramView& histogram, int64_t first, int count, Prefix<int32_t>& out) {
  split_scan().prefix(histogram.packed + first, count, out);
}

void sum_up(const HistogramView& histogram, int64_t first, int count, Prefix<double>& out) {
  Sums sum;
  for (int k = 0; k < out.whole(count); ++k) {
    if (k < count) sum += histogram.wide[first + k];
    const Side side = side_of(sum);
    out.g[k] = side.g;
    out.h[k] = side.h;
    out.rows[k] = side.rows;
  }
}

Candidate scan(const Prefix<int32_t>& prefix, const ScanTask& task, const SplitNumbers& numbers) {
  return split_scan().best_packed(prefix, task, numbers);
}

Candidate scan(const Prefix<double>& prefix, const ScanTask& task, const SplitNumbers& numbers) {
  return split_scan().best_wide(prefix, task, numbers);
}

/// The best split of one column of numbers, of packed cells (int32_t) or wide ones (double).
template <class Number>
class NumberColumn {
 public:
  NumberColumn(const SplitNode& node, const ColumnCells& cells, const SplitNumbers& numbers)
      : total_(side_of(node.total)), missing_(cells.histogram.at(cells.first)), values_(cells.codes - 1), numbers_(numbers) {
    sum_up(cells.histogram, cells.first + 1, values_, prefix_);
  }

  /// One threshold between the node's lowest and highest code.
  void only(uint64_t seed, uint64_t stream, uint64_t index) {
    int low = 0, high = values_ - 1;
    while (low < high && prefix_.rows[low] == 0) ++low;
    while (high > low && prefix_.rows[high - 1] == prefix_.rows[high]) --high;
    begin_ = low + (high > low ? static_cast<int>(random_below(seed, stream, index, static_cast<uint64_t>(high - low))) : 0);
    end_ = begin_ + 1;
  }

  void improve(int32_t column, Split& split, double& score) const {
    const bool some_missing = missing_.rows > 0;
    // With missing values right, they may be all that goes there.
    consider(some_missing ? values_ : values_ - 1, {}, false, column, split, score);
    if (some_missing) consider(values_ - 1, side_of(missing_), true, column, split, score);
  }

 private:
  void consider(int count, const Side& extra, bool missing_left, int32_t column, Split& split, double& score) const {
    const Candidate candidate = best({count, extra, total_, score});
    if (candidate.place < 0 || !(candidate.score > score)) return;
    score = candidate.score;
    split.column = column;
    split.code = candidate.place + 1;
    split.category = false;
    const Side left = left_of(candidate.place, extra);
    split.left_sums = {std::llround(left.g), std::llround(left.h), std::llround(left.rows)};
    split.missing_left = missing_.rows > 0 ? missing_left : 2 * left.rows >= total_.rows;
  }

  Side left_of(int place, const Side& extra) const {
    const Side prefix = prefix_.at(place);
    return {prefix.g + extra.g, prefix.h + extra.h, prefix.rows + extra.rows};
  }

  Candidate best(const ScanTask& task) const {
    if (numbers_.plain && end_ == 0) return scan(prefix_, task, numbers_);
    Candidate candidate;
    for (int k = begin_; k < (end_ > 0 ? std::min(end_, task.count) : task.count); ++k) {
      const Side left = left_of(k, task.extra);
      const double score = split_score(left, {total_.g - left.g, total_.h - left.h, total_.rows - left.rows}, numbers_);
      if (score > candidate.score) candidate = {score, k};
    }
    return candidate;
  }

  Side total_;
  Sums missing_;
  int values_;
  SplitNumbers numbers_;
  Prefix<Number> prefix_;
  int begin_ = 0, end_ = 0;  // end 0: all
};

/// Columns [begin, end) of the node's list.
struct Found {
  Split split;
  double score = -1;
};

Found search(const BinnedRows& rows, const SplitNode& node, const SplitRules& rules, SplitNumbers numbers, int64_t begin, int64_t end,
             RoundScale scale) {
  Found found;
  OwnCells own_cells;
  for (int64_t k = begin; k < end; ++k) {
    const int32_t column = node.columns[k];
    if (rows.places[column].codes < 2) continue;
    const ColumnCells cells = own_cells.of(rows, node.histogram, column);
    numbers.monotone = rules.monotone.size > 0 ? rules.monotone[column] : 0;
    if (node.categories[column] > 0) {
      improve_by_categories(cells, node.total, rules, numbers, scale, column, found.split, found.score);
      continue;
    }
    const auto improve = [&](auto numbers_of_column) {
      if (rules.random_thresholds) numbers_of_column.only(rules.seed, node.stream, static_cast<uint64_t>(column));
      numbers_of_column.improve(column, found.split, found.score);
    };
    if (node.histogram.is_wide()) {
      improve(NumberColumn<double>(node, cells, numbers));
    } else {
      improve(NumberColumn<int32_t>(node, cells, numbers));
    }
  }
  return found;
}

}  // namespace

Split find_split(Exec& exec, const BinnedRows& rows, const SplitNode& node, const SplitRules& rules, RoundScale scale) {
  const NvtxRange range("find_split");
  const SplitNumbers numbers = numbers_of(rules, scale, node.lower, node.upper);
  const int64_t pieces = std::min<int64_t>(node.columns.size, 2 * exec.threads().threads());
  std::vector<Found> found(static_cast<size_t>(pieces));
  exec.threads().run(pieces, [&](int64_t piece) {
    found[static_cast<size_t>(piece)] = search(rows, node, rules, numbers, node.columns.size * piece / pieces,
                                               node.columns.size * (piece + 1) / pieces, scale);
  });
  Found best;
  for (Found& one : found) {
    if (one.score > best.score) best = std::move(one);
  }
  if (best.split.column >= 0) best.split.place = rows.places[best.split.column];
  return finished_split(best.split, best.score, node.total, numbers, rules, scale);
}

double leaf_value(const Sums& sums, const SplitRules& rules, RoundScale scale, double lower, double upper) {
  const SplitNumbers numbers = numbers_of(rules, scale, lower, upper);
  const Side side = side_of(sums);
  if (!(side.h + numbers.lambda > 0)) return 0;
  return value_of_sums(side.g, side.h, numbers) * scale.g / scale.h;
}

}  // namespace crisp
