// The inner loops, compiled once per instruction set. A tile is a few rows, each column's value broadcast, against two
// registers of a panel's neighbouring rows, its sums kept in registers until the last column. Estimates may use FMA and
// any order, because they only rule rows out; measures and direct distances keep to the order of their contracts.
#include <limits>

#include "cuda/simd.h"
#include "kernels/distance/distance_bound.h"
#include "kernels/distance/kmeans_row.h"
#include "kernels/distance/pair_sum_row.h"
#include "kernels/distance/tiles.h"

namespace crisp::distance {
namespace {

constexpr int kPair = 2 * kRegisterLanes;            // panel rows that a tile meets at a time
constexpr int kTileRows = kRegisterLanes == 16 ? 12 : 6;  // of 32 registers, or of 16
static_assert(kGroupRows % kTileRows == 0 && kPanelRows % kPair == 0);

inline Register multiply_add(Register a, Register b, Register c) {
#if defined(__AVX512F__)
  return _mm512_fmadd_ps(a, b, c);
#elif defined(__AVX2__)
  return _mm256_fmadd_ps(a, b, c);
#else
  return a * b + c;
#endif
}

/// A bit per lane where a > b is not so: true where either is NaN.
inline uint32_t not_above(Register a, Register b) {
#if defined(__AVX512F__)
  return _mm512_cmp_ps_mask(a, b, _CMP_NGT_UQ);
#elif defined(__AVX2__)
  return static_cast<uint32_t>(_mm256_movemask_ps(_mm256_cmp_ps(a, b, _CMP_NGT_UQ)));
#elif defined(__SSE2__)
  return static_cast<uint32_t>(_mm_movemask_ps(_mm_cmpngt_ps(a, b)));
#else
  alignas(64) float x[kRegisterLanes], y[kRegisterLanes];
  store_register(x, a);
  store_register(y, b);
  uint32_t bits = 0;
  for (int l = 0; l < kRegisterLanes; ++l) bits |= static_cast<uint32_t>(!(x[l] > y[l])) << l;
  return bits;
#endif
}

struct Products {
  static Register add(Register q, Register x, Register sum) { return multiply_add(q, x, sum); }
};
struct Squares {
  static Register add(Register q, Register x, Register sum) {
    const Register d = q - x;
    return sum + d * d;
  }
};
struct Absolutes {
  static Register add(Register q, Register x, Register sum) { return sum + register_abs(q - x); }
};

template <int Rows>
struct TileSums {
  Register sum[Rows][2];
};

/// Adds columns [0, columns) of `Rows` group rows against kPair panel rows.
template <class Term, int Rows>
inline void add_columns(const float* group, const float* panel, int64_t columns, TileSums<Rows>& tile) {
  for (int64_t j = 0; j < columns; ++j) {
    const Register a = load_register(panel + j * kPanelRows);
    const Register b = load_register(panel + j * kPanelRows + kRegisterLanes);
#pragma GCC unroll 12
    for (int r = 0; r < Rows; ++r) {
      const Register q = all_of(group[j * kGroupRows + r]);
      tile.sum[r][0] = Term::add(q, a, tile.sum[r][0]);
      tile.sum[r][1] = Term::add(q, b, tile.sum[r][1]);
    }
  }
}

// GCC's vectors: eight lanes on every machine, in as many registers as they take.
typedef float EightFloats __attribute__((vector_size(32), aligned(4)));
typedef double EightDoubles __attribute__((vector_size(64)));
typedef int64_t EightBits __attribute__((vector_size(64)));

template <Metric metric>
double measure_rows(const float* a, double scale_a, const float* b, double scale_b, int64_t columns) {
  EightDoubles sum = {};
  for (int64_t j = 0; j < columns; j += kLanesOfSum) {
    EightDoubles x = __builtin_convertvector(*reinterpret_cast<const EightFloats*>(a + j), EightDoubles);
    EightDoubles y = __builtin_convertvector(*reinterpret_cast<const EightFloats*>(b + j), EightDoubles);
    if constexpr (metric == Metric::cosine) x *= scale_a, y *= scale_b;
    const EightDoubles d = x - y;
    if constexpr (metric == Metric::l1) {
      sum += reinterpret_cast<EightDoubles>(reinterpret_cast<EightBits>(d) & std::numeric_limits<int64_t>::max());
    } else {
      sum += d * d;
    }
  }
  alignas(64) double lane[kLanesOfSum];
  *reinterpret_cast<EightDoubles*>(lane) = sum;
  return measure_of<metric>(fold_lanes(lane), scale_a, scale_b);
}

double measure_any(Metric metric, const float* a, double scale_a, const float* b, double scale_b, int64_t columns) {
  if (metric == Metric::l1) return measure_rows<Metric::l1>(a, scale_a, b, scale_b, columns);
  if (metric == Metric::cosine) return measure_rows<Metric::cosine>(a, scale_a, b, scale_b, columns);
  return measure_rows<Metric::l2>(a, scale_a, b, scale_b, columns);
}

/// Puts `next` in the place of the furthest and lets it sink.
inline void replace_furthest(const NearestList& list, Neighbour next) {
  int32_t at = 0;
  for (int32_t child = 1; child < list.k; child = 2 * at + 1) {
    if (child + 1 < list.k && comes_before(list.heap[child], list.heap[child + 1])) ++child;
    if (!comes_before(next, list.heap[child])) break;
    list.heap[at] = list.heap[child];
    at = child;
  }
  list.heap[at] = next;
}

/// Measures the pairs that the estimates left over; lane i of query r is row `row + i`.
template <Metric metric>
[[gnu::noinline]] void keep_hits(const Database& database, const QueryGroup& queries, int64_t row,
                                 const uint32_t* hits) {
  const PaddedRows& rows = *database.rows;
  const double slack = relative_slack(rows.columns);
  for (int r = 0; r < queries.count; ++r) {
    const int64_t query = queries.first + r;
    const double query_scale = queries.rows->scale_of(query);
    const NearestList& list = queries.lists[r];
    bool changed = false;
    for (uint32_t bits = hits[r]; bits != 0; bits &= bits - 1) {
      const int64_t i = row + __builtin_ctz(bits);
      if (i >= rows.rows) break;
      const double measure = measure_rows<metric>(queries.rows->row(query), query_scale, rows.row(i),
                                                  rows.scale_of(i), rows.columns);
      const Neighbour found{measure_key(measure), i};
      if (!comes_before(found, list.heap[0])) continue;
      replace_furthest(list, found);
      changed = true;
    }
    if (!changed) continue;
    const double furthest = double_from_bits(list.heap[0].key);
    queries.limits[r] = estimate_limit(metric, furthest, queries.norms[r], query_scale, slack);
  }
}

/// The bits of hits[r] that kPair panel rows add; returns whether there are any.
template <class Term, bool norms>
inline uint32_t estimate_tile(const QueryGroup& queries, int first_row, const Panels& panels, int64_t panel,
                              int lane, uint32_t* hits) {
  TileSums<kTileRows> tile;
  Register start[2] = {all_of(0.0f), all_of(0.0f)};
  if constexpr (norms) {
    const float* norm = panels.norms.data() + panel * kPanelRows + lane;
    start[0] = load_register(norm);
    start[1] = load_register(norm + kRegisterLanes);
  }
#pragma GCC unroll 12
  for (int r = 0; r < kTileRows; ++r) tile.sum[r][0] = start[0], tile.sum[r][1] = start[1];
  add_columns<Term>(queries.values + first_row, panels.panel(panel) + lane, panels.columns, tile);
  uint32_t any = 0;
#pragma GCC unroll 12
  for (int r = 0; r < kTileRows; ++r) {
    const Register limit = all_of(queries.limits[first_row + r]);
    const uint32_t low = not_above(tile.sum[r][0], limit), high = not_above(tile.sum[r][1], limit);
    const uint32_t found = low | high << kRegisterLanes;
    hits[first_row + r] |= found << lane;
    any |= found;
  }
  return any;
}

/// Hits that wait until the next ones are found: by then their rows have come from memory.
struct WaitingHits {
  int64_t row = -1;
  uint32_t hits[kGroupRows];

