/// Shapley values of rows, by the columns of the input.
#pragma once

#include <string>
#include <vector>

#include "explain/input_columns.h"
#include "train/explainable.h"

namespace crisp {

/// A row's values add up to its margin less its expected margin.
struct ShapleyValues {
  std::string unit;                   ///< of the margins: "log-odds"; "": what is answered
  std::string of;                     ///< what is explained: "log-odds of yes", "price"
  std::vector<std::string> classes;   ///< of each row, where each is explained for the class that it is predicted; else none
  std::vector<double> margin, expected;  ///< one a row
  size_t columns = 0;                 ///< of the input
  std::vector<double> values;         ///< rows x columns; a column's is the sum of what the model's columns that come from it have
  std::vector<double> mean_absolute;  ///< one a column
  double residual = 0;                ///< the largest |expected + sum of values - margin|: what rounding left

  /// What is explained of this row: "logit of setosa".
  std::string of_row(size_t row) const;
  size_t rows() const { return margin.size(); }
  double at(size_t row, size_t column) const { return values[row * columns + column]; }
};

/// `predictions`: what the rows are answered. `answer_of`: a class; "": of two classes the second, of more the one that each row is predicted.
/// Code::usage where the model knows no such class.
ShapleyValues shapley_values(Exec& exec, const PredictionPipeline& pipeline, const Matrix& features, const Predictions& predictions,
                             const std::vector<InputColumn>& columns, const std::string& answer_of);

/// Place of the class among the target's; -1 for "" where there are more than two. Code::usage naming the nearest for one that is not there.
int64_t class_to_explain(const Target& target, const std::string& name);

}  // namespace crisp
