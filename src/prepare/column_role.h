/// What a column is to a model, judged by its values: a number, a category, a time, or nothing to learn from.
#pragma once

#include <string>
#include <vector>

#include "cuda/exec.h"
#include "table/table.h"

namespace crisp {

enum class ColumnRole { dropped, number, flag, category, time };

struct JudgedColumn {
  std::string name;
  ColumnRole role = ColumnRole::dropped;
  std::string reason;        ///< why it is dropped
  bool has_missing = false;
  bool one_value = false;    ///< beside missing cells: only where it is missing can be learned from
  bool long_tails = false;   ///< numbers: few lie very far from the rest
  int64_t values = 0;        ///< categories: how many different ones
  double first_second = 0;   ///< times: the earliest, since 1970
  double days = 0;           ///< times: from the earliest to the latest
  bool hours_differ = false; ///< times: not all at one time of the day
};

/// Limits of the rules below.
constexpr int64_t kFewestIdRows = 10;      ///< fewer rows are not judged to be ids
constexpr int64_t kFewestCounterRows = 30; ///< fewer whole numbers are not judged to be a counter
constexpr double kIdShare = 0.95;          ///< different texts per row from which on they are ids
constexpr double kFreeTextShare = 0.5;     ///< and free text
constexpr int64_t kFreeTextValues = 50;    ///< from which on texts may be free text
constexpr int64_t kLongText = 200;         ///< bytes on average from which on they are
constexpr double kCounterShare = 0.5;      ///< of the range that different whole numbers fill, from which on they count
constexpr double kLongTail = 10.0;         ///< interquartile ranges from the median

/// Nothing but the values of `train` is looked at, and the name where numbers are different in every row.
JudgedColumn judge_column(Exec& exec, const Table& train, const ColumnInfo& column);

}  // namespace crisp