  /// Asks for the rows; false where there are so many that limits had better be lowered at once.
  bool fetch(const PaddedRows& rows) const {
    constexpr int64_t kMostFetched = 64;  // floats; the hardware goes on from there
    constexpr int kMostWaiting = 6;
    uint32_t any = 0;
    for (const uint32_t of_query : hits) any |= of_query;
    if (__builtin_popcount(any) > kMostWaiting) return false;
    for (; any != 0; any &= any - 1) {
      const float* at = rows.row(row + __builtin_ctz(any));
      for (int64_t j = 0; j < rows.ld && j < kMostFetched; j += 16) __builtin_prefetch(at + j);
    }
    return true;
  }
};

template <Metric metric>
void scan_panels(const Database& database, const QueryGroup& queries, int64_t first, int64_t last) {
  using Term = std::conditional_t<metric == Metric::l1, Absolutes, Products>;
  WaitingHits waiting;
  for (int64_t p = first; p < last; ++p) {
    uint32_t hits[kGroupRows] = {}, any = 0;
    for (int lane = 0; lane < kPanelRows; lane += kPair) {
      for (int r = 0; r < queries.count; r += kTileRows) {
        any |= estimate_tile<Term, metric != Metric::l1>(queries, r, *database.panels, p, lane, hits);
      }
    }
    if (any == 0) continue;
    if (waiting.row >= 0) keep_hits<metric>(database, queries, waiting.row, waiting.hits);
    waiting.row = p * kPanelRows;
    for (int r = 0; r < kGroupRows; ++r) waiting.hits[r] = hits[r];
    if (waiting.fetch(*database.rows)) continue;
    keep_hits<metric>(database, queries, waiting.row, waiting.hits);
    waiting.row = -1;
  }
  if (waiting.row >= 0) keep_hits<metric>(database, queries, waiting.row, waiting.hits);
}

void scan_any(const Database& database, const QueryGroup& queries, int64_t first, int64_t last) {
  if (database.metric == Metric::l1) return scan_panels<Metric::l1>(database, queries, first, last);
  if (database.metric == Metric::cosine) return scan_panels<Metric::cosine>(database, queries, first, last);
  scan_panels<Metric::l2>(database, queries, first, last);
}

}  // namespace
}  // namespace crisp::distance

#include "kernels/distance/tiles_assign.inc.h"
#include "kernels/distance/tiles_direct.inc.h"

namespace crisp::distance {
namespace {

constexpr Tiles kTiles = {scan_any, assign_panels, measure_any, direct_any, add_fixed};

}  // namespace
}  // namespace crisp::distance
