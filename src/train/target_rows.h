/// Rows to learn from, each with the value of its target.
#pragma once

#include <string>
#include <vector>

#include "table/table.h"
#include "train/split.h"
#include "train/target.h"

namespace crisp {

/// Rows that have gone through the recipe's stateless steps.
struct TargetRows {
  Table rows;
  /// One a row, none missing: the number, or the class's index. Of a forecast NaN where a value is not to be answered: it is
  /// missing, or a row of the past that windows reach back to.
  std::vector<double> target;
  std::vector<float> weights;  ///< one a row, >= 0; empty: all 1

  int64_t size() const { return rows.rows(); }
  TargetRows take(const RowList& kept) const;
};

/// One after the other; a column of whole numbers in one and of fractions in the other becomes one of fractions.
TargetRows joined(const TargetRows& first, const TargetRows& second);

/// The rows whose class `to` has, by its indices; of numbers all. `from`: what the rows' targets are indices of.
TargetRows recoded(const TargetRows& rows, const Target& from, const Target& to);

/// The values of a column as weights. Code::data where one is missing, below 0 or not finite (saying how many), or none above 0.
std::vector<float> row_weights(const Table& rows, const std::string& column);

}  // namespace crisp
