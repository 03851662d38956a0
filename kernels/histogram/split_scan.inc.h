// Included once for each instruction set, in a namespace of its own.
#include <algorithm>
#include <bit>
#include <cmath>
#include <limits>

#include "kernels/histogram/split_scan.h"

namespace crisp {
namespace {

void prefix(const uint64_t* cells, int count, Prefix<int32_t>& out) {
  alignas(64) uint64_t sums[Prefix<int32_t>::kPlaces];
  uint64_t sum = 0;
  for (int k = 0; k < count; ++k) sums[k] = sum += cells[k];
  for (int k = count; k < out.whole(count); ++k) sums[k] = sum;
  for (int k = 0; k < out.whole(count); ++k) {
    const uint64_t cell = sums[k];
    out.g[k] = static_cast<int32_t>(cell >> 32) >> 7;
    out.h[k] = static_cast<int32_t>(cell >> 15 & 0xffffffu);
    out.rows[k] = static_cast<int32_t>(cell & 0x7fffu);
  }
}

/// Whole numbers compare as the doubles do that they are taken from.
template <class Number>
Number at_least(double least) {
  return static_cast<Number>(std::min(std::ceil(least), static_cast<double>(std::numeric_limits<Number>::max())));
}

/// How far a score in single precision is from the exact one, at most, of its size: some 16 roundings of 2^-24 each, with room.
constexpr float kScoreError = 1.0f / (1 << 18);

/// Scores in single precision first; only those that may be the best are then taken exactly.
template <class Number>
Candidate best(const Prefix<Number>& p, const ScanTask& task, const SplitNumbers& numbers) {
  alignas(64) int32_t bits[Prefix<Number>::kPlaces];  // scores are not negative: their bits have their order
  const auto eg = static_cast<Number>(task.extra.g), eh = static_cast<Number>(task.extra.h), en = static_cast<Number>(task.extra.rows);
  const auto tg = static_cast<Number>(task.total.g), th = static_cast<Number>(task.total.h), tn = static_cast<Number>(task.total.rows);
  const auto min_h = at_least<Number>(numbers.min_h), min_rows = at_least<Number>(numbers.min_rows);
  const auto lambda = static_cast<float>(numbers.lambda);
  const int places = p.whole(task.count);
  for (int k = 0; k < places; ++k) {
    const Number gl = p.g[k] + eg, hl = p.h[k] + eh, nl = p.rows[k] + en;
    const Number gr = tg - gl, hr = th - hl, nr = tn - nl;
    const auto gradient_left = static_cast<float>(gl), gradient_right = static_cast<float>(gr);
    const float score = gradient_left / (static_cast<float>(hl) + lambda) * gradient_left +
                        gradient_right / (static_cast<float>(hr) + lambda) * gradient_right;
    const Number least_h = hl < hr ? hl : hr, least_rows = nl < nr ? nl : nr;
    const int32_t refused = -static_cast<int32_t>((least_h < min_h) | (least_rows < min_rows));
    bits[k] = std::bit_cast<int32_t>(score) | refused;  // no branch, nor anything that becomes one
  }
  int32_t most = -1;
  for (int k = 0; k < places; ++k) most = bits[k] > most ? bits[k] : most;
  const float most_score = std::bit_cast<float>(most);
  if (most < 0 || static_cast<double>(most_score) * (1 + static_cast<double>(kScoreError)) < task.floor) return {};
  const auto least = std::bit_cast<int32_t>(most_score * (1 - 2 * kScoreError));
  Candidate found;
  for (int k = 0; k < task.count; ++k) {
    if (bits[k] < least) continue;
    const Side sums = p.at(k);
    const double g = sums.g + task.extra.g, h = sums.h + task.extra.h;
    const double score = plain_score(g, h, task.total.g - g, task.total.h - h, numbers.lambda);
    if (score > found.score) found = {score, k};
  }
  return found;
}

}  // namespace
}  // namespace crisp
