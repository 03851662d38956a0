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

/// A column of a byte.
struct ByteColumn {
  int32_t column, step;
  int32_t bounds, count;  ///< of numbers: where they begin among the byte's, and how many there are
  int32_t categories;     ///< 0: numbers
  int64_t table;          ///< of categories: where their codes begin
};

struct ByteTables {
  const float* bounds;       ///< bytes x kMostBins: of its columns one after the other, then infinite
  const int32_t* first;      ///< bytes + 1: its columns are columns[first[k], first[k + 1])
  const ByteColumn* columns;
  const uint8_t* table;
};

/// What a column adds to its byte.
__device__ int part_of_byte(const ByteColumn& column, bool alone, float x, const float* bounds, const uint8_t* table) {
  if (column.categories > 0) return column.step * code_of_category(x, table + column.table, column.categories);
  return column.step * (alone ? code_of_number(x, bounds) : code_of_number(x, bounds + column.bounds, column.count));
}

/// records.at(i, k) = byte k of rows' row i, and columns.at(k, first + i) where `columns` has rows. rows: n x columns.
/// Owner: a block has 32 bytes (blockIdx.y) and strides over tiles of 64 rows; a lane has a byte, a warp a row.
/// Shared: the bytes' bounds, 32 x 257 floats (an odd stride: lanes of different bytes look at different banks), and the tile's bytes,
/// 32 x 68, to turn it: 35,072 bytes.
/// Memory: rows are read 128 bytes a warp and records written 32; columns are written in runs of 64 bytes. A byte that columns share reads
/// them one after the other.
/// Regime: thousands of rows and more; one pass, 4 + 2 bytes a value.
__global__ void __launch_bounds__(Tuning::kThreads)
    bin_tiles(MatrixView<const float> rows, ByteTables tables, MatrixView<uint8_t> records, MatrixView<uint8_t> columns, int64_t first) {
  __shared__ float bounds[Tuning::kColumns * Tuning::kBounds];
  __shared__ uint8_t bytes[Tuning::kColumns * Tuning::kCodes];
  const int64_t first_byte = static_cast<int64_t>(blockIdx.y) * Tuning::kColumns;
  const int64_t rest = records.columns - first_byte;
  const int count = rest < Tuning::kColumns ? static_cast<int>(rest) : Tuning::kColumns;
  const int thread = static_cast<int>(threadIdx.x);
  for (int k = thread; k < count * kMostBins; k += Tuning::kThreads) {
    bounds[k / kMostBins * Tuning::kBounds + k % kMostBins] = tables.bounds[first_byte * kMostBins + k];
  }
  __syncthreads();
  const int own = thread % Tuning::kColumns;
  const int64_t byte = first_byte + own;
  const int begin = own < count ? tables.first[byte] : 0, end = own < count ? tables.first[byte + 1] : 0;
  for (int64_t tile = static_cast<int64_t>(blockIdx.x) * Tuning::kRows; tile < rows.rows; tile += static_cast<int64_t>(gridDim.x) * Tuning::kRows) {
    for (int r = thread / Tuning::kColumns; r < Tuning::kRows; r += Tuning::kThreads / Tuning::kColumns) {
      if (own >= count || tile + r >= rows.rows) continue;
      int value = 0;
      for (int k = begin; k < end; ++k) {
        const ByteColumn column = tables.columns[k];
        value += part_of_byte(column, end - begin == 1, rows.at(tile + r, column.column), bounds + own * Tuning::kBounds, tables.table);
      }
      records.at(tile + r, byte) = static_cast<uint8_t>(value);
      bytes[own * Tuning::kCodes + r] = static_cast<uint8_t>(value);
    }
    __syncthreads();
    for (int k = thread; columns.rows > 0 && k < count * Tuning::kRows; k += Tuning::kThreads) {
      const int j = k / Tuning::kRows, r = k % Tuning::kRows;
      if (tile + r < rows.rows) columns.at(first_byte + j, first + tile + r) = bytes[j * Tuning::kCodes + r];
    }
    __syncthreads();
  }
}

/// The bins' tables on the device.
class ResidentTables {
 public:
  ResidentTables(Exec& exec, const Bins& bins, const RecordLayout& layout) {
    std::vector<float> padded(static_cast<size_t>(layout.bytes() * kMostBins), std::numeric_limits<float>::infinity());
    std::vector<std::vector<size_t>> of_byte(static_cast<size_t>(layout.bytes()));
    for (size_t j = 0; j < layout.places.size(); ++j) of_byte[static_cast<size_t>(layout.places[j].byte)].push_back(j);
    std::vector<int32_t> first{0};
    std::vector<ByteColumn> columns;
    for (size_t byte = 0; byte < of_byte.size(); ++byte) {
      int32_t begin = 0;
      for (const size_t j : of_byte[byte]) {
        const auto count = static_cast<int32_t>(bins.first[j + 1] - bins.first[j]);
        std::copy_n(bins.bounds.begin() + bins.first[j], count, padded.begin() + static_cast<int64_t>(byte) * kMostBins + begin);
        columns.push_back({static_cast<int32_t>(j), layout.places[j].step, begin, count, bins.categories[j], bins.table_first[j]});
        begin += count;
      }
      first.push_back(static_cast<int32_t>(columns.size()));
    }
    const auto upload = [&](const auto& values) { return DeviceBuffer(exec, values.data(), static_cast<int64_t>(values.size())); };
    bounds_ = upload(padded);
    first_ = upload(first);
    columns_ = upload(columns);
    table_ = upload(bins.table);
  }
  ByteTables view() const { return {bounds_.data(), first_.data(), columns_.data(), table_.data()}; }

 private:
  DeviceBuffer<float> bounds_;
  DeviceBuffer<int32_t> first_;
  DeviceBuffer<ByteColumn> columns_;
  DeviceBuffer<uint8_t> table_;
};

}  // namespace

void bin_rows(Exec& exec, const Bins& bins, const RecordLayout& layout, MatrixView<const float> rows, MatrixView<uint8_t> records, MatrixView<uint8_t> columns) {
  if (rows.rows == 0 || rows.columns == 0) return;
  const ResidentTables tables(exec, bins, layout);
  DeviceMatrixOutput<uint8_t> columns_out(exec, columns);
  for (int64_t begin = 0; begin < rows.rows; begin += Tuning::kPieceRows) {
    const int64_t count = std::min(Tuning::kPieceRows, rows.rows - begin);
    const DeviceMatrixInput<float> in(exec, {rows.row(begin), count, rows.columns, rows.ld});
    DeviceMatrixOutput<uint8_t> records_out(exec, {records.row(begin), count, records.columns, records.ld});
    const LaunchShape shape{dim3(blocks_for(count, Tuning::kRows, Tuning::kBlocks), blocks_for(records.columns, Tuning::kColumns)), dim3(Tuning::kThreads)};
    launch(exec, shape, bin_tiles, in.view(), tables.view(), records_out.view(), columns_out.view(), begin);
    records_out.finish(exec);
  }
  columns_out.finish(exec);
}

}  // namespace crisp::gpu
