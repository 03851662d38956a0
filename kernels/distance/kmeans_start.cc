// Greedy k-means++: which rows the centroids begin at.
#include <algorithm>
#include <cmath>
#include <numeric>

#include "cuda/nvtx.h"
#include "cuda/random.h"
#include "kernels/distance/kmeans.h"
#include "kernels/distance/kmeans_engine.h"

namespace crisp {
namespace kmeans {
namespace {

/// The row at which the running sum of closest distances passes `target`.
int64_t row_at(Engine& engine, const Problem& problem, const double* chunk_sums, double target) {
  double before = 0;
  int64_t chunk = 0, last = 0;  // `last`: where rounding leaves nothing else
  for (; chunk < problem.chunks() && !(before + chunk_sums[chunk] > target); ++chunk) {
    if (chunk_sums[chunk] > 0) last = chunk;
    before += chunk_sums[chunk];
  }
  if (chunk == problem.chunks()) chunk = last;
  const std::vector<float> closest = engine.closest(chunk);
  size_t found = 0;
  for (size_t i = 0; i < closest.size(); ++i) {
    if (!(closest[i] > 0)) continue;
    found = i;
    before += static_cast<double>(closest[i]);
    if (before > target) break;
  }
  return chunk * kChunkRows + static_cast<int64_t>(found);
}

std::vector<int64_t> draw(Engine& engine, const Problem& problem, const double* chunk_sums, int trials, uint64_t seed,
                          uint64_t centroid) {
  const double total = std::accumulate(chunk_sums, chunk_sums + problem.chunks(), 0.0);
  std::vector<int64_t> out;
  for (int trial = 0; trial < trials; ++trial) {
    const auto index = static_cast<uint64_t>(trial);
    // Where all rows lie on chosen ones, any will do.
    out.push_back(total > 0 ? row_at(engine, problem, chunk_sums, random_uniform(seed, centroid, index) * total)
                            : static_cast<int64_t>(random_below(seed, centroid, index,
                                                                static_cast<uint64_t>(problem.rows.rows))));
  }
  return out;
}

/// The trial with the least sum, and its sums in front.
int least_trial(std::vector<double>& sums, int64_t chunks) {
  int best = 0;
  double least = HUGE_VAL;
  for (int64_t trial = 0; trial * chunks < static_cast<int64_t>(sums.size()); ++trial) {
    const double sum = std::accumulate(sums.begin() + trial * chunks, sums.begin() + (trial + 1) * chunks, 0.0);
    if (sum < least) least = sum, best = static_cast<int>(trial);
  }
  std::copy_n(sums.begin() + best * chunks, chunks, sums.begin());
  return best;
}

}  // namespace

std::vector<int64_t> choose_start(Engine& engine, const Problem& problem, int64_t clusters, uint64_t seed) {
  const auto first = static_cast<int64_t>(random_below(seed, 0, 0, static_cast<uint64_t>(problem.rows.rows)));
  const int trials = std::min(kMostTrials, 2 + static_cast<int>(std::log(static_cast<double>(clusters))));
  std::vector<int64_t> out = {first};
  std::vector<double> sums = engine.try_candidates(out);
  engine.choose(0);
  while (static_cast<int64_t>(out.size()) < clusters) {
    const std::vector<int64_t> candidates = draw(engine, problem, sums.data(), trials, seed, out.size());
    sums = engine.try_candidates(candidates);
    const int best = least_trial(sums, problem.chunks());
    engine.choose(best);
    out.push_back(candidates[static_cast<size_t>(best)]);
  }
  return out;
}

}  // namespace kmeans

std::vector<int64_t> kmeans_plus_plus(Exec& exec, MatrixView<const float> rows, int64_t clusters, uint64_t seed) {
  const NvtxRange range("kmeans_plus_plus");
  const kmeans::Problem problem = kmeans::examine(exec, rows, clusters);
  return kmeans::choose_start(*kmeans::engine_for(exec, problem), problem, clusters, seed);
}

}  // namespace crisp
