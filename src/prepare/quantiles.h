/// Exact quantiles of a column's training rows.
#pragma once

#include <string>
#include <vector>

#include "cuda/exec.h"
#include "table/table.h"

namespace crisp {

/// The quantiles at `shares` (0 to 1) of the values that are there, linear between neighbours. Code::data where there is
/// no value, or an infinite one.
std::vector<double> training_quantiles(Exec& exec, const Table& train, const std::string& name, const std::vector<double>& shares);

}  // namespace crisp
