// GPU engine of a net's inputs. Encoding: a thread takes a value of the table and writes what it becomes; memory: 4 bytes
// read a value, 8 a column of the encoded row. The gradient of embeddings needs no atomic addition and no sort: a warp takes 32
// values of a column, sums the rows of equal codes in order, and notes in a table (code x chunk, a byte each) which of the 32
// holds the sum; then a warp a code walks through its notes. Memory: 12 bytes a value of the encoded rows, and
// categories x (rows / 32 x 2 + 4 x width) bytes: good while rows / 16 is not far above 4 x width (batches of some
// thousands). A code that fills the batch keeps a warp busy for rows / 32 additions in a line.
#include <vector>

#include "cuda/launch.h"
#include "cuda/staging.h"
#include "kernels/training/inputs_row.h"

namespace crisp::gpu {

void encode_inputs(Exec& exec, ArrayView<const InputColumn> columns, ArrayView<const float> edges,
                   ArrayView<const float> parameters, MatrixView<const float> rows, MatrixView<float> encoded);
void embedding_gradient(Exec& exec, ArrayView<const InputColumn> columns, MatrixView<const float> rows,
                        MatrixView<const float> encoded_gradient, ArrayView<float> gradients);

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

/// A column of codes.
struct CodeColumn {
  InputColumn input;
  int64_t column;      ///< of the table
  int64_t first_code;  ///< codes of the columns before it
  int64_t sums;        ///< where its chunk sums begin: rows x width of them
};

/// What both kernels of the gradient share.
struct CodeSums {
  const CodeColumn* columns;
  int64_t count;        ///< of columns
  int64_t chunks;       ///< of kCodeChunk rows
  float* sums;          ///< at a row that is the first of its code in its chunk: the code's sum
  unsigned char* place;  ///< code x chunk: which row of the chunk that is; kNowhere
};
constexpr unsigned char kNowhere = 255;

/// Owner: one warp a (chunk, column); a lane holds the code of a row, then strides over the columns of the encoding.
struct SumCodesOfChunk {
  CodeSums out;
  MatrixView<const float> rows, gradient;

  __device__ void add_rows(const CodeColumn& column, int64_t begin, unsigned same, int lane) const {
    const int64_t first = begin + __ffs(static_cast<int>(same)) - 1;
    float* to = out.sums + column.sums + first * column.input.width;
    for (int64_t k = lane; k < column.input.width; k += kWarp) {
      float sum = 0;
      for (unsigned rest = same; rest; rest &= rest - 1) {
        sum += __ldg(&gradient.at(begin + __ffs(static_cast<int>(rest)) - 1, column.input.begin + k));
      }
      to[k] = sum;
    }
  }
  __device__ void operator()(int64_t item, int lane) const {
    const CodeColumn column = out.columns[item % out.count];
    const int64_t chunk = item / out.count, begin = chunk * kCodeChunk;
    const bool there = begin + lane < rows.rows;
    const int code = there ? static_cast<int>(code_of(rows.at(begin + lane, column.column), column.input.categories)) : -1;
    for (int i = 0; i < kWarp && begin + i < rows.rows; ++i) {
      const int turn = __shfl_sync(kAllLanes, code, i);
      const unsigned same = __ballot_sync(kAllLanes, code == turn);
      if (__ffs(static_cast<int>(same)) - 1 != i) continue;
      add_rows(column, begin, same, lane);
      if (lane == 0) out.place[(column.first_code + turn) * out.chunks + chunk] = static_cast<unsigned char>(i);
    }
  }
};

/// Owner: one warp a code; lanes read 32 notes at once, then stride over the columns of the encoding.
struct JoinCode {
  CodeSums in;
  float* gradients;

  __device__ const CodeColumn& column_of(int64_t code) const {
    int64_t c = 0;
    while (c + 1 < in.count && in.columns[c + 1].first_code <= code) ++c;
    return in.columns[c];
  }
  __device__ void operator()(int64_t code, int lane) const {
    const CodeColumn column = column_of(code);
    const int64_t width = column.input.width;
    float* to = gradients + column.input.offset + (code - column.first_code) * width;
    for (int64_t block = 0; block < width; block += kWarp) {
      const int64_t k = block + lane;
      float sum = 0;
      for (int64_t first = 0; first < in.chunks; first += kWarp) {
        const int place = first + lane < in.chunks ? in.place[code * in.chunks + first + lane] : kNowhere;
        for (unsigned rest = __ballot_sync(kAllLanes, place != kNowhere); rest; rest &= rest - 1) {
          const int from = __ffs(static_cast<int>(rest)) - 1;
          const int64_t row = (first + from) * kCodeChunk + __shfl_sync(kAllLanes, place, from);
          if (k < width) sum += in.sums[column.sums + row * width + k];
        }
      }
      if (k < width) to[k] = sum;
    }
  }
};

struct CodePlan {
  std::vector<CodeColumn> columns;
  int64_t codes = 0, sums = 0;
};

CodePlan plan_of(ArrayView<const InputColumn> columns, int64_t rows) {
  CodePlan plan;
  for (int64_t j = 0; j < columns.size; ++j) {
    if (columns[j].categories == 0) continue;
    plan.columns.push_back({columns[j], j, plan.codes, plan.sums});
    plan.codes += columns[j].categories;
    plan.sums += rows * columns[j].width;
  }
  return plan;
}

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

void embedding_gradient(Exec& exec, ArrayView<const InputColumn> columns, MatrixView<const float> rows,
                        MatrixView<const float> encoded_gradient, ArrayView<float> gradients) {
  const CodePlan plan = plan_of(columns, rows.rows);
  const auto count = static_cast<int64_t>(plan.columns.size());
  if (count == 0) return;
  const DeviceMatrixInput<float> in(exec, rows), slopes(exec, encoded_gradient);
  DeviceOutput<float> out(exec, gradients);
  out.load(exec);
  const int64_t chunks = (rows.rows + kCodeChunk - 1) / kCodeChunk;
  const DeviceBuffer<CodeColumn> on_device(exec, plan.columns.data(), count);
  const DeviceBuffer<float> sums(exec, plan.sums);
  const DeviceBuffer<unsigned char> places(exec, plan.codes * chunks);
  fill_bytes(exec, places.data(), kNowhere, static_cast<size_t>(plan.codes * chunks));
  const CodeSums shared{on_device.data(), count, chunks, sums.data(), places.data()};
  launch_warp_rows(exec, chunks * count, SumCodesOfChunk{shared, in.view(), slopes.view()});
  launch_warp_rows(exec, plan.codes, JoinCode{shared, out.data()});
  out.finish(exec);
}

}  // namespace crisp::gpu
