/// The body of lane_sums_*: included once by each file of an instruction set.
#include "kernels/statistics/lane_sums.h"

namespace crisp {
namespace {

#if defined(__AVX512F__)
constexpr int kWidth = 16;
#elif defined(__AVX2__)
constexpr int kWidth = 8;
#else
constexpr int kWidth = 4;
#endif

// GCC's vectors: + - * and compares lane by lane, on every machine.
typedef float FloatLanes __attribute__((vector_size(kWidth * 4), aligned(4)));
typedef int32_t IntegerLanes __attribute__((vector_size(kWidth * 4)));
typedef float HalfFloats __attribute__((vector_size(kWidth * 2), aligned(4)));
typedef double DoubleLanes __attribute__((vector_size(kWidth * 4)));
typedef int64_t LongLanes __attribute__((vector_size(kWidth * 4)));
constexpr int kDoubles = kWidth / 2;

/// The power sums of kDoubles columns.
struct Powers {
  DoubleLanes pivot, power1, power2, power3, power4;

  void add(const float* p) {
    const DoubleLanes x = __builtin_convertvector(*reinterpret_cast<const HalfFloats*>(p), DoubleLanes);
    const LongLanes there = x == x;
    const DoubleLanes d = reinterpret_cast<DoubleLanes>(reinterpret_cast<LongLanes>(x - pivot) & there);
    const DoubleLanes square = d * d;
    power1 += d;
    power2 += square;
    power3 += square * d;
    power4 += square * square;
  }
};

/// The sums of kWidth columns.
struct Block {
  Powers powers[2] = {};
  FloatLanes low = {}, high = {};
  IntegerLanes count = {};

  explicit Block(const double* pivot) {
    for (int k = 0; k < kWidth; ++k) powers[k / kDoubles].pivot[k % kDoubles] = pivot[k];
    low += HUGE_VALF;
    high -= HUGE_VALF;
  }

  void add(const float* p) {
    const FloatLanes x = *reinterpret_cast<const FloatLanes*>(p);
    powers[0].add(p);
    powers[1].add(p + kDoubles);
    low = x < low ? x : low;
    high = x > high ? x : high;
    count -= x == x;
  }

  void store(PowerSums* out) const {
    for (int k = 0; k < kWidth; ++k) {
      const Powers& half = powers[k / kDoubles];
      const int lane = k % kDoubles;
      out[k] = {half.power1[lane], half.power2[lane], half.power3[lane], half.power4[lane], count[k], low[k], high[k]};
    }
  }
};

/// Reads ahead of the hardware, which stops at the end of each page of 4 KiB.
constexpr int64_t kAheadBytes = 4096;

void block_sums(MatrixView<const float> rows, const double* pivot, int64_t j, PowerSums* out) {
  Block block(pivot + j);
  for (int64_t i = 0; i < rows.rows; ++i) {
    const float* p = rows.row(i) + j;
    __builtin_prefetch(reinterpret_cast<const char*>(p) + kAheadBytes);
    block.add(p);
  }
  block.store(out + j);
}

#if defined(__AVX512F__)
/// Two blocks in one walk, so that memory is read in its order: 26 of the 32 registers.
void pair_sums(MatrixView<const float> rows, const double* pivot, int64_t j, int64_t k, PowerSums* out) {
  Block first(pivot + j), second(pivot + k);
  for (int64_t i = 0; i < rows.rows; ++i) {
    const float* p = rows.row(i);
    __builtin_prefetch(reinterpret_cast<const char*>(p + j) + kAheadBytes);
    __builtin_prefetch(reinterpret_cast<const char*>(p + k) + kAheadBytes);
    first.add(p + j);
    second.add(p + k);
  }
  first.store(out + j);
  second.store(out + k);
}
#endif

/// The last block reaches back over columns that are done already: they get the same sums again.
void all_sums(MatrixView<const float> rows, const double* pivot, PowerSums* out) {
  int64_t j = 0;
  const int64_t last = rows.columns - kWidth;
  if (last >= 0) {
#if defined(__AVX512F__)
    for (; j < last; j += 2 * kWidth) pair_sums(rows, pivot, j, j + kWidth < last ? j + kWidth : last, out);
#endif
    for (; j < last; j += kWidth) block_sums(rows, pivot, j, out);
    if (j < rows.columns) block_sums(rows, pivot, last, out);
    return;
  }
  for (; j < rows.columns; ++j) {
    PowerSums sums;
    for (int64_t i = 0; i < rows.rows; ++i) sums.add(static_cast<double>(rows.at(i, j)), pivot[j]);
    out[j] = sums;
  }
}

}  // namespace
}  // namespace crisp
