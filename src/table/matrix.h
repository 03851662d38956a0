/// Matrix: dense, row-major float32, rows padded to 64 bytes, nameless: what forests, neighbours and nets read.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "cuda/view.h"
#include "table/table.h"

namespace crisp {

class Matrix {
 public:
  Matrix() = default;
  /// `rows` x `columns` zeros on the host; padding is zero and stays so.
  Matrix(int64_t rows, int64_t columns);

  int64_t rows() const { return view_.rows; }
  int64_t columns() const { return view_.columns; }
  MatrixView<float> view() { return view_; }
  MatrixView<const float> view() const { return view_; }

  /// The rows in the given order, as a new matrix.
  Matrix take(const std::vector<int64_t>& rows) const;

 private:
  std::shared_ptr<float[]> storage_;
  MatrixView<float> view_;
};

/// Numeric columns of a table, in the given order; missing values become NaN. Code::data where a column is absent or text.
Matrix to_matrix(const Table& table, const std::vector<std::string>& columns);

}  // namespace crisp
