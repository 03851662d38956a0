// GPU engine of segment statistics. Missing values become infinite, so that a sort by segment leaves the present ones, in
// order, at the front of each segment.
#include <algorithm>
#include <cmath>

#include "cuda/algorithm.h"
#include "cuda/block.h"
#include "cuda/staging.h"
#include "kernels/segments/segment_statistics.h"
#include "kernels/segments/segment_statistics_row.h"

namespace crisp::gpu {

void segment_statistics(Exec& exec, ArrayView<const double> values, ArrayView<const int64_t> offsets,
                        std::span<const SegmentRequest> requests, MatrixView<double> out);

namespace {

struct MissingLast {
  const double* values;
  double* out;
  CRISP_HD void operator()(int64_t i) const { out[i] = values[i] == values[i] ? values[i] : HUGE_VAL; }
};

__device__ SegmentSums joined_over_warp(SegmentSums sums) {
#pragma unroll
  for (int distance = kWarp / 2; distance > 0; distance /= 2) {
    SegmentSums other;
    other.count = __shfl_down_sync(kAllLanes, sums.count, static_cast<unsigned>(distance));
    other.sum = __shfl_down_sync(kAllLanes, sums.sum, static_cast<unsigned>(distance));
    other.low = __shfl_down_sync(kAllLanes, sums.low, static_cast<unsigned>(distance));
    other.high = __shfl_down_sync(kAllLanes, sums.high, static_cast<unsigned>(distance));
    sums.join(other);
  }
  sums.count = __shfl_sync(kAllLanes, sums.count, 0);
  sums.sum = __shfl_sync(kAllLanes, sums.sum, 0);
  sums.low = __shfl_sync(kAllLanes, sums.low, 0);
  sums.high = __shfl_sync(kAllLanes, sums.high, 0);
  return sums;
}

/// out(s, k) = request k of segment s. values: sorted by segment, `ascending` the same within each segment, missing last.
/// Owner: one warp a segment; lanes stride over its values (coalesced), then join by shuffles; lane 0 answers.
/// Shared: none. Memory: a value is read once, twice where a spread is asked for, and once more for every count beyond a
/// bound (from L1: trips are a few hundred values).
/// Regime: many segments of tens to thousands of values; one huge segment keeps a single warp busy.
struct AnswerSegment {
  const double* values;
  const double* ascending;
  const int64_t* offsets;
  const SegmentRequest* requests;
  MatrixView<double> out;
  bool spread;

  __device__ SegmentSpread spread_of(int64_t begin, int64_t end, int lane, double mean) const {
    SegmentSpread mine;
    for (int64_t i = begin + lane; i < end; i += kWarp) {
      if (values[i] == values[i]) mine.add(values[i] - mean);
    }
    mine.squares = warp_reduce(mine.squares, Sum{});
    mine.drift = warp_reduce(mine.drift, Sum{});
    return mine;
  }

  __device__ double count_beyond(int64_t begin, int64_t end, int lane, double bound, bool above) const {
    int64_t count = 0;
    for (int64_t i = begin + lane; i < end; i += kWarp) count += above ? values[i] > bound : values[i] < bound;
    return static_cast<double>(warp_reduce(count, Sum{}));
  }

  __device__ double percentile(int64_t begin, int64_t count, double percent) const {
    if (count == 0) return kNotANumber;
    const PercentilePlace place = percentile_place(count, percent);
    const int64_t next = place.index + 1 < count ? place.index + 1 : count - 1;
    return between(ascending[begin + place.index], ascending[begin + next], place.share);
  }

  __device__ void operator()(int64_t s, int lane) const {
    const int64_t begin = offsets[s], end = offsets[s + 1];
    SegmentSums sums;
    for (int64_t i = begin + lane; i < end; i += kWarp) {
      if (values[i] == values[i]) sums.add(values[i]);
    }
    sums = joined_over_warp(sums);
    SegmentSpread distances;
    if (spread) distances = spread_of(begin, end, lane, sums.mean());
    for (int64_t k = 0; k < out.columns; ++k) {
      const SegmentRequest request = requests[k];
      double answer = kNotANumber;
      switch (request.statistic) {
        case SegmentStatistic::count: answer = static_cast<double>(sums.count); break;
        case SegmentStatistic::sum: answer = sums.sum; break;
        case SegmentStatistic::mean: answer = sums.mean(); break;
        case SegmentStatistic::deviation: answer = sqrt(distances.variance(sums.count)); break;
        case SegmentStatistic::variance: answer = distances.variance(sums.count); break;
        case SegmentStatistic::low: answer = sums.count > 0 ? sums.low : kNotANumber; break;
        case SegmentStatistic::high: answer = sums.count > 0 ? sums.high : kNotANumber; break;
        case SegmentStatistic::percentile: answer = percentile(begin, sums.count, request.parameter); break;
        case SegmentStatistic::count_above: answer = count_beyond(begin, end, lane, request.parameter, true); break;
        case SegmentStatistic::count_below: answer = count_beyond(begin, end, lane, request.parameter, false); break;
      }
      if (lane == 0) out.at(s, k) = answer;
    }
  }
};

bool asks_for(std::span<const SegmentRequest> requests, SegmentStatistic statistic) {
  return std::ranges::any_of(requests, [=](const SegmentRequest& r) { return r.statistic == statistic; });
}

}  // namespace

void segment_statistics(Exec& exec, ArrayView<const double> values, ArrayView<const int64_t> offsets,
                        std::span<const SegmentRequest> requests, MatrixView<double> out) {
  const DeviceInput<double> in(exec, values);
  const DeviceInput<int64_t> bounds(exec, offsets);
  const DeviceBuffer<SegmentRequest> asked(exec, requests.data(), static_cast<int64_t>(requests.size()));
  DeviceMatrixOutput<double> target(exec, out);
  DeviceBuffer<double> ascending;
  if (asks_for(requests, SegmentStatistic::percentile)) {
    ascending = DeviceBuffer<double>(exec, values.size);
    launch_rows(exec, values.size, MissingLast{in.data(), ascending.data()});
    sort_segments(exec, ascending.view(), bounds.view());
  }
  const bool spread =
      asks_for(requests, SegmentStatistic::deviation) || asks_for(requests, SegmentStatistic::variance);
  launch_warp_rows(exec, out.rows, AnswerSegment{in.data(), ascending.data(), bounds.data(), asked.data(), target.view(), spread});
  target.finish(exec);
}

}  // namespace crisp::gpu
