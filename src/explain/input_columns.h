/// Which of the model's columns come from which column of the input.
#pragma once

#include <string>
#include <vector>

#include "explain/explained_rows.h"

namespace crisp {

/// A column of the input with the model's columns that come from it alone (a text's columns of 0 and 1, say); or one of the model's that comes
/// from several, or from what cannot be told.
struct InputColumn {
  std::string name = {};
  std::vector<int64_t> features = {};  ///< places among the model's columns
  bool given = true;              ///< whether it stands in the rows
};

/// Each of the model's columns once; of the input's those that the model's depend on. Found by trying: some of
/// the rows are prepared again with one column in another order, then blank. What changes with none is known by its name.
std::vector<InputColumn> input_columns(Exec& exec, const ExplainedRows& rows, uint64_t seed);

}  // namespace crisp
