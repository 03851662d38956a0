// GPU engine of binning: the same search in the same bounds as the CPU's, so the same codes.
#include <algorithm>
#include <limits>
#include <vector>

#include "cuda/launch.h"
#include "cuda/staging.h"
#include "kernels/histogram/bins_gpu.h"
#include "kernels/histogram/bins_row.h"

namespace crisp::gpu {
namespace {

struct Tuning {
  static constexpr int kThreads = 256;
  static constexpr int kColumns = 32;              // a block's: a warp reads 128 bytes of a row
  static constexpr int kRows = 64;                 // of a tile
  static constexpr int kBounds = kMostBins + 2;    // odd: lanes that search in different columns meet different banks
  static constexpr int kCodes = kRows + 4;         // a column of the tile
  static constexpr int64_t kBlocks = 4096;
  static constexpr int64_t kPieceRows = 1 << 20;   // of rows that come from the host: what the device holds of them at once
};

struct ColumnTables {
  const float* bounds;  ///< columns x kMostBins, the unused ones infinite
  const int32_t* categories;
  const int64_t* table_first;
  const uint8_t* table;
};

/// records.at(i, j) = the code of rows.at(i, j), and columns.at(j, first + i) where `columns` has rows. rows: n x columns.
/// Owner: a block has 32 columns (blockIdx.y) and strides over tiles of 64 rows; a lane has a column, a warp a row.
/// Shared: the columns' bounds, 32 x 257 floats (an odd stride: lanes of different columns look at different banks), and the tile's codes,
/// 32 x 68 bytes, to turn it: 35,072 bytes.
/// Memory: rows are read 128 bytes a warp and records written 32; columns are written in runs of 64 bytes.
/// Regime: thousands of rows and more; one pass, 4 + 2 bytes a value.
__global__ void __launch_bounds__(Tuning::kThreads)
    bin_tiles(MatrixView<const float> rows, ColumnTables tables, MatrixView<uint8_t> records, MatrixView<uint8_t> columns, int64_t first) {
  __shared__ float bounds[Tuning::kColumns * Tuning::kBounds];
  __shared__ uint8_t codes[Tuning::kColumns * Tuning::kCodes];
  const int64_t first_column = static_cast<int64_t>(blockIdx.y) * Tuning::kColumns;
  const int64_t rest = rows.columns - first_column;
  const int count = rest < Tuning::kColumns ? static_cast<int>(rest) : Tuning::kColumns;
  const int thread = static_cast<int>(threadIdx.x);
  for (int k = thread; k < count * kMostBins; k += Tuning::kThreads) {
    bounds[k / kMostBins * Tuning::kBounds + k % kMostBins] = tables.bounds[first_column * kMostBins + k];
  }
  __syncthreads();
  const int own = thread % Tuning::kColumns;
  const int64_t column = first_column + own;
  const int64_t categories = own < count ? tables.categories[column] : 0;
  const uint8_t* table = tables.table + (own < count ? tables.table_first[column] : 0);
  for (int64_t tile = static_cast<int64_t>(blockIdx.x) * Tuning::kRows; tile < rows.rows; tile += static_cast<int64_t>(gridDim.x) * Tuning::kRows) {
    for (int r = thread / Tuning::kColumns; r < Tuning::kRows; r += Tuning::kThreads / Tuning::kColumns) {
      if (own >= count || tile + r >= rows.rows) continue;
      const float x = rows.at(tile + r, column);
      const uint8_t code = categories > 0 ? code_of_category(x, table, categories) : code_of_number(x, bounds + own * Tuning::kBounds);
      records.at(tile + r, column) = code;
      codes[own * Tuning::kCodes + r] = code;
    }
    __syncthreads();
    for (int k = thread; columns.rows > 0 && k < count * Tuning::kRows; k += Tuning::kThreads) {
      const int j = k / Tuning::kRows, r = k % Tuning::kRows;
      if (tile + r < rows.rows) columns.at(first_column + j, first + tile + r) = codes[j * Tuning::kCodes + r];
    }
    __syncthreads();
  }
}

/// The bins' tables on the device.
class ResidentTables {
 public:
  ResidentTables(Exec& exec, const Bins& bins) {
    std::vector<float> padded(static_cast<size_t>(bins.columns() * kMostBins), std::numeric_limits<float>::infinity());
    for (int64_t j = 0; j < bins.columns(); ++j) {
      const auto at = static_cast<size_t>(j);
      std::copy(bins.bounds.begin() + bins.first[at], bins.bounds.begin() + bins.first[at + 1], padded.begin() + j * kMostBins);
    }
    const auto upload = [&](const auto& values) { return DeviceBuffer(exec, values.data(), static_cast<int64_t>(values.size())); };
    bounds_ = upload(padded);
    categories_ = upload(bins.categories);
    table_first_ = upload(bins.table_first);
    table_ = upload(bins.table);
  }
  ColumnTables view() const { return {bounds_.data(), categories_.data(), table_first_.data(), table_.data()}; }

 private:
  DeviceBuffer<float> bounds_;
  DeviceBuffer<int32_t> categories_;
  DeviceBuffer<int64_t> table_first_;
  DeviceBuffer<uint8_t> table_;
};

}  // namespace

void bin_rows(Exec& exec, const Bins& bins, MatrixView<const float> rows, MatrixView<uint8_t> records, MatrixView<uint8_t> columns) {
  if (rows.rows == 0 || rows.columns == 0) return;
  const ResidentTables tables(exec, bins);
  DeviceMatrixOutput<uint8_t> columns_out(exec, columns);
  for (int64_t begin = 0; begin < rows.rows; begin += Tuning::kPieceRows) {
    const int64_t count = std::min(Tuning::kPieceRows, rows.rows - begin);
    const DeviceMatrixInput<float> in(exec, {rows.row(begin), count, rows.columns, rows.ld});
    DeviceMatrixOutput<uint8_t> records_out(exec, {records.row(begin), count, records.columns, records.ld});
    const LaunchShape shape{dim3(blocks_for(count, Tuning::kRows, Tuning::kBlocks), blocks_for(rows.columns, Tuning::kColumns)), dim3(Tuning::kThreads)};
    launch(exec, shape, bin_tiles, in.view(), tables.view(), records_out.view(), columns_out.view(), begin);
    records_out.finish(exec);
  }
  columns_out.finish(exec);
}

}  // namespace crisp::gpu
