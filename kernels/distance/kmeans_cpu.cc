// The CPU engine of k-means: rows are laid out once; a task is some chunks of them.
#include <algorithm>
#include <cmath>
#include <mutex>

#include "kernels/distance/centroid_groups.h"
#include "kernels/distance/kmeans_engine.h"

namespace crisp::kmeans {
namespace {

using namespace distance;

constexpr int64_t kTaskRows = 4 * kChunkRows;
static_assert(kChunkRows % kPanelRows == 0 && kChunkLanes == kPanelRows && kMostTrials <= kGroupRows);

/// What a task adds to the sums.
struct Delta {
  std::vector<int64_t> sums, counts;
  int64_t changed = 0;
};

class CpuEngine : public Engine {
 public:
  CpuEngine(Exec& exec, const Problem& problem)
      : exec_(exec),
        problem_(problem),
        rows_(pad_rows(exec, Metric::l2, problem.rows)),
        panels_(pack_panels(exec, Metric::l2, rows_, problem.shift.data())),
        factor_(static_cast<size_t>(rows_.ld), 1.0),
        labels_(static_cast<size_t>(rows_.rows), -1) {
    std::copy(problem.factor.begin(), problem.factor.end(), factor_.begin());
  }

  std::vector<double> try_candidates(const std::vector<int64_t>& candidates) override {
    if (closest_.empty()) closest_.assign(kMostTrials + 1, std::vector<float>(labels_.size(), HUGE_VALF));
    const int trials = static_cast<int>(candidates.size());
    const AlignedFloats group(rows_.columns * kGroupRows);
    for (int t = 0; t < trials; ++t) {
      for (int64_t j = 0; j < rows_.columns; ++j) {
        group.data()[j * kGroupRows + t] = panels_.panel(candidates[t] / kPanelRows)[j * kPanelRows +
                                                                                     candidates[t] % kPanelRows];
      }
    }
    std::vector<double> sums(static_cast<size_t>(trials * problem_.chunks()));
    exec_.threads().run(problem_.chunks(), [&](int64_t chunk) {
      double of_chunk[kMostTrials];
      meet_chunk(group.data(), trials, chunk, of_chunk);
      for (int t = 0; t < trials; ++t) sums[static_cast<size_t>(t * problem_.chunks() + chunk)] = of_chunk[t];
    });
    return sums;
  }

  void choose(int trial) override { std::swap(closest_[0], closest_[static_cast<size_t>(trial) + 1]); }

  std::vector<float> closest(int64_t chunk) override {
    const int64_t begin = chunk * kChunkRows, end = std::min(begin + kChunkRows, rows_.rows);
    return {closest_[0].begin() + begin, closest_[0].begin() + end};
  }

  int64_t assign(const std::vector<float>& centroids, ClusterSums& sums) override {
    const PaddedRows padded = pad(centroids);
    const CentroidGroups groups = group_centroids(padded, problem_.shift.data());
    std::mutex mutex;
    int64_t changed = 0;
    exec_.threads().for_ranges(rows_.rows, kTaskRows, [&](int64_t begin, int64_t end) {
      Delta delta;
      assign_rows(groups, begin, end, delta);
      if (delta.changed == 0) return;
      const std::lock_guard lock(mutex);  // integers: the order of the tasks does not show
      changed += delta.changed;
      add(delta, sums);
    });
    return changed;
  }

  std::vector<float> row(int64_t index) override { return {rows_.row(index), rows_.row(index) + rows_.columns}; }
  void relabel(int64_t row, int32_t label) override { labels_[static_cast<size_t>(row)] = label; }
  std::vector<int32_t> labels() override { return labels_; }

  std::vector<double> measures(const std::vector<float>& centroids) override {
    const PaddedRows padded = pad(centroids);
    const Tiles& tiles = chosen_tiles();
    std::vector<double> out(labels_.size());
    exec_.threads().for_ranges(rows_.rows, kTaskRows, [&](int64_t begin, int64_t end) {
      for (int64_t i = begin; i < end; ++i) {
        const float* centroid = padded.row(labels_[static_cast<size_t>(i)]);
        out[static_cast<size_t>(i)] = tiles.measure(Metric::l2_squared, rows_.row(i), 1.0, centroid, 1.0, rows_.columns);
      }
    });
    return out;
  }

