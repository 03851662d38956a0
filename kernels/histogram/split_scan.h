/// The two loops over a column's codes that finding splits spends its time in, for each instruction set.
#pragma once

#include <cstdint>

#include "kernels/histogram/split_row.h"

namespace crisp {

/// Sums of codes 1 ... k + 1 at place k, in whole numbers: int32_t of packed cells, double of wide ones. Up to 255 places, then some that
/// repeat the last.
template <class Number>
struct Prefix {
  static constexpr int kPlaces = 256, kTogether = 8;  // places are worked on in whole vectors
  alignas(64) Number g[kPlaces], h[kPlaces], rows[kPlaces];

  /// Places that are filled and looked at where `count` are asked for.
  static int whole(int count) { return (count + kTogether - 1) / kTogether * kTogether; }

  Side at(int place) const {
    return {static_cast<double>(g[place]), static_cast<double>(h[place]), static_cast<double>(rows[place])};
  }
};

struct Candidate {
  double score = -1;
  int place = -1;
};

/// Where a split is looked for.
struct ScanTask {
  int count;     ///< places [0, count)
  Side extra;    ///< goes left beside the prefix
  Side total;    ///< of the node
  double floor;  ///< scores up to it do not matter
};

struct SplitScan {
  /// Of `count` packed cells.
  void (*prefix)(const uint64_t* cells, int count, Prefix<int32_t>& out);
  /// The best place by plain_score(): the first of equal ones. Where its score is below the floor it may be left out.
  Candidate (*best_packed)(const Prefix<int32_t>& prefix, const ScanTask& task, const SplitNumbers& numbers);
  Candidate (*best_wide)(const Prefix<double>& prefix, const ScanTask& task, const SplitNumbers& numbers);
};

extern const SplitScan split_scan_baseline, split_scan_avx2, split_scan_avx512;

/// Those for this machine.
const SplitScan& split_scan();

}  // namespace crisp
