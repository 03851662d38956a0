/// Exact percentiles of columns, and histograms.
#pragma once

#include <span>
#include <vector>

#include "cuda/exec.h"
#include "cuda/view.h"
#include "kernels/statistics/percentiles_row.h"

namespace crisp {

/// out[column][k] = the percents[k]-th percentile (0 to 100) of the column: exact, linear between neighbours
/// (Hyndman and Fan type 7, numpy's default). NaN is missing; a column without values gives NaN. Any order of
/// percents.
///
/// Three passes over a matrix of floats (12 bytes a value), six over one of doubles (48 bytes): each counts one digit of
/// the order-preserving key of the values that can still be an answer. Nothing is sorted or copied; memory is columns x
/// percents x 16 KiB a task at most. Counts are integers, so results are equal bit for bit for every engine and thread
/// count.
std::vector<std::vector<double>> column_percentiles(Exec& exec, MatrixView<const float> rows,
                                                    std::span<const double> percents);
std::vector<std::vector<double>> column_percentiles(Exec& exec, MatrixView<const double> rows,
                                                    std::span<const double> percents);

/// The same search over a matrix that comes in blocks of rows and need not fit into memory:
///
///   while (!search.done()) { add() every block, any order; end_pass(); }
template <class T>
class PercentileSearch {
 public:
  /// Once at most `collect` values of all columns can still be an answer they are collected and sorted in one more pass
  /// instead of being searched digit by digit: a third of the passes for most doubles. Blocks then lie on the host.
  PercentileSearch(int64_t columns, std::span<const double> percents, int64_t collect = 0);

  bool done() const { return done_; }
  void add(Exec& exec, MatrixView<const T> rows);
  void end_pass();
  /// What column_percentiles() gives, once done.
  std::vector<std::vector<double>> answers() const;

 private:
  using Key = typename KeyOf<T>::Type;
  /// One value that is looked for: the `rank`-th smallest (from 0) of those whose key begins with `prefix`.
  struct Target {
    int64_t rank = 0;
    Key prefix = 0;    ///< in the end the key itself
    int32_t slot = 0;  ///< of the histogram that counts the next digit
  };
  /// The search in one column.
  struct Column {
    int64_t present = 0;
    std::vector<Target> targets;
    int32_t slots = 1;
    /// next[d][slot * 2048 + digit]: the slot of the histogram of the next digit, or -1 where nothing is looked for.
    std::vector<int32_t> next[KeyOf<T>::kDigits - 1];
    int64_t first = 0;                        ///< place of slot 0 in the histograms of this pass
    std::vector<std::vector<Key>> collected;  ///< by slot
  };

  static int32_t slot_of(const Column& column, Key key, int digits);
  void begin_pass();
  void count_rows(MatrixView<const T> rows, uint32_t* counts) const;
  void collect_rows(MatrixView<const T> rows);
  int64_t descend(Column& column);
  void take_collected();
  void set_targets(Column& column);

  std::vector<double> percents_;
  std::vector<Column> columns_;
  std::vector<int64_t> counts_;  // the histograms of this pass
  int64_t collect_;
  int digit_ = 0;
  bool collecting_ = false, done_ = false;
};

/// Values in each of `bins` equal bins from `low` to `high`; the last takes `high` too. What lies outside and
/// NaN are not counted. low < high; bins from 1 to 65,536.
std::vector<int64_t> histogram(Exec& exec, ArrayView<const double> values, double low, double high,
                               int64_t bins);

}  // namespace crisp
