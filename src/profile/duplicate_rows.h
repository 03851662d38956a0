/// How many rows repeat an earlier one.
#pragma once

#include <cstdint>

#include "cuda/exec.h"
#include "profile/value_counts.h"
#include "table/table.h"

namespace crisp {

/// Rows that equal an earlier one in every column, missing values being equal to each other: exact while at most
/// kExactRows rows differ (32 bytes each), from then on an estimate from a sample of so many.
constexpr size_t kExactRows = size_t{1} << 20;

class DuplicateRows {
 public:
  void add(Exec& exec, const Table& batch);
  int64_t count() const { return rows_.repeats(); }
  bool exact() const { return rows_.exact(); }

 private:
  KeySample rows_{kExactRows};
};

}  // namespace crisp
