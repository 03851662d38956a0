/// Heat tables: a confusion table, or any small grid of numbers shaded by size.
#pragma once

#include <string>
#include <vector>

namespace crisp::report {

struct HeatChart {
  std::string title = {};
  std::string row_title = {}, column_title = {};  ///< "actual", "predicted"
  std::vector<std::string> row_labels = {}, column_labels = {};
  std::vector<std::vector<double>> values = {};  ///< [row][column]
  bool share_of_row = true;  ///< shade and write each value's share of its row too (a confusion table)
  std::string note = {};
};

std::string draw(const HeatChart& chart, double detail = 1);

}  // namespace crisp::report
