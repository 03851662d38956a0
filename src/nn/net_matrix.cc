#include "nn/net_matrix.h"

#include <ATen/ops/addmm.h>
#include <ATen/ops/from_blob.h>
#include <ATen/ops/mm.h>

#include <cstring>
#include <new>

#include "kernels/training/optimiser.h"

namespace crisp::nn {
namespace {

constexpr std::align_val_t kLine{64};

at::Tensor tensor_of(const NetFactor& factor) {
  if (!factor.transposed) return factor.matrix.tensor();
  return factor.matrix.turned().defined() ? factor.matrix.turned() : factor.matrix.tensor().t();
}

size_t bytes_of(const NetMatrix& matrix) {
  const MatrixView<float> view = matrix.view();
  CRISP_ASSERT(view.ld == view.columns);
  return static_cast<size_t>(view.rows * view.columns) * sizeof(float);
}

}  // namespace

at::Tensor tensor_over(MatrixView<float> matrix) {
  return at::from_blob(matrix.data, {matrix.rows, matrix.columns}, {matrix.ld, 1}, at::kFloat);
}

NetMatrix::NetMatrix(Exec& exec, MatrixView<float> view) : view_(view) {
  if (exec.is_cuda()) return;
  tensor_ = tensor_over(view);
  turned_ = tensor_.t();
}

NetMatrix NetMatrix::rows(int64_t begin, int64_t count) const {
  NetMatrix part;
  part.view_ = {view_.row(begin), count, view_.columns, view_.ld};
  if (tensor_.defined()) part.tensor_ = tensor_.narrow(0, begin, count);
  return part;
}

void product(Exec& exec, const NetFactor& a, const NetFactor& b, const NetMatrix& c, ProductPrecision precision, ProductTarget target) {
  if (exec.is_cuda()) return multiply(exec, view(a.matrix), a.transposed, view(b.matrix), b.transposed, view(c), precision, target);
  at::Tensor out = c.tensor();
  if (target == ProductTarget::set) {
    at::mm_out(out, tensor_of(a), tensor_of(b));
  } else {
    at::addmm_out(out, out, tensor_of(a), tensor_of(b));
  }
}

void clear(Exec& exec, const NetMatrix& matrix) {
  if (exec.is_cuda()) return fill_bytes(exec, matrix.view().data, 0, bytes_of(matrix));
  std::memset(matrix.view().data, 0, bytes_of(matrix));
}

void copy(Exec& exec, const NetMatrix& from, const NetMatrix& to) {
  CRISP_ASSERT(bytes_of(from) == bytes_of(to));
  if (exec.is_cuda()) return copy_bytes(exec, to.view().data, from.view().data, bytes_of(to));
  std::memcpy(to.view().data, from.view().data, bytes_of(to));
}

void add_next(Exec& exec, const NetMatrix& to, const NetMatrix& from) {
  CRISP_ASSERT(bytes_of(from) == bytes_of(to));
  const int64_t size = to.view().rows * to.view().columns;
  float* sum = to.view().data;
  const float* more = from.view().data;
  if (exec.is_cuda()) return sum_gradients(exec, {sum, 2, size, more - sum}, nullptr);
  for (int64_t i = 0; i < size; ++i) sum[i] += more[i];
}

void transfer(Exec& exec, void* to, const void* from, size_t bytes) {
  if (exec.is_cuda()) return copy_bytes(exec, to, from, bytes);
  if (bytes > 0) std::memcpy(to, from, bytes);
}

NetMatrix NetMemory::matrix(Exec& exec, int64_t rows, int64_t columns) {
  return {exec, {array<float>(exec, rows * columns).data, rows, columns, columns}};
}

void NetMemory::Aligned::operator()(void* pointer) const { operator delete(pointer, kLine); }

void* NetMemory::take(Exec& exec, size_t bytes) {
  if (exec.is_cuda()) {
    device_.emplace_back(exec, static_cast<int64_t>(bytes));
    device_.back().fill_zero(exec);
    return device_.back().data();
  }
  host_.emplace_back(operator new(bytes, kLine));
  return std::memset(host_.back().get(), 0, bytes);
}

}  // namespace crisp::nn
