#include "kernels/scale/power_fit.h"

#include <algorithm>
#include <cmath>

#include "cuda/error.h"
#include "kernels/scale/power_search.h"

namespace crisp {
namespace {

/// A lane's sums, folded in the order of the contract; `lanes` is overwritten.
PowerMoments fold(PowerMoments (&lanes)[kPowerLanes]) {
  PowerMoments total;
  for (int group = 0; group < kPowerLanes; group += kPowerGroup) {
    for (int half = kPowerGroup / 2; half > 0; half /= 2) {
      for (int lane = group; lane < group + half; ++lane) lanes[lane] = lanes[lane] + lanes[lane + half];
    }
    total = group == 0 ? lanes[0] : total + lanes[group];
  }
  return total;
}

/// The CPU engine.
template <PowerFamily family>
class HostColumns : public PowerColumns {
 public:
  template <class T>
  HostColumns(Exec& exec, MatrixView<const T> rows)
      : exec_(exec), rows_(rows.rows), logs_(static_cast<size_t>(rows.rows * rows.columns)) {
    exec.threads().for_ranges(rows_, kPowerChunk, [&](int64_t begin, int64_t end) {
      for (int64_t j = 0; j < rows.columns; ++j) {
        double* logs = logs_.data() + j * rows_;
        for (int64_t i = begin; i < end; ++i) logs[i] = power_log<family>(static_cast<double>(rows.at(i, j)));
      }
    });
  }

  std::vector<PowerMoments> moments(std::span<const PowerTrial> trials) override {
    return over_chunks(trials, power_distance<family>);
  }
  std::vector<PowerMoments> log_moments(std::span<const PowerTrial> trials) override {
    return over_chunks(trials, [](double log, const PowerPivot& pivot) { return log - pivot.log; });
  }

 private:
  std::vector<PowerMoments> over_chunks(std::span<const PowerTrial> trials, auto distance) {
    const int64_t chunks = (rows_ + kPowerChunk - 1) / kPowerChunk;
    std::vector<PowerMoments> partial(trials.size() * static_cast<size_t>(chunks));
    exec_.threads().run(static_cast<int64_t>(partial.size()), [&](int64_t task) {
      const PowerTrial& trial = trials[static_cast<size_t>(task / chunks)];
      const int64_t begin = task % chunks * kPowerChunk, end = std::min(rows_, begin + kPowerChunk);
      const double* logs = logs_.data() + trial.column * rows_;
      PowerMoments lanes[kPowerLanes];
      for (int64_t i = begin; i < end; ++i) {
        if (logs[i] != logs[i]) continue;
        lanes[(i - begin) % kPowerLanes].add(distance(logs[i], trial.pivot));
      }
      partial[static_cast<size_t>(task)] = fold(lanes);
    });
    std::vector<PowerMoments> out;
    for (size_t k = 0; k < trials.size(); ++k) {
      PowerMoments lanes[kPowerLanes];
      for (int64_t chunk = 0; chunk < chunks; ++chunk) {
        PowerMoments& lane = lanes[chunk % kPowerLanes];
        lane = lane + partial[k * static_cast<size_t>(chunks) + static_cast<size_t>(chunk)];
      }
      out.push_back(fold(lanes));
    }
    return out;
  }

  Exec& exec_;
  int64_t rows_;
  std::vector<double> logs_;  // column after column
};

/// Calls body.template operator()<family>() with the family of a power method as a constant.
auto with_family(ScaleMethod method, auto body) {
  return method == ScaleMethod::box_cox ? body.template operator()<PowerFamily::box_cox>()
                                        : body.template operator()<PowerFamily::yeo_johnson>();
}

/// 2^-32 leaves 20 bits of a double to tell values apart; where the values themselves have fewer, a little
/// less than they have (so that an exponent of 1 always passes).
double finest_spread(const ColumnStatistics& s) {
  const double own = s.count > 1 ? std::sqrt(s.variance) / std::max(std::abs(s.low), std::abs(s.high)) : 0.0;
  return std::min(0x1p-32, own / 4.0);
}

/// The search of one column.
struct ColumnFit {
  double count = 0.0, log_sum = 0.0;
  double log_pivot = 0.0;
  double finest = 0.0;  ///< the least spread beside the center
  bool constant = false;
  PowerSearch search;

  bool done() const { return constant || search.done(); }
  double lambda() const { return constant ? 1.0 : search.candidate(); }

