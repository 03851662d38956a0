// Included once for each instruction set, in a namespace of its own.
#include <cstring>

#include "kernels/histogram/split_scan.h"

namespace crisp {
namespace {

constexpr int kStride = 8;  // places are worked on in whole vectors

int rounded(int count) { return (count + kStride - 1) / kStride * kStride; }

void prefix(const uint64_t* cells, int count, Prefix& out) {
  alignas(64) uint64_t sums[Prefix::kPlaces];
  uint64_t sum = 0;
  for (int k = 0; k < count; ++k) sums[k] = sum += cells[k];
  for (int k = count; k < rounded(count); ++k) sums[k] = sum;
  // As 32-bit numbers, which every instruction set converts in vectors.
  for (int k = 0; k < rounded(count); ++k) {
    const uint64_t cell = sums[k];
    out.g[k] = static_cast<double>(static_cast<int32_t>(cell >> 32) >> 7);
    out.h[k] = static_cast<double>(static_cast<int32_t>(cell >> 15 & 0xffffffu));
    out.rows[k] = static_cast<double>(static_cast<int32_t>(cell & 0x7fffu));
  }
}

Candidate best(const Prefix& p, int count, const Side& extra, const Side& total, const SplitNumbers& numbers) {
  alignas(64) int64_t bits[Prefix::kPlaces];  // scores are not negative: their bits have their order
  const double lambda = numbers.lambda, min_h = numbers.min_h, min_rows = numbers.min_rows;
  for (int k = 0; k < rounded(count); ++k) {
    const double gl = p.g[k] + extra.g, hl = p.h[k] + extra.h, nl = p.rows[k] + extra.rows;
    const double gr = total.g - gl, hr = total.h - hl, nr = total.rows - nl;
    const double left = hl + lambda, right = hr + lambda;
    const double score = (gl * gl * right + gr * gr * left) / (left * right);  // plain_score()
    int64_t score_bits;
    std::memcpy(&score_bits, &score, sizeof score);
    const bool fine = (hl >= min_h) & (hr >= min_h) & (nl >= min_rows) & (nr >= min_rows);
    bits[k] = fine ? score_bits : -1;
  }
  int64_t most = -1;
  for (int k = 0; k < rounded(count); ++k) most = bits[k] > most ? bits[k] : most;
  if (most < 0) return {};
  Candidate candidate;
  for (candidate.place = 0; bits[candidate.place] != most;) ++candidate.place;
  std::memcpy(&candidate.score, &most, sizeof most);
  return candidate;
}

}  // namespace
}  // namespace crisp
