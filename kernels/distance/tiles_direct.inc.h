// Distances as sums of differences, and nothing else: no cancellation. Included by tiles.inc.h.
namespace crisp::distance {
namespace {

constexpr int kDirectRows = 6;  // two sums each, and k-means++ has few candidates

template <class Term>
inline void direct_pair(const float* group, const float* panel, int64_t columns, float* tile) {
  TileSums<kDirectRows> total;
#pragma GCC unroll 12
  for (int r = 0; r < kDirectRows; ++r) total.sum[r][0] = total.sum[r][1] = all_of(0.0f);
  for (int64_t block = 0; block < columns; block += kColumnBlock) {
    const int64_t width = columns - block < kColumnBlock ? columns - block : kColumnBlock;
    TileSums<kDirectRows> part;
#pragma GCC unroll 12
    for (int r = 0; r < kDirectRows; ++r) part.sum[r][0] = part.sum[r][1] = all_of(0.0f);
    add_columns<Term>(group + block * kGroupRows, panel + block * kPanelRows, width, part);
    for (int r = 0; r < kDirectRows; ++r) {
      total.sum[r][0] = total.sum[r][0] + part.sum[r][0];
      total.sum[r][1] = total.sum[r][1] + part.sum[r][1];
    }
  }
  for (int r = 0; r < kDirectRows; ++r) {
    store_register(tile + r * kPanelRows, total.sum[r][0]);
    store_register(tile + r * kPanelRows + kRegisterLanes, total.sum[r][1]);
  }
}

template <class Term>
void direct_tile(const float* group, int rows, const float* panel, int64_t columns, float* tile) {
  for (int r = 0; r < rows; r += kDirectRows) {
    for (int lane = 0; lane < kPanelRows; lane += kPair) {
      direct_pair<Term>(group + r, panel + lane, columns, tile + r * kPanelRows + lane);
    }
  }
}

void direct_any(Metric metric, const float* group, int rows, const float* panel, int64_t columns, float* tile) {
  if (metric == Metric::l1) return direct_tile<Absolutes>(group, rows, panel, columns, tile);
  direct_tile<Squares>(group, rows, panel, columns, tile);
}

void add_fixed(const float* row, const double* factor, int64_t columns, int64_t* plus, int64_t* minus) {
  typedef int64_t SomeBits __attribute__((vector_size(64), aligned(8)));
  typedef double SomeDoubles __attribute__((vector_size(64), aligned(8)));
  const int64_t offset = static_cast<int64_t>(double_bits(kmeans::kToInteger));
  for (int64_t j = 0; j < columns; j += kLanesOfSum) {
    const EightDoubles x = __builtin_convertvector(*reinterpret_cast<const EightFloats*>(row + j), EightDoubles);
    const EightDoubles shifted = x * *reinterpret_cast<const SomeDoubles*>(factor + j) + kmeans::kToInteger;
    const EightBits value = reinterpret_cast<EightBits>(shifted) - offset;
    *reinterpret_cast<SomeBits*>(plus + j) += value;
    if (minus != nullptr) *reinterpret_cast<SomeBits*>(minus + j) -= value;
  }
}

}  // namespace
}  // namespace crisp::distance
