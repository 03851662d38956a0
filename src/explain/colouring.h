/// What the dots of a chart are coloured by.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "explain/explanation.h"

namespace crisp {

/// The values of a column of the rows, where they are numbers.
std::optional<std::vector<double>> column_numbers(const Explanation& explanation, const InputColumn& column);

/// A column as colours: 0–1 from its 5th to its 95th percentile; NaN where it is missing.
struct Colouring {
  std::string name = {}, low = {}, high = {};  ///< no name: there is none
  std::vector<double> shades = {};
};
Colouring colouring_of(const std::string& name, const std::vector<double>& values);

/// By the column that explains most of what `column`'s Shapley values still vary by among rows with about the same value of it (a straight line in
/// each of `groups`: one a row). None where that is little.
Colouring strongest_partner(const Explanation& explanation, size_t column, const std::vector<size_t>& groups);

/// Rows parted into up to 20 groups of about the same number of rows by rising value; those without one are a group of their own.
std::vector<size_t> value_groups(const std::vector<double>& values);

}  // namespace crisp
