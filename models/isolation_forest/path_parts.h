/// Which columns made a row's paths short.
#pragma once

#include <vector>

#include "cuda/exec.h"
#include "cuda/view.h"
#include "kernels/forest/trees.h"

namespace crisp {

/// Shares the score of each row out among its columns. A step from a node to a child shortens the path by how much less the mean path of the child's
/// training rows is than that of the node's (steps that lengthen it count nothing); that goes to the column of the node, as high where the row
/// went right, as low where it went left. The score is shared out in the proportion of these sums over all trees, evenly where there are none.
class PathParts {
 public:
  /// Of leaves that hold paths. `trees` must outlive it.
  explicit PathParts(const TreesView& trees);

  /// out(i, 2 j), out(i, 2 j + 1): the part of row i's score that is due to column j being high, low. rows and out on the host.
  void share(Exec& exec, MatrixView<const float> rows, const double* scores, MatrixView<double> out) const;

 private:
  void add_tree(int64_t tree, const float* row, double* out) const;

  const TreesView trees_;
  std::vector<double> path_;  // one a node: the mean path of its training rows
};

}  // namespace crisp
