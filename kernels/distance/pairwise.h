/// All distances between the rows of two matrices.
#pragma once

#include "cuda/exec.h"
#include "cuda/view.h"
#include "kernels/distance/metric.h"

namespace crisp {

/// out(i, j) = distance of row i of `a` (m x d) from row j of `b` (n x d); out is m x n.
///
/// Sums of differences, never of products: near-equal rows keep their digits and equal rows are at 0, where
/// |a|^2 + |b|^2 - 2 a.b would cancel. In float, columns in order in blocks of 64 (pair_sum_row.h): relative error of a
/// sum at most (36 + d / 128) 2^-23, equal bits for every engine, instruction set and thread count. For cosine the rows are
/// first brought to length one (in double, rounded to float): absolute error about 2^-24 sqrt(distance).
/// NaN where a difference is NaN; infinite where a sum leaves the range of float (l2: differences beyond 1.8e19).
///
/// 3 d flops and 4 written bytes a pair.
void pairwise_distance(Exec& exec, Metric metric, MatrixView<const float> a, MatrixView<const float> b,
                       MatrixView<float> out);

}  // namespace crisp
