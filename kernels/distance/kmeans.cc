// Lloyd's loop; the passes over all rows are the engines'.
#include "kernels/distance/kmeans.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <numeric>

#include "cuda/error.h"
#include "cuda/nvtx.h"
#include "kernels/distance/distance_bound.h"
#include "kernels/distance/kmeans_engine.h"
#include "kernels/statistics/column_statistics.h"

namespace crisp {
namespace kmeans {

Problem examine(Exec& exec, MatrixView<const float> rows, int64_t clusters) {
  CRISP_REQUIRE(clusters >= 1 && clusters <= std::numeric_limits<int32_t>::max(), Code::config, "cannot make ", clusters,
                " clusters: at least one");
  CRISP_REQUIRE(rows.rows >= clusters, Code::data, "cannot make ", clusters, " clusters of ", rows.rows,
                " rows: ask for fewer");
  CRISP_REQUIRE(rows.columns >= 1 && rows.columns <= distance::kMostColumns &&
                    rows.rows < std::numeric_limits<int32_t>::max(),
                Code::data, "cannot cluster ", rows.rows, " rows of ", rows.columns, " columns");
  Problem out;
  out.rows = rows;
  const std::vector<ColumnStatistics> columns = column_statistics(exec, rows);
  for (size_t j = 0; j < columns.size(); ++j) {
    const ColumnStatistics& column = columns[j];
    CRISP_REQUIRE(column.missing == 0, Code::data, "column ", j + 1, " has ", column.missing,
                  " missing values: clusters need all of them");
    const double largest = std::max(std::fabs(column.low), std::fabs(column.high));
    CRISP_REQUIRE(largest <= kLargestValue, Code::data, "column ", j + 1,
                  " has a value that is infinite or beyond 2^50: scale it before clustering");
    out.shift.push_back(static_cast<float>(column.mean));
    out.factor.push_back(fixed_factor(largest, rows.rows));
    const double n = static_cast<double>(rows.rows);
    if (column.count > 1) out.mean_variance += column.variance * ((n - 1.0) / n) / static_cast<double>(rows.columns);
  }
  return out;
}

std::unique_ptr<Engine> engine_for(Exec& exec, const Problem& problem) {
  return exec.is_cuda() ? gpu_engine(exec, problem) : cpu_engine(exec, problem);
}

namespace {

double sum_of_chunk(const double* values, int64_t count) {
  double lane[kChunkLanes] = {};
  for (int64_t i = 0; i < count; ++i) lane[i % kChunkLanes] += values[i];
  for (int half = kChunkLanes / 2; half > 0; half /= 2) {
    for (int l = 0; l < half; ++l) lane[l] += lane[l + half];
  }
  return lane[0];
}

double sum_in_chunks(const std::vector<double>& values) {
  double total = 0;
  const int64_t size = static_cast<int64_t>(values.size());
  for (int64_t i = 0; i < size; i += kChunkRows) total += sum_of_chunk(values.data() + i, std::min(kChunkRows, size - i));
  return total;
}

class Lloyd {
 public:
  Lloyd(Engine& engine, const Problem& problem, const KMeansParams& params, std::vector<float> start)
      : engine_(engine), problem_(problem), params_(params), columns_(problem.rows.columns), centroids_(std::move(start)) {
    sums_.sums.resize(centroids_.size());
    sums_.counts.resize(static_cast<size_t>(params.clusters));
  }

  KMeans run() {
    KMeans out;
    bool settled = false;
    while (!out.converged && out.iterations < params_.max_iterations) {
      ++out.iterations;
      const int64_t changed = engine_.assign(centroids_, sums_) + fill_empty();
      const double shift = move_centroids();
      settled = changed == 0;
      out.converged = settled || shift <= params_.tolerance * problem_.mean_variance;
    }
    if (!settled) engine_.assign(centroids_, sums_);
    out.inertia = sum_in_chunks(engine_.measures(centroids_));
    out.labels = engine_.labels();
    out.columns = columns_;
    out.centroids = std::move(centroids_);
    return out;
  }

