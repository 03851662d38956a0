// Scoring a block of rows against one tree, compiled once per instruction set. Rows are first sorted by the leaf they
// fall to (as quicksort would, every cut splits its range of rows in two); then every leaf's rows, 16 at a time in the
// lanes of registers, climb to the root together, so that a box's bounds are loaded once for all of them.
#include "cuda/simd.h"
#include "kernels/anomaly/random_cut_forest_engine.h"
#include "kernels/anomaly/random_cut_forest_row.h"

namespace crisp::rcf {
namespace {

using Lanes = Floats<kLanes>;

/// Rows [first, last) of index list `list` stand at `node`.
struct Range {
  int32_t node, list, first, last;
};

/// Splits the range's rows in place: those going left stay in the list's front, the others move to the same place's end
/// in the other list. Returns where the right ones begin.
inline int32_t split(const float* column, float cut, const int32_t* from, int32_t* left, int32_t* right, int32_t first,
                     int32_t last) {
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
#if defined(__AVX512F__)
  const __mmask16 live = static_cast<__mmask16>((1u << count) - 1);
  const __m512i at = _mm512_mask_loadu_epi32(_mm512_set1_epi32(index[count - 1]), live, index);
  for (int64_t c = 0; c < rows.columns; ++c) {
    _mm512_store_ps(tile + c * kLanes, _mm512_i32gather_ps(at, rows.by_column + c * rows.capacity, 4));
  }
#else
  for (int lane = 0; lane < kLanes; ++lane) {
    const float* row = rows.by_row + index[lane < count ? lane : count - 1] * rows.stride;
    for (int64_t c = 0; c < rows.columns; ++c) tile[c * kLanes + lane] = row[c];
  }
#endif
}

inline Lanes leaf_score(const TreeView& tree, const RowBlock& rows, const float* tile, int32_t leaf, uint32_t* equal) {
  const int32_t ordinal = tree.ordinal[leaf];
  const float* point = tree.points + ordinal * rows.stride;
  uint32_t differ = 0;
  for (int64_t c = 0; c < rows.columns && differ != 0xffff; ++c) {
    differ |= differing(Lanes::load(tile + c * kLanes), Lanes::all(point[c]));
  }
  *equal = ~differ & 0xffff;
  return Lanes::all(tree.unseen[leaf]);
}

/// S of every lane.
inline Lanes tile_sum_of_gaps(const float* tile, const float* low, const float* high, int64_t columns) {
  Lanes total = Lanes::all(0.0f);
  for (int64_t block = 0; block < columns; block += kBlock) {
    Lanes partial[kPartials];
    for (int k = 0; k < kPartials; ++k) partial[k] = Lanes::all(0.0f);
    const int64_t end = block + kBlock < columns ? block + kBlock : columns;
    int64_t c = block;
    for (; c + kPartials <= end; c += kPartials) {
      for (int k = 0; k < kPartials; ++k) {
        partial[k] = partial[k] + gap(Lanes::load(tile + (c + k) * kLanes), Lanes::all(low[c + k]), Lanes::all(high[c + k]));
      }
    }
    for (int k = 0; c + k < end; ++k) {
      partial[k] = partial[k] + gap(Lanes::load(tile + (c + k) * kLanes), Lanes::all(low[c + k]), Lanes::all(high[c + k]));
    }
    total = total + fold(partial);
  }
  return total;
}

inline void score_tile(const TreeView& tree, const RowBlock& rows, int32_t leaf, const int32_t* index, int count,
                       float* tile, double* total) {
  load_tile(rows, index, count, tile);
  uint32_t equal;
  Lanes score = leaf_score(tree, rows, tile, leaf, &equal);
  for (int32_t node = tree.parent[leaf]; node >= 0; node = tree.parent[node]) {
    const int32_t ordinal = tree.ordinal[node];
    const Lanes sum = tile_sum_of_gaps(tile, tree.low + ordinal * rows.stride, tree.high + ordinal * rows.stride, rows.columns);
    if (differing(sum, Lanes::all(0.0f)) == 0) break;  // inside this box, so inside all above
    score = climb(score, separation(sum, Lanes::all(tree.range[ordinal])), Lanes::all(tree.unseen[node]));
  }
  float result[kLanes];
  score.store(result);
  for (int lane = 0; lane < count; ++lane) {
    const float value = equal >> lane & 1 ? tree.seen[tree.ordinal[leaf]] : result[lane];
    total[index[lane]] += value * tree.normaliser;
  }
}

void score_block(const TreeView& tree, const RowBlock& rows, const Scratch& scratch, double* total) {
  const int32_t count = static_cast<int32_t>(rows.count);
  for (int32_t i = 0; i < count; ++i) scratch.index[0][i] = i;
  Range pending[kMaxSamples + 2];
  int waiting = 0;
  pending[waiting++] = {0, 0, 0, count};
  while (waiting > 0) {
    const Range range = pending[--waiting];
    int32_t* list = scratch.index[range.list];
    const int32_t dimension = tree.cut_dimension[range.node];
    if (dimension < 0) {
      for (int32_t i = range.first; i < range.last; i += kLanes) {
        const int32_t left = range.last - i;
        score_tile(tree, rows, range.node, list + i, left < kLanes ? left : kLanes, scratch.tile, total);
      }
      continue;
    }
    int32_t* other = scratch.index[1 - range.list];
    const int32_t middle = split(rows.by_column + dimension * rows.capacity, tree.cut_value[range.node], list, list,
                                 other, range.first, range.last);
    if (middle < range.last) pending[waiting++] = {tree.right[range.node], 1 - range.list, middle, range.last};
    if (middle > range.first) pending[waiting++] = {range.node + 1, range.list, range.first, middle};
  }
}

}  // namespace
}  // namespace crisp::rcf
