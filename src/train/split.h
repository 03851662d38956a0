/// Which rows are learned from, which say when to stop, and which judge. A row is on one side only, and what belongs together
/// (an entity, a time after the others) is kept from standing on both.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "table/table.h"
#include "train/target.h"

namespace crisp {

using RowList = std::vector<int64_t>;

struct SplitPlan {
  std::string group;       ///< an entity's name: all its rows on one side
  std::string time;        ///< later rows judge, earlier ones are learned from
  std::string column;      ///< says itself where each row belongs, see column_parts()
  std::string test_value;  ///< the value of `column` that marks the rows of the test; "": "test", true or 1
  double test_share = 0;   ///< 0: by the number of rows, see usual_test_rows()
  double validation_share = 0;  ///< of the rows that are not tested; 0: by their number
  bool validation = false;      ///< whether the model stops early, and so needs rows that it does not learn from
  bool allow_leak = false;      ///< entities, and times, may stand on both sides
  uint64_t seed = 0;
};

/// Row numbers, each list rising.
struct Split {
  RowList train, validation, test;
  std::vector<std::string> notes;  ///< how it was cut, in words
};

/// A fifth of the rows, at most 50,000; at least one.
int64_t usual_test_rows(int64_t rows);
/// A tenth of the rows, at most 20,000; at least one.
int64_t usual_validation_rows(int64_t rows);

/// By column, else by time, else by group, else at random: stratified, where the target is of classes. `values` are the
/// target's, one a row, none missing. Draws depend on the seed and the row's number (a group's name) alone.
/// Code::data where a side would be empty, or where a group or a time stands on both sides.
Split split_rows(const Table& rows, const Target& target, std::span<const double> values, const SplitPlan& plan);

/// How many rows of each class are drawn where `wanted` of them are, of all that there are: each class keeps its share, by largest
/// remainder, and its last row is never drawn.
std::vector<int64_t> wanted_by_class(const std::vector<int64_t>& rows_of_class, int64_t wanted);
/// `share` of the rows, `usual` where it is 0.
int64_t wanted_rows(double share, int64_t rows, int64_t usual);
/// Streams of the draws: rows with the smallest random_bits(seed, stream, row) of their class are taken, first for the test, then of
/// the rest for the validation.
inline constexpr uint64_t kTestStream = 0x73706c697401, kValidationStream = 0x73706c697402;
/// "at random, each class by its share (seed 0)".
std::string random_manner(const Target& target, uint64_t seed);

/// Takes the validation rows out of `split.train` in the way that the plan splits.
void split_off_validation(const Table& rows, const Target& target, std::span<const double> values, const SplitPlan& plan,
                          Split& split);

/// `folds` >= 2 splits without validation rows whose test rows are all rows, each once: by group or by class where the plan
/// or the target says so. By time, fold k is learned from what is earlier: then the earliest rows are not tested.
std::vector<Split> split_folds(const Table& rows, const Target& target, std::span<const double> values, const SplitPlan& plan,
                               int folds);

/// Code::data, with what to do, where an entity of `plan.group` stands in both tables, or a row of `test` is not later than
/// all of `train` by `plan.time`.
void refuse_leak(const Table& train, const Table& test, const SplitPlan& plan);

}  // namespace crisp
