// A block of rows through all trees at once, compiled once per instruction set. See mask_plan.h for what is done, and mask_engine.h for why there
// is no standard library here.
#include "cuda/simd.h"
#include "kernels/forest/mask_bits.h"
#include "kernels/forest/mask_engine.h"
#include "kernels/forest/traverse_row.h"

namespace crisp::forest {
namespace {

constexpr int kGroup = 16, kGroups = kMaskRows / kGroup;
constexpr uint16_t kFirstMask = 2;

/// The rows of the block.
struct Rows {
  const float* data;
  int64_t ld, count, columns;
};

/// Columns c ... c + 3 of all rows: to[(group * 4 + k) * 16 + lane] is column c + k of row 16 * group + lane. Rows beyond the last repeat it.
inline void load_quad(const Rows& rows, int64_t c, float* to) {
  for (int g = 0; g < kGroups; ++g, to += 4 * kGroup) {
    const float* row[kGroup];
    for (int lane = 0; lane < kGroup; ++lane) {
      const int64_t i = g * kGroup + lane;
      row[lane] = rows.data + (i < rows.count ? i : rows.count - 1) * rows.ld;
    }
    if (c + 4 <= rows.columns) {
      transpose_quad(row, c, to);
      continue;
    }
    for (int64_t k = 0; k < rows.columns - c; ++k) {
      for (int lane = 0; lane < kGroup; ++lane) to[k * kGroup + lane] = row[lane][c + k];
    }
  }
}

/// A bit for each value of four groups that is NaN.
inline uint64_t missing64(const float* x) {
  uint64_t bits = 0;
  for (int g = 0; g < 4; ++g) {
    const Floats<kGroup> values = Floats<kGroup>::load(x + g * 4 * kGroup);
    bits |= static_cast<uint64_t>(differing(values, values)) << (g * kGroup);
  }
  return bits;
}

#if defined(__AVX512F__)
/// What a value is compared with at a level of the search that stands at `at`: from registers as long as they hold the level.
inline __m512 bound_at(const float* from, int32_t level, __m512i at) {
  if (level <= 4) return _mm512_permutexvar_ps(at, _mm512_loadu_ps(from));
  if (level == 5) return _mm512_permutex2var_ps(_mm512_loadu_ps(from), at, _mm512_loadu_ps(from + 16));
  if (level > 7) return _mm512_i32gather_ps(at, from, 4);
  const int32_t middle = 1 << (level - 1);
  return _mm512_mask_blend_ps(_mm512_test_epi32_mask(at, _mm512_set1_epi32(middle)), bound_at(from, level - 1, at),
                              bound_at(from + middle, level - 1, at));
}
#endif

/// How many of a column's thresholds are below each value of four groups (as load_quad lays them): none for NaN.
inline void search64(const float* levels, int32_t count, const float* x, int32_t* ends) {
#if defined(__AVX512F__)
  constexpr int kRegisters = 4;
  __m512i at[kRegisters];
  for (int i = 0; i < kRegisters; ++i) at[i] = _mm512_setzero_si512();
  for (int32_t level = 0; level < count; ++level) {
    for (int i = 0; i < kRegisters; ++i) {
      const __mmask16 above = _mm512_cmp_ps_mask(_mm512_load_ps(x + i * 4 * kGroup), bound_at(levels, level, at[i]), _CMP_GT_OQ);
      at[i] = _mm512_add_epi32(at[i], at[i]);
      at[i] = _mm512_mask_add_epi32(at[i], above, at[i], _mm512_set1_epi32(1));
    }
    levels += level <= 4 ? 16 : int64_t{1} << level;
  }
  for (int i = 0; i < kRegisters; ++i) _mm512_storeu_si512(ends + i * kGroup, at[i]);
#elif defined(__AVX2__)
  constexpr int kRegisters = 8;
  __m256i at[kRegisters];
  for (int i = 0; i < kRegisters; ++i) at[i] = _mm256_setzero_si256();
  for (int32_t level = 0; level < count; ++level) {
    for (int i = 0; i < kRegisters; ++i) {
      const __m256 bound = level <= 3 ? _mm256_permutevar8x32_ps(_mm256_loadu_ps(levels), at[i]) : _mm256_i32gather_ps(levels, at[i], 4);
      const __m256 value = _mm256_load_ps(x + i / 2 * 4 * kGroup + i % 2 * 8);
      const __m256i above = _mm256_castps_si256(_mm256_cmp_ps(value, bound, _CMP_GT_OQ));
      at[i] = _mm256_sub_epi32(_mm256_add_epi32(at[i], at[i]), above);
    }
    levels += level <= 4 ? 16 : int64_t{1} << level;
  }
  for (int i = 0; i < kRegisters; ++i) _mm256_storeu_si256(reinterpret_cast<__m256i*>(ends + 8 * i), at[i]);
#else
  for (int g = 0; g < 4; ++g, x += 4 * kGroup, ends += kGroup) {
    for (int i = 0; i < kGroup; ++i) ends[i] = 0;
    const float* from = levels;
    for (int32_t level = 0; level < count; ++level) {
      for (int i = 0; i < kGroup; ++i) ends[i] = 2 * ends[i] + (x[i] > from[ends[i]]);
      from += level <= 4 ? 16 : int64_t{1} << level;
    }
  }
#endif
}

/// Codes that are whole and below `codes`; -1 for the others. As in_set cuts them off.
inline void codes64(const float* x, int32_t codes, int32_t* ends) {
  for (int i = 0; i < 64; ++i) {
    const float value = x[i / kGroup * 4 * kGroup + i % kGroup];
    ends[i] = value >= 0.0f && value < static_cast<float>(codes) ? static_cast<int32_t>(value) : -1;
  }
}

/// Puts every row's bit where its search ended (`ends` has room for column.answers), and the rows that are missing into a mask of their own.
inline Bits spread_rows(const MaskView& plan, const MaskColumn& column, const float* x, uint64_t* ends) {
  for (int64_t i = 0; i < static_cast<int64_t>(column.answers) * kMaskWords; ++i) ends[i] = 0;
  alignas(64) uint64_t missing[kMaskWords];
  for (int w = 0; w < kMaskWords; ++w, x += 16 * kGroup) {
    int32_t end[64];
    column.levels > 0 ? search64(plan.search + column.search, column.levels, x, end) : codes64(x, column.answers, end);
    missing[w] = missing64(x);
    for (int i = 0; i < 64; ++i) {
      if (column.levels > 0 || end[i] >= 0) ends[static_cast<int64_t>(end[i]) * kMaskWords + w] |= uint64_t{1} << i;
    }
  }
  return Bits::load(missing);
}

inline void answer_thresholds(const MaskView& plan, const MaskColumn& column, const Bits& missing, const uint64_t* ends, uint64_t* masks) {
  Bits right = Bits::load(ends + static_cast<int64_t>(column.answers - 1) * kMaskWords);
  int32_t next = column.answers - 2;
  for (int64_t c = column.first; c < column.last; ++c) {
    const MaskCondition& condition = plan.condition[c];
    for (; next >= condition.answer; --next) right = right | Bits::load(ends + static_cast<int64_t>(next) * kMaskWords);
    (condition.missing_left ? right : right | missing).store(masks + c * kMaskWords);
  }
}

inline void answer_sets(const MaskView& plan, const MaskColumn& column, const Bits& missing, const uint64_t* ends, uint64_t* masks) {
  alignas(64) uint64_t all[kMaskWords], none[kMaskWords];
  for (int w = 0; w < kMaskWords; ++w) {
    all[w] = ~uint64_t{0};
    none[w] = 0;
  }
  for (int64_t c = column.first; c < column.last; ++c) {
    const MaskCondition& condition = plan.condition[c];
    Bits left = Bits::load(none);
    for (int64_t k = plan.set_first[condition.answer]; k < plan.set_first[condition.answer + 1]; ++k) {
      left = left | Bits::load(ends + static_cast<int64_t>(plan.set_code[k]) * kMaskWords);
    }
    if (condition.missing_left) left = left | missing;
    Bits::without(Bits::load(all), left).store(masks + c * kMaskWords);
  }
}

/// Fills the masks of all conditions.
inline void answer_conditions(const MaskView& plan, const Rows& rows, const MaskMemory& memory) {
  alignas(64) float quad[4 * kMaskRows];
  int64_t loaded = -1;
  uint64_t* masks = memory.row + kFirstMask * kMaskWords;
  for (int64_t i = 0; i < plan.columns; ++i) {
    const MaskColumn& column = plan.column[i];
    if (column.feature / 4 != loaded) {
      loaded = column.feature / 4;
      load_quad(rows, loaded * 4, quad);
    }
    const Bits missing = spread_rows(plan, column, quad + column.feature % 4 * kGroup, memory.ends);
    column.levels > 0 ? answer_thresholds(plan, column, missing, memory.ends, masks)
                      : answer_sets(plan, column, missing, memory.ends, masks);
  }
}

/// Makes the planes of the tree's leaf numbers.
inline void answer_tree(const MaskStep* step, const MaskStep* last, uint64_t* row) {
  for (; step < last; ++step) {
    __builtin_prefetch(row + step[kAhead].mask * kMaskWords);
    Bits::choose(Bits::load(row + step->mask * kMaskWords), Bits::load(row + step->left * kMaskWords), Bits::load(row + step->right * kMaskWords))
        .store(row + step->to * kMaskWords);
  }
}

/// Eight bits of the numbers of 64 rows, a byte a row, from up to 8 planes.
inline void gather_planes(const uint64_t* row, const uint16_t* plane, int planes, int word, uint8_t* number) {
#if defined(__AVX512F__)
  __m512i all = _mm512_setzero_si512();
  for (int p = 0; p < planes; ++p) {
    all = _mm512_mask_add_epi8(all, row[plane[p] * kMaskWords + word], all, _mm512_set1_epi8(static_cast<char>(1 << p)));
  }
  _mm512_store_si512(number, all);
#elif defined(__AVX2__)
  const __m256i bytes = _mm256_setr_epi64x(0, 0x0101010101010101, 0x0202020202020202, 0x0303030303030303);
  const __m256i bit = _mm256_set1_epi64x(static_cast<int64_t>(0x8040201008040201));
  for (int half = 0; half < 2; ++half) {
    __m256i all = _mm256_setzero_si256();
    for (int p = 0; p < planes; ++p) {
      const auto word32 = static_cast<int>(row[plane[p] * kMaskWords + word] >> (32 * half));
      const __m256i spread = _mm256_and_si256(_mm256_shuffle_epi8(_mm256_set1_epi32(word32), bytes), bit);
      all = _mm256_or_si256(all, _mm256_and_si256(_mm256_cmpeq_epi8(spread, bit), _mm256_set1_epi8(static_cast<char>(1 << p))));
    }
    _mm256_store_si256(reinterpret_cast<__m256i*>(number + 32 * half), all);
  }
#else
  for (int byte = 0; byte < 8; ++byte) {
    uint64_t all = 0;
    for (int p = 0; p < planes; ++p) {
      const uint64_t bits = row[plane[p] * kMaskWords + word] >> (8 * byte) & 0xff;
      // Byte i keeps bit i; adding 127 carries it, wherever it is, into the byte's top bit.
      const uint64_t spread = (bits * 0x0101010101010101u & 0x8040201008040201u) + 0x7f7f7f7f7f7f7f7fu;
      all |= (spread >> 7 & 0x0101010101010101u) << p;
    }
    for (int i = 0; i < 8; ++i) number[8 * byte + i] = static_cast<uint8_t>(all >> (8 * i));
  }
#endif
}

/// Adds value[number[i] * width] to sum[i] for 64 rows.
template <bool kSingle, class Number>
inline void add_values(const double* value, int64_t width, const Number* number, double* sum) {
  for (int i = 0; i < 64; ++i) sum[i] = with_leaf<kSingle>(sum[i], value[number[i] * width]);
}

template <class Number>
inline void add_values(const MaskView& plan, const double* value, int64_t width, const Number* number, double* sum) {
  plan.single ? add_values<true>(value, width, number, sum) : add_values<false>(value, width, number, sum);
}

template <class Number>
inline void add_leaves(const MaskView& plan, const MaskTree& tree, int64_t t, const Number* number, double* sum) {
  const double* value = plan.value + tree.value;
  if (!plan.vector_leaves) {
    add_values(plan, value, 1, number, sum + (plan.outputs == 1 ? 0 : t % plan.outputs) * kMaskRows);
    return;
  }
  for (int64_t k = 0; k < plan.outputs; ++k) add_values(plan, value + k, plan.outputs, number, sum + k * kMaskRows);
}

inline void add_tree(const MaskView& plan, const MaskTree& tree, int64_t t, const MaskMemory& memory) {
  alignas(64) uint8_t low[64], high[64];
  for (int word = 0; word < kMaskWords; ++word) {
    gather_planes(memory.row, tree.plane, tree.planes < 8 ? tree.planes : 8, word, low);
    if (tree.planes <= 8) {
      add_leaves(plan, tree, t, low, memory.sum + word * 64);
      continue;
    }
    gather_planes(memory.row, tree.plane + 8, tree.planes - 8, word, high);
    uint16_t number[64];
    for (int i = 0; i < 64; ++i) number[i] = static_cast<uint16_t>(low[i] | high[i] << 8);
    add_leaves(plan, tree, t, number, memory.sum + word * 64);
  }
}

inline void sum_block(const MaskView& plan, const Rows& rows, const MaskMemory& memory) {
  for (int w = 0; w < kMaskWords; ++w) {
    memory.row[w] = 0;
    memory.row[kMaskWords + w] = ~uint64_t{0};
  }
  for (int64_t i = 0; i < plan.outputs * kMaskRows; ++i) memory.sum[i] = plan.start[i / kMaskRows];
  answer_conditions(plan, rows, memory);
  for (int64_t t = 0; t < plan.trees; ++t) {
    const MaskTree& tree = plan.tree[t];
    answer_tree(plan.step + tree.first_step, plan.step + tree.last_step, memory.row);
    add_tree(plan, tree, t, memory);
  }
}

}  // namespace
}  // namespace crisp::forest
