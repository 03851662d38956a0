/// Views: where the numbers lie and how they are laid out, without owning them. Cheap to copy, usable in kernels.
#pragma once

#include <cstdint>
#include <type_traits>

#include "cuda/host_device.h"

namespace crisp {

/// A dense row-major matrix: element (row, column) is data[row * ld + column]; ld >= columns.
template <class T>
struct MatrixView {
  T* data = nullptr;
  int64_t rows = 0;
  int64_t columns = 0;
  int64_t ld = 0;

  CRISP_HD T* row(int64_t i) const { return data + i * ld; }
  CRISP_HD T& at(int64_t i, int64_t j) const { return data[i * ld + j]; }
  template <class U>
    requires(std::is_same_v<U, T> && !std::is_const_v<T>)
  CRISP_HD operator MatrixView<const U>() const { return {data, rows, columns, ld}; }
};

/// A contiguous run of values.
template <class T>
struct ArrayView {
  T* data = nullptr;
  int64_t size = 0;

  CRISP_HD T& operator[](int64_t i) const { return data[i]; }
  CRISP_HD T* begin() const { return data; }
  CRISP_HD T* end() const { return data + size; }
  template <class U>
    requires(std::is_same_v<U, T> && !std::is_const_v<T>)
  CRISP_HD operator ArrayView<const U>() const { return {data, size}; }
};

}  // namespace crisp
