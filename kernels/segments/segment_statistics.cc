#include "kernels/segments/segment_statistics.h"

#include <algorithm>
#include <cmath>
#include <vector>

#include "cuda/error.h"
#include "cuda/nvtx.h"
#include "kernels/segments/segment_statistics_row.h"

namespace crisp {

namespace gpu {  // segment_statistics.cu
void segment_statistics(Exec& exec, ArrayView<const double> values, ArrayView<const int64_t> offsets,
                        std::span<const SegmentRequest> requests, MatrixView<double> out);
}  // namespace gpu

namespace {

/// What the requests need, decided once.
struct Plan {
  bool spread = false, sorted = false;
};

Plan plan_for(std::span<const SegmentRequest> requests) {
  Plan plan;
  for (const SegmentRequest& request : requests) {
    const SegmentStatistic s = request.statistic;
    plan.spread |= s == SegmentStatistic::deviation || s == SegmentStatistic::variance;
    plan.sorted |= s == SegmentStatistic::percentile;
  }
  return plan;
}

/// Everything about one segment that more than one request shares. `present` lives on between segments, so
/// that its memory is taken once a task.
struct Segment {
  std::vector<double> present;  ///< the values that are there; ascending when percentiles are asked for
  SegmentSums sums;
  SegmentSpread spread;

  void read(const double* values, int64_t size, const Plan& plan) {
    present.clear();
    sums = {};
    spread = {};
    for (int64_t i = 0; i < size; ++i) {
      if (std::isnan(values[i])) continue;
      sums.add(values[i]);
      present.push_back(values[i]);
    }
    if (plan.spread) {
      const double mean = sums.mean();
      for (const double value : present) spread.add(value - mean);
    }
    if (plan.sorted) std::sort(present.begin(), present.end());
  }

  double percentile(double percent) const {
    if (present.empty()) return kNotANumber;
    const PercentilePlace place = percentile_place(sums.count, percent);
    const size_t index = static_cast<size_t>(place.index);
    return between(present[index], present[std::min(index + 1, present.size() - 1)], place.share);
  }

  double count_where(auto condition) const {
    return static_cast<double>(std::count_if(present.begin(), present.end(), condition));
  }

  double answer(const SegmentRequest& request) const {
    const double bound = request.parameter;
    switch (request.statistic) {
      case SegmentStatistic::count:
        return static_cast<double>(sums.count);
      case SegmentStatistic::sum:
        return sums.sum;
      case SegmentStatistic::mean:
        return sums.mean();
      case SegmentStatistic::deviation:
        return std::sqrt(spread.variance(sums.count));
      case SegmentStatistic::variance:
        return spread.variance(sums.count);
      case SegmentStatistic::low:
        return sums.count > 0 ? sums.low : kNotANumber;
      case SegmentStatistic::high:
        return sums.count > 0 ? sums.high : kNotANumber;
      case SegmentStatistic::percentile:
        return percentile(bound);
      case SegmentStatistic::count_above:
        return count_where([=](double value) { return value > bound; });
      case SegmentStatistic::count_below:
        return count_where([=](double value) { return value < bound; });
    }
    return kNotANumber;
  }
};

/// Segments a task; small, because one long trip may weigh as much as a hundred short ones.
constexpr int64_t kGrain = 16;

}  // namespace

void segment_statistics(Exec& exec, ArrayView<const double> values, ArrayView<const int64_t> offsets,
                        std::span<const SegmentRequest> requests, MatrixView<double> out) {
  const int64_t segments = offsets.size - 1;
  CRISP_ASSERT(segments >= 0);
  CRISP_ASSERT(out.rows == segments && out.columns == static_cast<int64_t>(requests.size()));
  for (const SegmentRequest& request : requests) {
    CRISP_ASSERT(request.statistic != SegmentStatistic::percentile ||
                 (request.parameter >= 0.0 && request.parameter <= 100.0));
  }
  const NvtxRange range("segment_statistics");
  if (exec.is_cuda()) return gpu::segment_statistics(exec, values, offsets, requests, out);
  CRISP_ASSERT(offsets[0] == 0 && offsets[segments] == values.size);
  const Plan plan = plan_for(requests);
  exec.threads().for_ranges(segments, kGrain, [&](int64_t begin, int64_t end) {
    Segment segment;
    for (int64_t s = begin; s < end; ++s) {
      segment.read(values.data + offsets[s], offsets[s + 1] - offsets[s], plan);
      for (int64_t k = 0; k < out.columns; ++k)
        out.at(s, k) = segment.answer(requests[static_cast<size_t>(k)]);
    }
  });
}

}  // namespace crisp
