// Scoring a block of rows against one tree, compiled once per instruction set. Rows are first sorted by the
// leaf they fall to (as quicksort would, every cut splits its range of rows in two); then every leaf's rows,
// 16 at a time in the lanes of registers, climb to the root together, so that a box's bounds are loaded once
// for all of them.
#include "cuda/simd.h"
#include "kernels/anomaly/random_cut_forest_engine.h"
#include "kernels/anomaly/random_cut_forest_row.h"

namespace crisp::rcf {
namespace {

using Lanes = Floats<kLanes>;

/// Boxes that a tile climbs at a time: as many as there are registers for.
inline constexpr int kLevels = Lanes::kRegisters <= 2 ? 4 : 2;

/// Blocks smaller than this leave most lanes of most tiles empty: their rows are scored one by one.
inline constexpr int64_t kFewRows = 64;

/// Rows [first, last) of index list `list` stand at `node`.
struct Range {
  int32_t node, list, first, last;
};

/// Splits the range's rows in place: those going left stay in the list's front, the others move to the same
/// place's end in the other list. Returns where the right ones begin.
inline int32_t split(const float* column, float cut, const int32_t* from, int32_t* left, int32_t* right,
                     int32_t first, int32_t last) {
  int32_t left_end = first, right_begin = last;
#if defined(__AVX512F__)
  const __m512 bound = _mm512_set1_ps(cut);
  for (int32_t i = first; i < last; i += 16) {
    const __mmask16 live = last - i >= 16 ? 0xffff : static_cast<__mmask16>((1u << (last - i)) - 1);
    const __m512i rows = _mm512_maskz_loadu_epi32(live, from + i);
    const __m512 x = _mm512_mask_i32gather_ps(bound, live, rows, column, 4);
    const __mmask16 goes_left = _mm512_mask_cmp_ps_mask(live, x, bound, _CMP_LE_OQ);
    const __mmask16 goes_right = live & ~goes_left;
    const int lefts = __builtin_popcount(goes_left), rights = __builtin_popcount(goes_right);
    _mm512_mask_storeu_epi32(left + left_end, static_cast<__mmask16>((1u << lefts) - 1),
                             _mm512_maskz_compress_epi32(goes_left, rows));
    left_end += lefts;
    right_begin -= rights;
    _mm512_mask_storeu_epi32(right + right_begin, static_cast<__mmask16>((1u << rights) - 1),
                             _mm512_maskz_compress_epi32(goes_right, rows));
  }
#else
  for (int32_t i = first; i < last; ++i) {
    const int32_t row = from[i];
    const bool goes_left = column[row] <= cut;
    left[left_end] = row;
    right[right_begin - 1] = row;
    left_end += goes_left;
    right_begin -= !goes_left;
  }
#endif
  return left_end;
}

/// The rows of one tile, transposed: tile[column * 16 + lane]. Lanes beyond `count` repeat the last row.
inline void load_tile(const RowBlock& rows, const int32_t* index, int count, float* tile) {
  const float* row[kLanes];
  for (int lane = 0; lane < kLanes; ++lane) {
    row[lane] = rows.by_row + index[lane < count ? lane : count - 1] * rows.stride;
  }
  for (int64_t c = 0; c < rows.columns; c += 4) transpose_quad(row, c, tile + c * kLanes);
}

/// A bit per lane whose row equals the leaf's point.
inline uint32_t equal_lanes(const float* tile, const float* point, int64_t columns) {
  uint32_t differ = 0;
  for (int64_t c = 0; c < columns && differ != 0xffff; ++c) {
    differ |= differing(Lanes::load(tile + c * kLanes), Lanes::all(point[c]));
  }
  return ~differ & 0xffff;
}

/// The way from a leaf's parent to the root.
struct Path {
  int32_t leaf;
  int length;
  const float* box[kMaxSamples];
  float range[kMaxSamples];
  float unseen[kMaxSamples];
};

inline void find_path(const TreeView& tree, int32_t leaf, Path& path) {
  path.leaf = leaf;
  path.length = 0;
  for (int32_t node = tree.parent[leaf]; node >= 0; node = tree.parent[node]) {
    const int32_t ordinal = tree.ordinal[node];
    path.box[path.length] = tree.boxes + ordinal * 2 * tree.stride;
    path.range[path.length] = tree.range[ordinal];
    path.unseen[path.length++] = tree.unseen[node];
  }
}

/// The dimensions in which a lane is still outside, a bit each, 32 to a block. A box holds those of its
/// descendants, so what is inside one is inside all that follow, and adds nothing to their sums.
struct Active {
  uint32_t* bits;
  int64_t blocks;
};

inline void activate_all(int64_t columns, const Active& active) {
  for (int64_t b = 0; b < active.blocks; ++b) {
    const int64_t left = columns - b * kBlock;
    active.bits[b] = left < kBlock ? (1u << left) - 1 : ~0u;
  }
}

/// `Levels` boxes at a time, so that a column of the tile is loaded once for all of them. False where no lane
/// is outside the last one.
template <int Levels>
inline bool climb_levels(const Path& path, int level, const float* tile, const Active& active, Lanes& score) {
  Lanes total[Levels];
  const float* box[Levels];
  for (int l = 0; l < Levels; ++l) {
    total[l] = Lanes::all(0.0f);
    box[l] = path.box[level + l];
  }
  uint32_t any_outside = 0;
  for (int64_t b = 0; b < active.blocks; ++b) {
    Lanes sum[Levels];
    for (int l = 0; l < Levels; ++l) sum[l] = Lanes::all(0.0f);
    uint32_t outside = 0;
    for (uint32_t bits = active.bits[b]; bits != 0; bits &= bits - 1) {
      const int bit = __builtin_ctz(bits);
      const int64_t c = b * kBlock + bit;
      const Lanes x = Lanes::load(tile + c * kLanes);
      Lanes g;
      for (int l = 0; l < Levels; ++l) {
        g = gap(x, Lanes::all(box[l][2 * c]), Lanes::all(box[l][2 * c + 1]));
        sum[l] = sum[l] + g;
      }
      outside |= static_cast<uint32_t>(any_positive(g)) << bit;
    }
    active.bits[b] = outside;
    any_outside |= outside;
    for (int l = 0; l < Levels; ++l) total[l] = total[l] + sum[l];
  }
  for (int l = 0; l < Levels; ++l) {
    const Lanes p = separation(total[l], Lanes::all(path.range[level + l]));
    score = climb(score, p, Lanes::all(path.unseen[level + l]));
  }
  return any_outside != 0;
}

/// The first `count` levels, fewer than kLevels: what remains then is a multiple of it.
template <int Levels>
inline bool climb_first(int count, const Path& path, const float* tile, const Active& active, Lanes& score) {
  if constexpr (Levels > 1) {
    if (count < Levels) return climb_first<Levels - 1>(count, path, tile, active, score);
  }
  return climb_levels<Levels>(path, 0, tile, active, score);
}

inline Lanes climb_path(const TreeView& tree, const Path& path, const float* tile, const Active& active) {
  Lanes score = Lanes::all(tree.unseen[path.leaf]);
  activate_all(tree.columns, active);
  int level = path.length % kLevels;
  bool outside = true;
  if (level > 0) outside = climb_first<kLevels - 1>(level, path, tile, active, score);
  for (; outside && level < path.length; level += kLevels) {
    outside = climb_levels<kLevels>(path, level, tile, active, score);
  }
  return score;
}

inline void score_tile(const TreeView& tree, const Path& path, const RowBlock& rows, const int32_t* index,
                       int count, const Scratch& scratch, double* total) {
  load_tile(rows, index, count, scratch.tile);
  const Active active{scratch.active, (rows.columns + kBlock - 1) / kBlock};
  const Lanes score = climb_path(tree, path, scratch.tile, active);
  const int32_t ordinal = tree.ordinal[path.leaf];
  const uint32_t equal = equal_lanes(scratch.tile, tree.points + ordinal * rows.stride, rows.columns);
  float result[kLanes];
  score.store(result);
  for (int lane = 0; lane < count; ++lane) {
    const float value = equal >> lane & 1 ? tree.seen[ordinal] : result[lane];
    total[index[lane]] += value * tree.normaliser;
  }
}

/// S of one row, lanes over the bounds of its columns: a box holds them by turns, as `pairs` holds x twice.
/// Of the two gaps of a column at most one is not 0, so their sum is the column's gap.
inline float row_sum_of_gaps(const float* pairs, const float* box, int64_t columns) {
  alignas(64) static constexpr float kSides[kLanes] = {-1, 1, -1, 1, -1, 1, -1, 1,
                                                       -1, 1, -1, 1, -1, 1, -1, 1};
  const Lanes sides = Lanes::load(kSides), zero = Lanes::all(0.0f);
  float total = 0.0f;
  for (int64_t block = 0; block < columns; block += kBlock) {
    const int64_t width = columns - block < kBlock ? columns - block : kBlock;
    alignas(64) float gaps[2 * kBlock];
    for (int64_t i = 0; i < 2 * width; i += kLanes) {
      const Lanes outside = (Lanes::load(pairs + 2 * block + i) - Lanes::load(box + 2 * block + i)) * sides;
      max_of(outside, zero).store(gaps + i);
    }
    float sum = 0.0f;
    for (int64_t c = 0; c < width; ++c) sum = sum + (gaps[2 * c] + gaps[2 * c + 1]);
    total = total + sum;
  }
  return total;
}

/// score_row() of the row maths, faster; `pairs` has room for every column twice, padded.
inline float score_one(const TreeView& tree, const float* x, const float* pairs, int32_t leaf) {
  if (equals_leaf(tree, x, leaf)) return tree.seen[tree.ordinal[leaf]];
  float score = tree.unseen[leaf];
  for (int32_t node = tree.parent[leaf]; node >= 0; node = tree.parent[node]) {
    const int32_t ordinal = tree.ordinal[node];
    const float sum = row_sum_of_gaps(pairs, tree.boxes + ordinal * 2 * tree.stride, tree.columns);
    if (sum == 0.0f) break;
    score = climb(score, separation(sum, tree.range[ordinal]), tree.unseen[node]);
  }
  return score;
}

inline void double_row(const float* x, int64_t stride, float* pairs) {
  for (int64_t c = 0; c < stride; ++c) pairs[2 * c] = pairs[2 * c + 1] = x[c];
}

void score_rows(const TreeView& tree, const RowBlock& rows, const Scratch& scratch, double* total) {
  for (int64_t i = 0; i < rows.count; ++i) {
    const float* x = rows.by_row + i * rows.stride;
    double_row(x, rows.stride, scratch.tile);
    total[i] += score_one(tree, x, scratch.tile, leaf_of(tree, x)) * tree.normaliser;
  }
}

void score_block(const TreeView& tree, const RowBlock& rows, const Scratch& scratch, double* total) {
  if (rows.count < kFewRows) return score_rows(tree, rows, scratch, total);
  const int32_t count = static_cast<int32_t>(rows.count);
  for (int32_t i = 0; i < count; ++i) scratch.index[0][i] = i;
  Range pending[kMaxSamples + 2];
  Path path;
  int waiting = 0;
  pending[waiting++] = {0, 0, 0, count};
  while (waiting > 0) {
    const Range range = pending[--waiting];
    int32_t* list = scratch.index[range.list];
    const int32_t dimension = tree.cut_dimension[range.node];
    if (dimension < 0) {
      find_path(tree, range.node, path);
      for (int32_t i = range.first; i < range.last; i += kLanes) {
        const int32_t left = range.last - i;
        score_tile(tree, path, rows, list + i, left < kLanes ? left : kLanes, scratch, total);
      }
      continue;
    }
    int32_t* other = scratch.index[1 - range.list];
    const int32_t middle = split(rows.by_column + dimension * rows.capacity, tree.cut_value[range.node], list,
                                 list, other, range.first, range.last);
    if (middle < range.last)
      pending[waiting++] = {tree.right[range.node], 1 - range.list, middle, range.last};
    if (middle > range.first) pending[waiting++] = {range.node + 1, range.list, range.first, middle};
  }
}

}  // namespace
}  // namespace crisp::rcf