 private:
  /// Gives rows to empty clusters; returns how many.
  int64_t fill_empty() {
    std::vector<int32_t> empty;
    for (size_t c = 0; c < sums_.counts.size(); ++c) {
      if (sums_.counts[c] == 0) empty.push_back(static_cast<int32_t>(c));
    }
    if (empty.empty()) return 0;
    const std::vector<double> measures = engine_.measures(centroids_);
    const std::vector<int32_t> labels = engine_.labels();
    size_t filled = 0;
    for (const int64_t row : furthest_first(measures)) {
      if (filled == empty.size() || !(measures[static_cast<size_t>(row)] > 0)) break;
      const auto from = static_cast<size_t>(labels[static_cast<size_t>(row)]);
      if (sums_.counts[from] > 1) move_row(row, from, static_cast<size_t>(empty[filled++]));
    }
    return static_cast<int64_t>(filled);
  }

  static std::vector<int64_t> furthest_first(const std::vector<double>& measures) {
    std::vector<int64_t> order(measures.size());
    std::iota(order.begin(), order.end(), 0);
    std::stable_sort(order.begin(), order.end(), [&](int64_t a, int64_t b) {
      return measures[static_cast<size_t>(a)] > measures[static_cast<size_t>(b)];
    });
    return order;
  }

  void move_row(int64_t row, size_t from, size_t to) {
    const std::vector<float> values = engine_.row(row);
    for (size_t j = 0; j < values.size(); ++j) {
      const int64_t value = fixed_value(values[j], problem_.factor[j]);
      sums_.sums[from * values.size() + j] -= value;
      sums_.sums[to * values.size() + j] += value;
    }
    --sums_.counts[from];
    ++sums_.counts[to];
    engine_.relabel(row, static_cast<int32_t>(to));
  }

  /// To the means of their rows; returns the squared shift of all together.
  double move_centroids() {
    double shift = 0;
    for (size_t c = 0; c < sums_.counts.size(); ++c) {
      if (sums_.counts[c] == 0) continue;
      for (int64_t j = 0; j < columns_; ++j) {
        const size_t at = c * static_cast<size_t>(columns_) + static_cast<size_t>(j);
        const float mean = fixed_mean(sums_.sums[at], sums_.counts[c], problem_.factor[static_cast<size_t>(j)]);
        const double step = static_cast<double>(mean) - static_cast<double>(centroids_[at]);
        shift += step * step;
        centroids_[at] = mean;
      }
    }
    return shift;
  }

  Engine& engine_;
  const Problem& problem_;
  const KMeansParams& params_;
  int64_t columns_;
  std::vector<float> centroids_;
  ClusterSums sums_;
};

void check(const KMeansParams& params) {
  CRISP_REQUIRE(params.max_iterations >= 1, Code::config, "k-means needs at least one iteration, not ",
                params.max_iterations);
  CRISP_REQUIRE(params.tolerance >= 0, Code::config, "the tolerance of k-means must be 0 or more");
}

}  // namespace
}  // namespace kmeans

KMeans fit_kmeans(Exec& exec, MatrixView<const float> rows, const KMeansParams& params, uint64_t seed) {
  const NvtxRange range("fit_kmeans");
  kmeans::check(params);
  const kmeans::Problem problem = kmeans::examine(exec, rows, params.clusters);
  const auto engine = kmeans::engine_for(exec, problem);
  std::vector<float> start;
  for (const int64_t row : kmeans::choose_start(*engine, problem, params.clusters, seed)) {
    const std::vector<float> values = engine->row(row);
    start.insert(start.end(), values.begin(), values.end());
  }
  return kmeans::Lloyd(*engine, problem, params, std::move(start)).run();
}

KMeans fit_kmeans(Exec& exec, MatrixView<const float> rows, const KMeansParams& params, MatrixView<const float> start) {
  const NvtxRange range("fit_kmeans");
  kmeans::check(params);
  CRISP_REQUIRE(start.rows == params.clusters && start.columns == rows.columns, Code::data, "the first centroids are ",
                start.rows, " x ", start.columns, ", not ", params.clusters, " x ", rows.columns);
  const kmeans::Problem problem = kmeans::examine(exec, rows, params.clusters);
  const auto engine = kmeans::engine_for(exec, problem);
  std::vector<float> centroids;
  for (int64_t c = 0; c < start.rows; ++c) {
    for (int64_t j = 0; j < start.columns; ++j) {
      CRISP_REQUIRE(std::fabs(start.at(c, j)) <= kmeans::kLargestValue, Code::data, "centroid ", c + 1, ", column ", j + 1,
                    ": ", start.at(c, j), " is not a number or beyond 2^50");
      centroids.push_back(start.at(c, j));
    }
  }
  return kmeans::Lloyd(*engine, problem, params, std::move(centroids)).run();
}

}  // namespace crisp
