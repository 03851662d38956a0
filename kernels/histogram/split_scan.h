/// The two loops over a column's codes that finding splits spends its time in, for each instruction set.
#pragma once

#include <cstdint>

#include "kernels/histogram/split_row.h"

namespace crisp {

/// Sums of codes 1 ... k + 1 at place k, in whole numbers. Up to 255 places, then some that repeat the last.
struct Prefix {
  static constexpr int kPlaces = 256;
  alignas(64) double g[kPlaces], h[kPlaces], rows[kPlaces];
};

struct Candidate {
  double score = -1;
  int place = -1;
};

struct SplitScan {
  /// Of `count` packed cells.
  void (*prefix)(const uint64_t* cells, int count, Prefix& out);
  /// The best place of [0, count), by plain_score(), where `extra` goes left beside the prefix: the first of equal ones.
  Candidate (*best)(const Prefix& prefix, int count, const Side& extra, const Side& total, const SplitNumbers& numbers);
};

extern const SplitScan split_scan_baseline, split_scan_avx2, split_scan_avx512;

/// Those for this machine.
const SplitScan& split_scan();

}  // namespace crisp
