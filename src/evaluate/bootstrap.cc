#include "evaluate/bootstrap.h"

#include <algorithm>
#include <cmath>

#include "cuda/error.h"
#include "cuda/random.h"
#include "evaluate/quantile.h"

namespace crisp {
namespace {

constexpr uint64_t kSampleStream = 0;  // of the random numbers; resample r has stream r + 1

/// How often each of `rows` rows is drawn in `rows` draws.
std::vector<uint32_t> resample(uint64_t seed, int64_t number, int64_t rows) {
  std::vector<uint32_t> counts(static_cast<size_t>(rows));
  const auto stream = static_cast<uint64_t>(number) + 1, bound = static_cast<uint64_t>(rows);
  for (uint64_t i = 0; i < bound; ++i) ++counts[random_below(seed, stream, i, bound)];
  return counts;
}

/// The middle `level` of the finite ones among the values; none where these are fewer than half.
Interval middle(std::vector<double> values, double level) {
  const size_t all = values.size();
  std::erase_if(values, [](double value) { return !std::isfinite(value); });
  if (values.empty() || 2 * values.size() < all) return {};
  std::sort(values.begin(), values.end());
  return {quantile_of_sorted(values, (1 - level) / 2), quantile_of_sorted(values, (1 + level) / 2)};
}

/// From what the resamples say of the sample's figure to the whole table's.
Interval moved(const Interval& of_sample, double sample, double whole, double narrower) {
  return {whole + narrower * (of_sample.low - sample), whole + narrower * (of_sample.high - sample)};
}

}  // namespace

std::vector<int64_t> bootstrap_rows(int64_t rows, const BootstrapPlan& plan) {
  CRISP_ASSERT(rows >= 0 && plan.most_rows >= 1);
  const int64_t stretches = std::min(rows, plan.most_rows);
  std::vector<int64_t> sampled;
  sampled.reserve(static_cast<size_t>(stretches));
  for (int64_t i = 0; i < stretches; ++i) {
    // rows * i may leave int64 only beyond 1e14 rows.
    const int64_t begin = rows * i / stretches, end = rows * (i + 1) / stretches;
    sampled.push_back(begin +
                      static_cast<int64_t>(random_below(plan.seed, kSampleStream, static_cast<uint64_t>(i),
                                                        static_cast<uint64_t>(end - begin))));
  }
  return sampled;
}

std::vector<Interval> bootstrap_intervals(Exec& exec, const BootstrapPlan& plan, int64_t sampled,
                                          int64_t rows, std::span<const double> whole,
                                          const ResampleFigures& figures) {
  CRISP_ASSERT(sampled <= rows && plan.level > 0 && plan.level < 1);
  std::vector<Interval> intervals(whole.size());
  if (sampled < 2 || plan.resamples < 1) return intervals;
  std::vector<std::vector<double>> drawn(whole.size(),
                                         std::vector<double>(static_cast<size_t>(plan.resamples)));
  exec.threads().run(plan.resamples, [&](int64_t number) {
    const std::vector<double> values = figures(resample(plan.seed, number, sampled));
    for (size_t f = 0; f < whole.size(); ++f) drawn[f][static_cast<size_t>(number)] = values[f];
  });
  const std::vector<double> sample =
      sampled == rows ? std::vector<double>(whole.begin(), whole.end()) : figures({});
  const double narrower = std::sqrt(static_cast<double>(sampled) / static_cast<double>(rows));
  for (size_t f = 0; f < whole.size(); ++f) {
    const Interval of_sample = middle(std::move(drawn[f]), plan.level);
    if (!std::isfinite(whole[f])) continue;
    intervals[f] = sampled == rows ? of_sample : moved(of_sample, sample[f], whole[f], narrower);
  }
  return intervals;
}

}  // namespace crisp
