#include "kernels/histogram/split_scan.h"

#include <gtest/gtest.h>

#include <cmath>
#include <vector>

#include "cuda/cpu_isa.h"
#include "cuda/random.h"

namespace crisp {
namespace {

/// Those that this machine can run.
std::vector<const SplitScan*> scans() {
  std::vector<const SplitScan*> found{&split_scan_baseline};
#if defined(__x86_64__)
  if (detected_isa() >= CpuIsa::avx2) found.push_back(&split_scan_avx2);
  if (detected_isa() >= CpuIsa::avx512) found.push_back(&split_scan_avx512);
#endif
  return found;
}

/// A column's cells: some empty, so that places are equal; gradients of `most` quanta, so small that many scores are near each other.
std::vector<uint64_t> cells_of(int count, int most, uint64_t seed) {
  std::vector<uint64_t> cells(static_cast<size_t>(count));
  for (int k = 0; k < count; ++k) {
    const auto draw = [&](uint64_t stream, int below) {
      return static_cast<int64_t>(random_below(seed, stream, static_cast<uint64_t>(k), static_cast<uint64_t>(below)));
    };
    const int64_t rows = draw(1, 4);
    if (rows > 0) cells[static_cast<size_t>(k)] = pack({(draw(2, 2 * most + 1) - most) * rows, (1 + draw(3, most)) * rows, rows});
  }
  return cells;
}

/// By the definition, place after place.
template <class Number>
Candidate best_by_definition(const Prefix<Number>& prefix, const ScanTask& task, const SplitNumbers& numbers) {
  Candidate best;
  for (int k = 0; k < task.count; ++k) {
    const Side p = prefix.at(k), left{p.g + task.extra.g, p.h + task.extra.h, p.rows + task.extra.rows};
    const double score = split_score(left, {task.total.g - left.g, task.total.h - left.h, task.total.rows - left.rows}, numbers);
    if (score > best.score) best = {score, k};
  }
  return best;
}

/// The task of a node: all cells and `missing` rows, which go left with the prefix or not.
ScanTask task_of(const Side& sum, const Sums& missing, bool left) {
  const Side extra = side_of(missing);
  return {0, left ? extra : Side{}, {sum.g + extra.g, sum.h + extra.h, sum.rows + extra.rows}, -1};
}

template <class Number, class Best>
void expect_the_best(const Prefix<Number>& prefix, ScanTask task, const SplitNumbers& numbers, Best best) {
  const Candidate expected = best_by_definition(prefix, task, numbers);
  const Candidate found = best(prefix, task, numbers);
  ASSERT_EQ(found.place, expected.place);
  ASSERT_EQ(found.score, expected.score);
  if (expected.place < 0) return;
  task.floor = std::nextafter(expected.score, 0.0);  // just above the floor: still found
  ASSERT_EQ(best(prefix, task, numbers).place, expected.place);
  task.floor = expected.score * 1.001;
  ASSERT_EQ(best(prefix, task, numbers).place, -1);
}

TEST(SplitScan, FindsTheFirstBestPlaceExactly) {
  for (const SplitScan* scan : scans()) {
    for (uint64_t seed = 0; seed < 2000; ++seed) {
      const int count = 1 + static_cast<int>(random_below(seed, 9, 0, 255)), most = seed % 3 == 0 ? 1 : seed % 3 == 1 ? 40 : 1023;
      const std::vector<uint64_t> cells = cells_of(count, most, seed);
      Prefix<int32_t> packed;
      scan->prefix(cells.data(), count, packed);
      SplitNumbers numbers;
      numbers.lambda = seed % 5 == 0 ? 0 : 0.37 * static_cast<double>(seed % 5);
      numbers.min_h = seed % 2 == 0 ? 1 : 12.5;
      numbers.min_rows = static_cast<double>(1 + seed % 7);
      for (const bool left : {false, true}) {
        ScanTask task = task_of(packed.at(count - 1), {3, 5, 2}, left);
        task.count = count;
        ASSERT_NO_FATAL_FAILURE(expect_the_best(packed, task, numbers, scan->best_packed)) << "seed " << seed;
      }
    }
  }
}

/// Sums beyond single precision: scores of neighbouring places differ in their last bits alone.
TEST(SplitScan, FindsTheBestOfLargeSums) {
  for (const SplitScan* scan : scans()) {
    for (uint64_t seed = 0; seed < 200; ++seed) {
      Prefix<double> wide;
      constexpr int kCount = 254;
      Side sum{};
      for (int k = 0; k < 256; ++k) {
        if (k < kCount) {
          sum.g += static_cast<double>(random_below(seed, 1, static_cast<uint64_t>(k), 3)) - (k < 120 ? 3e11 : -2e11);
          sum.h += 1e12 + static_cast<double>(random_below(seed, 2, static_cast<uint64_t>(k), 5));
          sum.rows += 1e9;
        }
        wide.g[k] = sum.g;
        wide.h[k] = sum.h;
        wide.rows[k] = sum.rows;
      }
      for (const double lambda : {0.0, 1.0, 1e9, 1e300}) {
        SplitNumbers numbers;
        numbers.lambda = lambda;
        ScanTask task = task_of(sum, {-2, 7, 3}, seed % 2 == 0);
        task.count = kCount;
        const Candidate expected = best_by_definition(wide, task, numbers), found = scan->best_wide(wide, task, numbers);
        ASSERT_EQ(found.place, expected.place) << "seed " << seed << " lambda " << lambda;
        ASSERT_EQ(found.score, expected.score);
      }
    }
  }
}

}  // namespace
}  // namespace crisp
