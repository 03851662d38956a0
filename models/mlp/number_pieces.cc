#include "models/mlp/number_pieces.h"

#include <algorithm>
#include <cmath>

namespace crisp {
namespace {

/// Edges nearer than this share of the column's width would make slopes that drown every other value.
constexpr double kLeastShare = 1e-5;

}  // namespace

std::vector<float> piece_edges(MatrixView<const float> rows, int64_t column, int64_t pieces) {
  std::vector<float> values(static_cast<size_t>(rows.rows));
  for (int64_t i = 0; i < rows.rows; ++i) values[static_cast<size_t>(i)] = rows.at(i, column);
  std::sort(values.begin(), values.end());
  std::vector<float> edges;
  if (values.empty()) return edges;
  const double width = static_cast<double>(values.back()) - values.front();
  for (int64_t k = 0; k <= pieces; ++k) {
    const double place = static_cast<double>(k) / static_cast<double>(pieces) * static_cast<double>(values.size() - 1);
    const float edge = values[static_cast<size_t>(std::llround(place))];
    if (edges.empty() || static_cast<double>(edge) - edges.back() > kLeastShare * width) edges.push_back(edge);
  }
  return edges;
}

}  // namespace crisp
