/// The way in and out of a GPU engine. An operation takes views that lie on the host or on its device; these wrappers
/// move host data and use device data in place, so that callers need not care and chains of operations stay on the GPU.
#pragma once

#include "cuda/buffer.h"

namespace crisp {

/// A read-only array on the device.
template <class T>
class DeviceInput {
 public:
  DeviceInput(Exec& exec, ArrayView<const T> values) : view_(values) {
    if (values.size == 0 || is_device_pointer(values.data)) return;
    buffer_ = DeviceBuffer<T>(exec, values.data, values.size);
    view_ = buffer_.view();
  }
  ArrayView<const T> view() const { return view_; }
  const T* data() const { return view_.data; }

 private:
  DeviceBuffer<T> buffer_;
  ArrayView<const T> view_;
};

/// A read-only matrix on the device. Host rows are copied with their padding dropped to a multiple of 64 bytes.
template <class T>
class DeviceMatrixInput {
 public:
  DeviceMatrixInput(Exec& exec, MatrixView<const T> matrix) : view_(matrix) {
    if (matrix.rows == 0 || matrix.columns == 0 || is_device_pointer(matrix.data)) return;
    constexpr int64_t kPack = sizeof(T) < 64 ? 64 / static_cast<int64_t>(sizeof(T)) : 1;
    const int64_t ld = (matrix.columns + kPack - 1) / kPack * kPack;
    buffer_ = DeviceBuffer<T>(exec, matrix.rows * ld);
    buffer_.fill_zero(exec);
    copy_rows(exec, buffer_.data(), static_cast<size_t>(ld) * sizeof(T), matrix.data,
              static_cast<size_t>(matrix.ld) * sizeof(T), static_cast<size_t>(matrix.columns) * sizeof(T), matrix.rows);
    view_ = {buffer_.data(), matrix.rows, matrix.columns, ld};
  }
  MatrixView<const T> view() const { return view_; }

 private:
  DeviceBuffer<T> buffer_;
  MatrixView<const T> view_;
};

/// An array that the engine writes. finish() brings it to where the caller wants it, and waits if that is the host.
template <class T>
class DeviceOutput {
 public:
  DeviceOutput(Exec& exec, ArrayView<T> target) : target_(target), view_(target) {
    if (target.size == 0 || is_device_pointer(target.data)) return;
    buffer_ = DeviceBuffer<T>(exec, target.size);
    view_ = buffer_.view();
  }
  ArrayView<T> view() const { return view_; }
  T* data() const { return view_.data; }
  /// Brings the caller's present values along, for engines that read or only partly overwrite them.
  void load(Exec& exec) {
    if (view_.data != target_.data) copy_bytes(exec, view_.data, target_.data, checked_bytes<T>(target_.size));
  }
  void finish(Exec& exec) {
    if (view_.data == target_.data) return;
    copy_bytes(exec, target_.data, view_.data, checked_bytes<T>(target_.size));
    exec.synchronize();
  }

 private:
  ArrayView<T> target_;
  DeviceBuffer<T> buffer_;
  ArrayView<T> view_;
};

/// A matrix that the engine writes; only the columns of the target are touched, never its padding.
template <class T>
class DeviceMatrixOutput {
 public:
  DeviceMatrixOutput(Exec& exec, MatrixView<T> target) : target_(target), view_(target) {
    if (target.rows == 0 || target.columns == 0 || is_device_pointer(target.data)) return;
    buffer_ = DeviceBuffer<T>(exec, target.rows * target.columns);
    view_ = {buffer_.data(), target.rows, target.columns, target.columns};
  }
  MatrixView<T> view() const { return view_; }
  void load(Exec& exec) {
    if (view_.data != target_.data) copy(exec, view_, target_);
  }
  void finish(Exec& exec) {
    if (view_.data == target_.data) return;
    copy(exec, target_, view_);
    exec.synchronize();
  }

 private:
  static void copy(Exec& exec, MatrixView<T> to, MatrixView<T> from) {
    copy_rows(exec, to.data, static_cast<size_t>(to.ld) * sizeof(T), from.data, static_cast<size_t>(from.ld) * sizeof(T),
              static_cast<size_t>(to.columns) * sizeof(T), to.rows);
  }

  MatrixView<T> target_;
  DeviceBuffer<T> buffer_;
  MatrixView<T> view_;
};

}  // namespace crisp