  double variance(const PowerMoments& moments) const {
    return (moments.squares - moments.sum * moments.sum / count) / count;
  }
  /// Minus the profile log-likelihood. Overflow and values that can no longer be told apart are no optimum.
  double cost(const PowerMoments& moments, const PowerPivot& pivot) const {
    const double center = pivot.value + moments.sum / count, spread = variance(moments);
    const double value = 0.5 * count * exact_log(spread) - (lambda() - 1.0) * log_sum;
    return std::isfinite(value) && std::sqrt(spread) >= finest * std::abs(center) ? value : HUGE_VAL;
  }
};

/// Fits all columns of one group, trial by trial.
template <PowerFamily family>
class GroupFit {
 public:
  GroupFit(PowerColumns& columns, std::span<const ColumnStatistics> statistics)
      : columns_(columns), fits_(statistics.size()) {
    for (size_t j = 0; j < fits_.size(); ++j) {
      const ColumnStatistics& s = statistics[j];
      // The sampled median keeps to the middle of the transformed values too, as the mean would not.
      const bool inside = s.pivot >= s.low && s.pivot <= s.high;
      fits_[j].log_pivot = power_log<family>(inside ? s.pivot : s.mean);
      fits_[j].count = static_cast<double>(s.count);
      fits_[j].constant = s.low == s.high;
      fits_[j].finest = finest_spread(s);
    }
  }

  std::vector<ScaleColumn> run() {
    std::vector<PowerTrial> trials = of_all([](const ColumnFit&) { return true; });
    const std::vector<PowerMoments> logs = columns_.log_moments(trials);
    for (size_t j = 0; j < fits_.size(); ++j)
      fits_[j].log_sum = fits_[j].count * fits_[j].log_pivot + logs[j].sum;
    while (!(trials = of_all([](const ColumnFit& fit) { return !fit.done(); })).empty()) {
      const std::vector<PowerMoments> moments = columns_.moments(trials);
      for (size_t k = 0; k < trials.size(); ++k) {
        ColumnFit& fit = fits_[static_cast<size_t>(trials[k].column)];
        fit.search.tell(fit.cost(moments[k], trials[k].pivot));
      }
    }
    return finished();
  }

 private:
  std::vector<PowerTrial> of_all(auto wanted) const {
    std::vector<PowerTrial> out;
    for (size_t j = 0; j < fits_.size(); ++j) {
      const ColumnFit& fit = fits_[j];
      if (!wanted(fit)) continue;
      out.push_back({static_cast<int64_t>(j), power_pivot<family>(fit.log_pivot, fit.lambda())});
    }
    return out;
  }

  std::vector<ScaleColumn> finished() {
    const std::vector<PowerTrial> trials = of_all([](const ColumnFit&) { return true; });
    const std::vector<PowerMoments> moments = columns_.moments(trials);
    std::vector<ScaleColumn> out;
    for (size_t j = 0; j < fits_.size(); ++j) {
      const double spread = fits_[j].constant ? 0.0 : std::sqrt(std::max(0.0, fits_[j].variance(moments[j])));
      out.push_back(
          {trials[j].pivot.value + moments[j].sum / fits_[j].count, spread, trials[j].pivot.lambda});
    }
    return out;
  }

  PowerColumns& columns_;
  std::vector<ColumnFit> fits_;
};

template <class T>
std::vector<ScaleColumn> fit_groups(Exec& exec, ScaleMethod method, MatrixView<const T> rows,
                                    std::span<const ColumnStatistics> statistics) {
  constexpr int64_t kGroupValues = (int64_t{1} << 30) / sizeof(double);
  constexpr int64_t kGroupColumns = 16384;  // a launch takes fewer than 2^16
  const int64_t group = std::clamp<int64_t>(rows.rows > 0 ? kGroupValues / rows.rows : 1, 1, kGroupColumns);
  std::vector<ScaleColumn> out;
  for (int64_t first = 0; first < rows.columns; first += group) {
    const int64_t count = std::min(group, rows.columns - first);
    const MatrixView<const T> part{rows.data + first, rows.rows, count, rows.ld};
    const auto facts = statistics.subspan(static_cast<size_t>(first), static_cast<size_t>(count));
    const std::vector<ScaleColumn> fitted = with_family(method, [&]<PowerFamily family>() {
      const std::unique_ptr<PowerColumns> columns = exec.is_cuda()
                                                        ? gpu::power_columns(exec, family, part)
                                                        : std::make_unique<HostColumns<family>>(exec, part);
      return GroupFit<family>(*columns, facts).run();
    });
    out.insert(out.end(), fitted.begin(), fitted.end());
  }
  return out;
}

}  // namespace

std::vector<ScaleColumn> fit_power(Exec& exec, ScaleMethod method, MatrixView<const float> rows,
                                   std::span<const ColumnStatistics> statistics) {
  return fit_groups(exec, method, rows, statistics);
}

std::vector<ScaleColumn> fit_power(Exec& exec, ScaleMethod method, MatrixView<const double> rows,
                                   std::span<const ColumnStatistics> statistics) {
  return fit_groups(exec, method, rows, statistics);
}

}  // namespace crisp
