// The entry points of scoring: arguments checked, instruction set chosen, rows cut into blocks. A block of
// rows passes through one tree after the other while its rows stay in the cache.
#include "kernels/anomaly/random_cut_forest.h"

#include <algorithm>
#include <atomic>
#include <bit>
#include <memory>

#include "cuda/aligned.h"
#include "cuda/buffer.h"
#include "cuda/cpu_isa.h"
#include "cuda/error.h"
#include "cuda/nvtx.h"
#include "kernels/anomaly/random_cut_forest_attribute_row.h"
#include "kernels/anomaly/random_cut_forest_engine.h"
#include "kernels/anomaly/random_cut_forest_gpu.h"
#include "kernels/anomaly/random_cut_forest_row.h"

namespace crisp {
namespace rcf {

bool row_is_finite(const float* row, int64_t columns) {
  uint32_t largest =
      0;  // bits without the sign order as magnitudes do, with infinity and NaN above all numbers
  for (int64_t c = 0; c < columns; ++c) {
    largest = std::max(largest, std::bit_cast<uint32_t>(row[c]) & 0x7fffffffu);
  }
  return largest <= std::bit_cast<uint32_t>(kLargestValue);
}

namespace {

// Enough rows that most leaves fill whole tiles, few enough that a block stays in the second-level cache.
constexpr int64_t kBlockRows = 4096;
constexpr int64_t kAttributionRows = 16;

/// A block's rows in both layouts, and the scratch of the thread that scores it.
class BlockMemory {
 public:
  BlockMemory(int64_t columns, int64_t capacity)
      : rows_{columns, padded(columns), 0, capacity, nullptr, nullptr},
        by_row_(aligned<float>(capacity * rows_.stride)),
        by_column_(aligned<float>(capacity * columns)),
        tile_(aligned<float>(16 * rows_.stride)),
        active_(aligned<uint32_t>((columns + 31) / 32)) {
    rows_.by_row = by_row_.get();
    rows_.by_column = by_column_.get();
    for (auto& list : index_) list = aligned<int32_t>(capacity);
  }

  const RowBlock& fill(MatrixView<const float> rows, int64_t begin, int64_t end) {
    rows_.count = end - begin;
    for (int64_t i = 0; i < rows_.count; ++i) {
      const float* from = rows.row(begin + i);
      float* to = by_row_.get() + i * rows_.stride;
      for (int64_t c = 0; c < rows.columns; ++c) to[c] = from[c] + 0.0f;  // -0 becomes 0
      for (int64_t c = rows.columns; c < rows_.stride; ++c) to[c] = 0.0f;
      for (int64_t c = 0; c < rows.columns; ++c) by_column_[c * rows_.capacity + i] = to[c];
    }
    return rows_;
  }

  Scratch scratch() const { return {{index_[0].get(), index_[1].get()}, tile_.get(), active_.get()}; }

