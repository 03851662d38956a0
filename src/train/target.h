/// The column to be predicted: which task it makes, and how its values become what models learn.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "core/json.h"
#include "table/table.h"
#include "train/task.h"

namespace crisp {

constexpr size_t kMostClasses = 1000;

/// What is asked for.
struct TargetPlan {
  std::string column;
  std::optional<Task> task;  ///< absent: found from the values
  std::string positive;      ///< of two classes the one that is looked for; "": the last in order
};

/// Texts and booleans make classes, and so do numbers of exactly two different values; other numbers are predicted as numbers.
/// Classes stand in order: texts by their bytes, numbers by size, false before true. Of two classes the second is the positive
/// one (">50K" after "<=50K", "yes" after "no", 1 after 0); where the plan names the first, the two change places.
class Target {
 public:
  Target() = default;
  /// Of which no more than its column is known.
  static Target named(std::string column);
  /// From the rows that will be learned from and judged. Code::data where the column is absent, blank or always the same, or
  /// does not fit the task; Code::config for a positive class that is not there.
  static Target learn(const Table& rows, const TargetPlan& plan);

  const std::string& column() const { return column_; }
  Task task() const { return task_; }
  bool is_classes() const { return task_ == Task::classification; }
  const std::vector<std::string>& classes() const { return classes_; }  ///< none for numbers

  /// One a row: the number, or the index of the class; NaN where it is missing or of a class that is not known.
  std::vector<double> values(const Table& rows) const;
  /// Rows whose class is not known.
  int64_t unknown_classes(const Table& rows) const;
  /// The same target for fewer classes, those of `values`: what a model can learn from a part of the rows.
  Target with_classes_of(const std::vector<double>& values) const;

  Json to_json() const;
  /// Inverse of to_json; Code::data for anything else.
  static Target from_json(const Json& json);

 private:
  std::string column_;
  Task task_ = Task::regression;
  std::vector<std::string> classes_;
};

}  // namespace crisp
