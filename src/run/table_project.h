/// The project behind `crisp train` and `crisp detect`: a table, a detector, and no project file.
#pragma once

#include <string>
#include <vector>

#include "run/project.h"

namespace crisp {

struct TableProject {
  ReadRequest data;
  std::string model = "random_cut_forest";
  Json params = Json::object();       ///< model parameters that were given
  std::vector<std::string> features;  ///< empty: all columns of numbers but the label
  std::string per;
  LabelPlan label;
  ThresholdRule threshold;
  uint64_t seed = 0;

  /// Missing values become medians and every column is scaled as the model needs it: a wide or heavy-tailed column must not
  /// rule. All rows train, and the same rows are scored. `table` decides which columns are there.
  Project project(const Table& table, const Registry& registry) const;
};

}  // namespace crisp
