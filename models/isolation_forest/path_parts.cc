#include "models/isolation_forest/path_parts.h"

#include <algorithm>
#include <numeric>

#include "cuda/error.h"
#include "kernels/forest/traverse_row.h"

namespace crisp {
namespace {

constexpr int64_t kGrain = 256;  // rows of one task

}  // namespace

PathParts::PathParts(const TreesView& trees) : trees_(trees), path_(trees.value.begin(), trees.value.end()) {
  for (int64_t t = 0; t < trees.trees(); ++t) {
    const int64_t begin = trees.first[t];
    for (int64_t node = trees.first[t + 1] - 1; node >= begin; --node) {
      if (trees.feature[node] < 0) continue;
      const int64_t left = begin + trees.left[node], right = begin + trees.right[node];
      const auto weight = [&](int64_t child) { return static_cast<double>(trees.cover[child]); };
      const double all = weight(left) + weight(right);
      const double sum = weight(left) * path_[static_cast<size_t>(left)] + weight(right) * path_[static_cast<size_t>(right)];
      path_[static_cast<size_t>(node)] = all > 0 ? sum / all : 0.5 * (path_[static_cast<size_t>(left)] + path_[static_cast<size_t>(right)]);
    }
  }
}

void PathParts::add_tree(int64_t tree, const float* row, double* out) const {
  const forest::SetTable sets{trees_.set_first.data, trees_.set_bits.data};
  const int64_t begin = trees_.first[tree];
  for (int64_t node = begin; trees_.feature[node] >= 0;) {
    const uint32_t split = (trees_.missing_left[node] ? forest::kMissingLeft : 0u) | (trees_.set[node] >= 0 ? forest::kHasSet : 0u);
    const bool right = forest::goes_right<true, true>({trees_.threshold[node], split, 0, trees_.set[node]}, row[trees_.feature[node]], sets) != 0;
    const int64_t child = begin + (right ? trees_.right[node] : trees_.left[node]);
    const double shorter = path_[static_cast<size_t>(node)] - path_[static_cast<size_t>(child)];
    if (shorter > 0) out[2 * trees_.feature[node] + (right ? 0 : 1)] += shorter;
    node = child;
  }
}

void PathParts::share(Exec& exec, MatrixView<const float> rows, const double* scores, MatrixView<double> out) const {
  CRISP_ASSERT(out.rows == rows.rows && out.columns == 2 * trees_.columns && rows.columns == trees_.columns);
  exec.threads().for_ranges(rows.rows, kGrain, [&](int64_t begin, int64_t end) {
    for (int64_t i = begin; i < end; ++i) {
      double* parts = out.row(i);
      std::fill_n(parts, out.columns, 0.0);
      for (int64_t t = 0; t < trees_.trees(); ++t) add_tree(t, rows.row(i), parts);
      const double all = std::accumulate(parts, parts + out.columns, 0.0);
      if (!(all > 0)) std::fill_n(parts, out.columns, 1.0);
      const double unit = scores[i] / (all > 0 ? all : static_cast<double>(out.columns));
      for (int64_t k = 0; k < out.columns; ++k) parts[k] *= unit;
    }
  });
}

}  // namespace crisp
