/// The values of a column as categories, by which fitted steps know them again.
#pragma once

#include <span>
#include <string>
#include <unordered_map>
#include <vector>

#include "core/json.h"
#include "prepare/step.h"

namespace crisp {

/// More are refused: a saved recipe has to stay small enough to be read back whole.
constexpr int64_t kMaxCategories = 100'000;
constexpr int64_t kMaxCategoryBytes = 4 << 20;

/// The different values of a column, and which of them stands in each row.
struct DistinctValues {
  static constexpr int32_t kMissing = -1;
  std::vector<int32_t> row;       ///< index into keys, or kMissing
  std::vector<std::string> keys;  ///< each value as a text
  std::vector<double> numbers;    ///< each as a number; empty for a text column
  std::vector<int64_t> counts;    ///< rows of each
};

/// `trained` is the type that the column had among the training rows. A file may give it another one (no decimals this
/// time, all digits, nothing at all), so values are written as that type would be: 3, 3.0 and "3" are one number.
DistinctValues distinct_values(const Table& table, const std::string& name, ColumnType trained);

/// Which values become categories: those of at least `min_count` rows, of these the `max_categories` most frequent
/// (the first in order where counts are equal). The rest is treated as values that were never there.
struct CategoryRule {
  int64_t min_count = 1;
  int64_t max_categories = kMaxCategories;
};

/// What stands for a value that is no category.
enum class Unseen { other, error, missing };
Unseen parse_unseen(const std::string& name);

/// The categories of one column, in order: texts by their bytes (which is the order of code points), others by value.
class Categories {
 public:
  static constexpr int32_t kUnseen = -1, kMissing = -2;

  /// Code::data where there are more, or longer ones, than may be kept.
  static Categories learn(const Table& train, const std::string& name, const CategoryRule& rule);

  const std::string& column() const { return column_; }
  int64_t size() const { return static_cast<int64_t>(keys_.size()); }
  const std::string& key(int64_t category) const { return keys_[static_cast<size_t>(category)]; }
  /// Training rows of each category, and of no category; the latter with the missing ones.
  const std::vector<int64_t>& counts() const { return counts_; }
  int64_t missing_rows() const { return missing_rows_; }
  /// Whether training rows had values that were too rare to become categories.
  bool has_rest() const { return has_rest_; }

  /// The category of each row, kUnseen or kMissing. What is unseen is told in `run`, or refused (Code::data).
  std::vector<int32_t> find(StepRun& run, const Table& table, Unseen unseen) const;

  Json save() const;
  /// Code::data for anything that save() does not give.
  static Categories load(const Json& state);

 private:
  void index_keys();

  std::string column_;
  ColumnType type_ = ColumnType::text;
  std::vector<std::string> keys_;
  std::vector<int64_t> counts_;
  int64_t missing_rows_ = 0;
  bool has_rest_ = false;
  std::unordered_map<std::string, int32_t> index_;
};

/// A value as it stands in a name or a message: without control characters, cut after 60 bytes.
std::string spelled(const std::string& value);

/// Whole numbers as a column; missing where negative.
Table with_codes(const Table& table, const std::string& name, const std::vector<int64_t>& codes);
/// The label of each code; missing where negative.
Table with_labels(const Table& table, const std::string& name, const std::vector<int64_t>& codes,
                  const std::vector<std::string>& labels);

}  // namespace crisp