 private:
  RowBlock rows_;
  Aligned<float> by_row_, by_column_, tile_;
  Aligned<uint32_t> active_;
  Aligned<int32_t> index_[2];
};

TreeView view_of(const RandomCutForest& forest, const ForestTables& tables, int64_t tree) {
  const int64_t begin = forest.tree_begin[tree];
  return {forest.cut_dimension.data() + begin,
          forest.cut_value.data() + begin,
          forest.right.data() + begin,
          tables.ordinal.data() + begin,
          tables.parent.data() + begin,
          tables.unseen.data() + begin,
          tables.seen.data(),
          tables.points.data(),
          tables.boxes.data(),
          tables.range.data(),
          forest.columns,
          tables.stride,
          tables.normaliser[tree]};
}

ScoreBlock choose_engine() {
  switch (chosen_isa()) {
#if defined(__x86_64__)
    case CpuIsa::avx512:
      return score_block_avx512;
    case CpuIsa::avx2:
      return score_block_avx2;
#endif
    default:
      return score_block_baseline;
  }
}

}  // namespace
}  // namespace rcf

namespace {

[[noreturn]] void refuse_value(int64_t row, int64_t column, float value) {
  throw Error(Code::data,
              concat("row ", row, ", column ", column, " is ", value,
                     ": a random cut forest needs finite values of at most 2^100 in magnitude"),
              "drop or fill missing values, and scale columns, before the model");
}

void require_finite_device_rows(Exec& exec, MatrixView<const float> rows) {
  const int64_t bad = gpu::first_unusable_value(exec, rows);
  if (bad < 0) return;
  float value = 0;
  copy_bytes(exec, &value, &rows.at(bad / rows.columns, bad % rows.columns), sizeof value);
  exec.synchronize();
  refuse_value(bad / rows.columns, bad % rows.columns, value);
}

}  // namespace

void require_finite_rows(Exec& exec, MatrixView<const float> rows) {
  if (exec.is_cuda() && is_device_pointer(rows.data)) return require_finite_device_rows(exec, rows);
  constexpr int64_t kGrain = 16384;
  std::atomic<int64_t> first_bad{rows.rows};
  exec.threads().for_ranges(rows.rows, kGrain, [&](int64_t begin, int64_t end) {
    for (int64_t i = begin; i < end; ++i) {
      if (rcf::row_is_finite(rows.row(i), rows.columns)) continue;
      int64_t known = first_bad;
      while (i < known && !first_bad.compare_exchange_weak(known, i)) {
      }
      return;
    }
  });
  const int64_t row = first_bad;
  if (row == rows.rows) return;
  int64_t column = 0;
  while (rcf::row_is_finite(rows.row(row) + column, 1)) ++column;
  refuse_value(row, column, rows.at(row, column));
}

namespace {

void check_shapes(const RandomCutForest& forest, MatrixView<const float> rows, int64_t results) {
  CRISP_REQUIRE(rows.columns == forest.columns, Code::data, "the rows have ", rows.columns,
                " columns, the random cut forest was fitted on ", forest.columns);
  CRISP_ASSERT(results == rows.rows);
}

}  // namespace

void score_random_cut_forest(Exec& exec, const RandomCutForest& forest, const ForestTables& tables,
                             MatrixView<const float> rows, std::span<double> scores) {
  check_shapes(forest, rows, static_cast<int64_t>(scores.size()));
  const NvtxRange range("random_cut_forest.score");
  require_finite_rows(exec, rows);
  if (exec.is_cuda()) return gpu::score_random_cut_forest(exec, forest, tables, rows, scores);
  const rcf::ScoreBlock score_block = rcf::choose_engine();
  exec.threads().for_ranges(rows.rows, rcf::kBlockRows, [&](int64_t begin, int64_t end) {
    rcf::BlockMemory memory(rows.columns, end - begin);
    const rcf::RowBlock& block = memory.fill(rows, begin, end);
    double* total = scores.data() + begin;
    std::fill(total, total + block.count, 0.0);
    for (int64_t t = 0; t < forest.trees(); ++t) {
      score_block(rcf::view_of(forest, tables, t), block, memory.scratch(), total);
    }
    for (int64_t i = 0; i < block.count; ++i) total[i] /= static_cast<double>(forest.trees());
  });
}

void attribute_random_cut_forest(Exec& exec, const RandomCutForest& forest, const ForestTables& tables,
                                 MatrixView<const float> rows, MatrixView<double> out) {
  check_shapes(forest, rows, out.rows);
  CRISP_ASSERT(out.columns == 2 * rows.columns);
  const NvtxRange range("random_cut_forest.attribute");
  require_finite_rows(exec, rows);
  if (exec.is_cuda()) return gpu::attribute_random_cut_forest(exec, forest, tables, rows, out);
  const int64_t columns = rows.columns;
  exec.threads().for_ranges(rows.rows, rcf::kAttributionRows, [&](int64_t begin, int64_t end) {
    std::vector<float> x(columns), box(2 * columns);
    std::vector<double> part(2 * columns);
    for (int64_t i = begin; i < end; ++i) {
      for (int64_t c = 0; c < columns; ++c) x[c] = rows.at(i, c) + 0.0f;  // -0 becomes 0
      double* parts = out.row(i);
      std::fill(parts, parts + 2 * columns, 0.0);
      for (int64_t t = 0; t < forest.trees(); ++t) {
        rcf::attribute_row(rcf::view_of(forest, tables, t), x.data(), {part.data(), box.data()}, parts);
      }
      for (int64_t c = 0; c < 2 * columns; ++c) parts[c] /= static_cast<double>(forest.trees());
    }
  });
}

}  // namespace crisp
