/// Small trees as rules, with the texts of the input's columns in them.
#pragma once

#include <string>
#include <vector>

#include "explain/input_columns.h"

namespace crisp {

/// Of each tree a sentence a leaf; nothing where the model has no trees, or so many leaves that nobody reads them. What a code stands for is taken
/// from the rows: a code that they do not hold stays a code.
std::vector<std::vector<std::string>> small_trees(const PredictionPipeline& pipeline, const Table& rows, const Matrix& features,
                                                  const std::vector<InputColumn>& inputs);

}  // namespace crisp
