// GPU engine of a net's inputs. Encoding: a thread takes a value of the table and writes what it becomes; memory: 4 bytes
// read a value, 8 a column of the encoded row. The gradient of embeddings needs no atomic addition and no sort: a warp takes 32
// values of a column, sums the rows of equal codes in order, and notes in a table (code x chunk, a byte each) which of the 32
// holds the sum; then a warp a code walks through its notes. Memory: 12 bytes a value of the encoded rows, and
// categories x (rows / 32 x 2 + 4 x width) bytes: good while rows / 16 is not far above 4 x width (batches of some
// thousands). A code that fills the batch keeps a warp busy for rows / 32 additions in a line.
#include "cuda/launch.h"
#include "cuda/staging.h"
#include "kernels/training/inputs_gpu.h"
#include "kernels/training/inputs_row.h"

namespace crisp::gpu {
namespace {

struct EncodeValue {
  const InputColumn* columns;
  const float *edges, *parameters;
  MatrixView<const float> rows;
  MatrixView<float> encoded;
  __device__ void operator()(int64_t item) const {
    const int64_t i = item / rows.columns, j = item % rows.columns;
    const InputColumn column = columns[j];
    encode_value(column, edges, parameters, rows.at(i, j), encoded.row(i) + column.begin);
  }
};

/// What both kernels of the gradient share.
struct CodeSums {
  const InputColumn* columns;
  int64_t count;        ///< of columns
  int64_t chunks;       ///< of kCodeChunk rows
  MatrixView<float> sums;  ///< laid out like the encoded rows; at a row that is the first of its code in its chunk: the code's sum
  unsigned char* place;  ///< code x chunk: which row of the chunk that is; kNowhere
};
constexpr unsigned char kNowhere = 255;

/// Owner: one warp a (chunk, column); a lane holds the code of a row, then strides over the columns of the encoding.
struct SumCodesOfChunk {
  CodeSums out;
  MatrixView<const float> rows, gradient;

  __device__ void add_rows(const InputColumn& column, int64_t begin, unsigned same, int lane) const {
    float* to = out.sums.row(begin + __ffs(static_cast<int>(same)) - 1) + column.begin;
    for (int64_t k = lane; k < column.width; k += kWarp) {
      float sum = 0;
      for (unsigned rest = same; rest; rest &= rest - 1) {
        sum += __ldg(&gradient.at(begin + __ffs(static_cast<int>(rest)) - 1, column.begin + k));
      }
      to[k] = sum;
    }
  }
  __device__ void operator()(int64_t item, int lane) const {
    const InputColumn column = out.columns[item % out.count];
    if (column.categories == 0) return;
    const int64_t chunk = item / out.count, begin = chunk * kCodeChunk;
    const bool there = begin + lane < rows.rows;
    const int code = there ? static_cast<int>(code_of(rows.at(begin + lane, item % out.count), column.categories)) : -1;
    for (int i = 0; i < kWarp && begin + i < rows.rows; ++i) {
      const int turn = __shfl_sync(kAllLanes, code, i);
      const unsigned same = __ballot_sync(kAllLanes, code == turn);
      if (__ffs(static_cast<int>(same)) - 1 != i) continue;
      add_rows(column, begin, same, lane);
      if (lane == 0) out.place[(column.codes_before + turn) * out.chunks + chunk] = static_cast<unsigned char>(i);
    }
  }
};

/// Owner: one warp a code; lanes read 32 notes at once, then stride over the columns of the encoding.
struct JoinCode {
  CodeSums in;
  float* gradients;

  /// The last one that begins at the code or before it: numbers have no codes of their own.
  __device__ int64_t column_of(int64_t code) const {
    int64_t c = in.count - 1;
    while (in.columns[c].categories == 0 || in.columns[c].codes_before > code) --c;
    return c;
  }
  __device__ void operator()(int64_t code, int lane) const {
    const InputColumn column = in.columns[column_of(code)];
    const int64_t width = column.width;
    float* to = gradients + column.offset + (code - column.codes_before) * width;
    for (int64_t block = 0; block < width; block += kWarp) {
      const int64_t k = block + lane;
      float sum = 0;
      for (int64_t first = 0; first < in.chunks; first += kWarp) {
        const int place = first + lane < in.chunks ? in.place[code * in.chunks + first + lane] : kNowhere;
        for (unsigned rest = __ballot_sync(kAllLanes, place != kNowhere); rest; rest &= rest - 1) {
          const int from = __ffs(static_cast<int>(rest)) - 1;
          const int64_t row = (first + from) * kCodeChunk + __shfl_sync(kAllLanes, place, from);
          if (k < width) sum += in.sums.at(row, column.begin + k);
        }
      }
      if (k < width) to[k] = sum;
    }
  }
};

}  // namespace

void encode_inputs(Exec& exec, ArrayView<const InputColumn> columns, ArrayView<const float> edges,
                   ArrayView<const float> parameters, MatrixView<const float> rows, MatrixView<float> encoded) {
  const DeviceInput<InputColumn> plan(exec, columns);
  const DeviceInput<float> e(exec, edges), p(exec, parameters);
  const DeviceMatrixInput<float> in(exec, rows);
  DeviceMatrixOutput<float> out(exec, encoded);
  launch_rows(exec, rows.rows * rows.columns, EncodeValue{plan.data(), e.data(), p.data(), in.view(), out.view()});
  out.finish(exec);
}

void embedding_gradient(Exec& exec, ArrayView<const InputColumn> columns, int64_t codes, MatrixView<const float> rows,
                        MatrixView<const float> encoded_gradient, ArrayView<float> gradients) {
  if (codes == 0) return;
  const DeviceInput<InputColumn> plan(exec, columns);
  const DeviceMatrixInput<float> in(exec, rows), slopes(exec, encoded_gradient);
  DeviceOutput<float> out(exec, gradients);
  out.load(exec);
  const int64_t chunks = (rows.rows + kCodeChunk - 1) / kCodeChunk;
  const DeviceBuffer<float> sums(exec, rows.rows * encoded_gradient.columns);
  const DeviceBuffer<unsigned char> places(exec, codes * chunks);
  fill_bytes(exec, places.data(), kNowhere, static_cast<size_t>(codes * chunks));
  const MatrixView<float> of_rows{sums.data(), rows.rows, encoded_gradient.columns, encoded_gradient.columns};
  const CodeSums shared{plan.data(), columns.size, chunks, of_rows, places.data()};
  launch_warp_rows(exec, chunks * columns.size, SumCodesOfChunk{shared, in.view(), slopes.view()});
  launch_warp_rows(exec, codes, JoinCode{shared, out.data()});
  out.finish(exec);
}

}  // namespace crisp::gpu
