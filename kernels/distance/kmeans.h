/// k-means: rows cut into clusters so that the squared distances from their means are small.
#pragma once

#include <cstdint>
#include <vector>

#include "cuda/exec.h"
#include "cuda/view.h"

namespace crisp {

struct KMeansParams {
  int64_t clusters = 8;
  int64_t max_iterations = 300;
  /// Stops when the squared shift of all centroids together is at most this times the columns' mean variance.
  double tolerance = 1e-4;
};

struct KMeans {
  int64_t columns = 0;
  std::vector<float> centroids;  ///< clusters x columns
  std::vector<int32_t> labels;   ///< of the rows fitted on: the nearest centroid
  double inertia = 0.0;          ///< sum of squared distances of the rows from their centroids
  int64_t iterations = 0;
  bool converged = false;  ///< before max_iterations
};

/// Lloyd's algorithm from k-means++ centroids. At least `clusters` rows, all values finite and below 2^50 in magnitude
/// (Code::data otherwise).
///
/// Every row goes to the centroid that nearest_centroid() names; means are taken of exact sums: values as multiples of a
/// power of two per column (2^-30 of the column's largest or finer; 2^-43 for 200 k rows), added as 64-bit integers, which
/// no order changes. So every engine, instruction set and thread count gives equal bits, and only rows that change their
/// cluster are added anew. An empty cluster is given the row that is furthest from its centroid, the lower index first,
/// unless that row lies on its centroid or is alone in its cluster; without such a row it stays where it was. Stops as
/// scikit-learn does: when no row changes its cluster, or by the tolerance (then labels are of the last centroids).
///
/// 2 rows x clusters x columns flops an iteration in float, at most as many again in double for rows between centroids.
KMeans fit_kmeans(Exec& exec, MatrixView<const float> rows, const KMeansParams& params, uint64_t seed);
/// The same from given centroids: params.clusters x rows.columns.
KMeans fit_kmeans(Exec& exec, MatrixView<const float> rows, const KMeansParams& params, MatrixView<const float> start);

/// Rows to begin with, by greedy k-means++ (Arthur and Vassilvitskii, "k-means++", SODA 2007, with 2 + ln(clusters) trials a
/// centroid, the best of which is kept, as in scikit-learn): each trial is drawn in proportion to the squared distance from
/// the nearest row chosen so far (float, of rows less their column means; sums in double in lanes of 32). Draws are
/// random_uniform(seed, centroid, trial). Equal for every engine.
std::vector<int64_t> kmeans_plus_plus(Exec& exec, MatrixView<const float> rows, int64_t clusters, uint64_t seed);

}  // namespace crisp
