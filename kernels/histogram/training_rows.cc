#include "models/trees/training_rows.h"

#include <algorithm>
#include <limits>

#include "cuda/error.h"

namespace crisp {

TrainingRows::TrainingRows(Exec& exec, const Bins& bins, MatrixView<const float> rows, bool by_column) {
  if (rows.rows == 0) return;
  const int64_t columns = rows.columns, stride = BinnedRows::stride_of(columns);
  CRISP_REQUIRE(rows.rows <= std::numeric_limits<uint32_t>::max(), Code::data, "trees are grown on up to ",
                std::numeric_limits<uint32_t>::max(), " rows, the data have ", rows.rows);
  records_.reset(new uint8_t[static_cast<size_t>(rows.rows * stride)]);
  for (int64_t j = 0; j < columns; ++j) codes_.push_back(bins.codes(j));
  MatrixView<uint8_t> by_columns;
  if (by_column) {
    columns_.reset(new uint8_t[static_cast<size_t>(rows.rows * columns)]);
    by_columns = {columns_.get(), columns, rows.rows, rows.rows};
  }
  binned_ = {{records_.get(), rows.rows, columns, stride}, by_columns, {codes_.data(), columns},
             BinnedRows::spacing_of(*std::max_element(codes_.begin(), codes_.end()))};
  bin_rows(exec, bins, rows, binned_.records, by_columns);
}

std::vector<int32_t> categories_of(const std::vector<FeatureInfo>& features, int64_t columns) {
  std::vector<int32_t> categories(static_cast<size_t>(columns));
  for (size_t j = 0; j < std::min(features.size(), categories.size()); ++j) categories[j] = static_cast<int32_t>(features[j].categories);
  return categories;
}

}  // namespace crisp
