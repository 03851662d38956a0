/// What k-means asks of an engine: the passes over all rows. The decisions between them are taken once, in kmeans.cc and
/// kmeans_start.cc.
#pragma once

#include <memory>
#include <vector>

#include "cuda/exec.h"
#include "cuda/view.h"
#include "kernels/distance/kmeans_row.h"

namespace crisp::kmeans {

/// The rows, checked, and what was found out on the way.
struct Problem {
  MatrixView<const float> rows;
  std::vector<float> shift;     ///< the columns' means
  std::vector<double> factor;   ///< fixed_factor() of each column
  double mean_variance = 0.0;
  int64_t chunks() const { return (rows.rows + kChunkRows - 1) / kChunkRows; }
};

/// Exact sums of the rows of each cluster.
struct ClusterSums {
  std::vector<int64_t> sums;    ///< clusters x columns, in units of 1 / factor
  std::vector<int64_t> counts;  ///< rows
};

constexpr int kMostTrials = 12;

class Engine {
 public:
  virtual ~Engine() = default;

  /// For each trial the sum over every chunk of min(closest, squared distance from row candidates[trial]): trials x chunks.
  /// `closest` is infinite at first.
  virtual std::vector<double> try_candidates(const std::vector<int64_t>& candidates) = 0;
  /// Makes those minima of the last call's `trial` the closest distances.
  virtual void choose(int trial) = 0;
  /// The closest distances of one chunk's rows.
  virtual std::vector<float> closest(int64_t chunk) = 0;

  /// Labels every row with its nearest centroid and keeps `sums` those of the labels; returns how many rows changed.
  virtual int64_t assign(const std::vector<float>& centroids, ClusterSums& sums) = 0;
  virtual std::vector<float> row(int64_t index) = 0;
  /// Gives a row another label (the sums are the caller's affair).
  virtual void relabel(int64_t row, int32_t label) = 0;
  virtual std::vector<int32_t> labels() = 0;
  /// Squared distance of each row from its label's centroid.
  virtual std::vector<double> measures(const std::vector<float>& centroids) = 0;
};

std::unique_ptr<Engine> cpu_engine(Exec& exec, const Problem& problem);
std::unique_ptr<Engine> gpu_engine(Exec& exec, const Problem& problem);  // kmeans.cu

/// Refuses rows that cannot be clustered.
Problem examine(Exec& exec, MatrixView<const float> rows, int64_t clusters);
std::unique_ptr<Engine> engine_for(Exec& exec, const Problem& problem);
std::vector<int64_t> choose_start(Engine& engine, const Problem& problem, int64_t clusters, uint64_t seed);

}  // namespace crisp::kmeans
