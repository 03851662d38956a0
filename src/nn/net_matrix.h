/// Matrices that nets compute with: they lie where an Exec computes, and on the host LibTorch sees them too.
#pragma once

#include <ATen/core/Tensor.h>

#include <memory>
#include <vector>

#include "cuda/blas.h"
#include "cuda/buffer.h"

namespace crisp::nn {

/// 32-bit numbers that somebody else owns. Of those on the host a tensor is made once: to make one takes as long as a small product.
class NetMatrix {
 public:
  NetMatrix() = default;
  /// `view` lies where exec computes.
  NetMatrix(Exec& exec, MatrixView<float> view);

  bool defined() const { return view_.data != nullptr; }
  MatrixView<float> view() const { return view_; }
  int64_t rows() const { return view_.rows; }
  /// On the host only.
  const at::Tensor& tensor() const { return tensor_; }
  const at::Tensor& turned() const { return turned_; }
  /// Rows begin ... begin + count - 1, in the same memory.
  NetMatrix rows(int64_t begin, int64_t count) const;

 private:
  MatrixView<float> view_;
  at::Tensor tensor_, turned_;
};

inline MatrixView<float> view(const NetMatrix& matrix) { return matrix.view(); }
/// Host memory as LibTorch sees it.
at::Tensor tensor_over(MatrixView<float> matrix);

/// A factor of a product.
struct NetFactor {
  NetFactor(const NetMatrix& matrix_, bool transposed_ = false) : matrix(matrix_), transposed(transposed_) {}
  const NetMatrix& matrix;
  bool transposed;
};
inline NetFactor transposed(const NetMatrix& matrix) { return {matrix, true}; }

/// c = a * b, or c += a * b: by LibTorch on the host, where it is single-precision throughout, by cuda/blas.h on a GPU.
void product(Exec& exec, const NetFactor& a, const NetFactor& b, const NetMatrix& c,
             ProductPrecision precision = ProductPrecision::full, ProductTarget target = ProductTarget::set);

// Of matrices whose rows follow each other without padding:
void clear(Exec& exec, const NetMatrix& matrix);
void copy(Exec& exec, const NetMatrix& from, const NetMatrix& to);
/// to += from, which lies behind it in memory.
void add_next(Exec& exec, const NetMatrix& to, const NetMatrix& from);

/// Copies between memory that exec can reach: its own, and on a GPU the host's too, which is waited for.
void transfer(Exec& exec, void* to, const void* from, size_t bytes);

/// Owns what nets compute in, all 0 at first, without padding.
class NetMemory {
 public:
  NetMatrix matrix(Exec& exec, int64_t rows, int64_t columns);
  /// T is plain data whose zero is all bits 0.
  template <class T>
  ArrayView<T> array(Exec& exec, int64_t size) {
    return {static_cast<T*>(take(exec, checked_bytes<T>(size))), size};
  }
  /// A copy of host values.
  template <class T>
  ArrayView<T> copy_of(Exec& exec, ArrayView<const T> values) {
    const ArrayView<T> to = array<T>(exec, values.size);
    transfer(exec, to.data, values.data, checked_bytes<T>(values.size));
    return to;
  }

 private:
  struct Aligned {
    void operator()(void* pointer) const;
  };
  void* take(Exec& exec, size_t bytes);

  std::vector<std::unique_ptr<void, Aligned>> host_;
  std::vector<DeviceBuffer<std::byte>> device_;
};

}  // namespace crisp::nn
