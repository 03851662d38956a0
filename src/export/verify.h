/// Whether a module answers as the pipeline does.
#pragma once

#include "export/script_module.h"

namespace crisp {

/// The largest difference that is taken for rounding: relative to the value, or to the mean size of such
/// values where that is larger (probabilities: to 1 divided by the number of classes).
constexpr double kMostDifference = 1e-6;

struct Comparison {
  int64_t rows = 0;        ///< answered by both, and compared
  int64_t unanswered = 0;  ///< dropped or refused, by both
  double largest = 0;      ///< difference, relative as above

  void add(const Comparison& more);
};

/// `table`: rows that have gone through the steps before module.first. Code::bug saying where, if the two
/// differ by more than kMostDifference or do not answer the same rows.
Comparison compare(Exec& exec, const Exported& source, const ScriptModule& module, const ScriptRunner& runner,
                   const Table& table);

}  // namespace crisp