 private:
  PaddedRows pad(const std::vector<float>& centroids) {
    const int64_t columns = rows_.columns, count = static_cast<int64_t>(centroids.size()) / columns;
    return pad_rows(exec_, Metric::l2, {centroids.data(), count, columns, columns});
  }

  /// Minima of the closest distances and those from each candidate, and their sums.
  void meet_chunk(const float* group, int trials, int64_t chunk, double* sums) {
    alignas(64) double lane[kMostTrials][kChunkLanes] = {};
    alignas(64) float tile[kGroupRows * kPanelRows];
    const int64_t end = std::min((chunk + 1) * kChunkRows, rows_.rows);
    for (int64_t i = chunk * kChunkRows; i < end; i += kPanelRows) {
      chosen_tiles().direct(Metric::l2_squared, group, trials, panels_.panel(i / kPanelRows), rows_.columns, tile);
      const int64_t width = std::min<int64_t>(kPanelRows, end - i);
      for (int t = 0; t < trials; ++t) {
        const float* before = closest_[0].data() + i;
        float* after = closest_[static_cast<size_t>(t) + 1].data() + i;
        for (int64_t l = 0; l < width; ++l) {
          after[l] = tile[t * kPanelRows + l] < before[l] ? tile[t * kPanelRows + l] : before[l];
          lane[t][l] += static_cast<double>(after[l]);
        }
      }
    }
    for (int t = 0; t < trials; ++t) {
      for (int half = kChunkLanes / 2; half > 0; half /= 2) {
        for (int l = 0; l < half; ++l) lane[t][l] += lane[t][l + half];
      }
      sums[t] = lane[t][0];
    }
  }

  void assign_rows(const CentroidGroups& groups, int64_t begin, int64_t end, Delta& delta) {
    int32_t now[kTaskRows];
    const Tiles& tiles = chosen_tiles();
    tiles.assign(groups, rows_, panels_, begin / kPanelRows, (end + kPanelRows - 1) / kPanelRows, now);
    for (int64_t i = begin; i < end; ++i) {
      int32_t& label = labels_[static_cast<size_t>(i)];
      const int32_t next = now[i - begin];
      if (next == label) continue;
      if (delta.changed++ == 0) {
        delta.sums.resize(static_cast<size_t>(groups.rows->rows * rows_.ld));
        delta.counts.resize(static_cast<size_t>(groups.rows->rows));
      }
      tiles.add_fixed(rows_.row(i), factor_.data(), rows_.ld, delta.sums.data() + next * rows_.ld,
                      label < 0 ? nullptr : delta.sums.data() + label * rows_.ld);
      ++delta.counts[static_cast<size_t>(next)];
      if (label >= 0) --delta.counts[static_cast<size_t>(label)];
      label = next;
    }
  }

  void add(const Delta& delta, ClusterSums& sums) const {
    for (size_t c = 0; c < sums.counts.size(); ++c) {
      sums.counts[c] += delta.counts[c];
      const int64_t* from = delta.sums.data() + c * static_cast<size_t>(rows_.ld);
      int64_t* to = sums.sums.data() + c * static_cast<size_t>(rows_.columns);
      for (int64_t j = 0; j < rows_.columns; ++j) to[j] += from[j];
    }
  }

  Exec& exec_;
  const Problem& problem_;
  PaddedRows rows_;
  Panels panels_;
  std::vector<double> factor_;
  std::vector<int32_t> labels_;
  std::vector<std::vector<float>> closest_;  ///< the closest distances, then those of each trial
};

}  // namespace

std::unique_ptr<Engine> cpu_engine(Exec& exec, const Problem& problem) {
  return std::make_unique<CpuEngine>(exec, problem);
}

}  // namespace crisp::kmeans
