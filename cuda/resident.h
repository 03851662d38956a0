/// Values that lie where an Exec works, for as long as it works on them: on its GPU, or on the host.
#pragma once

#include <algorithm>

#include "cuda/aligned.h"
#include "cuda/buffer.h"

namespace crisp {

template <class T>
class Resident {
 public:
  Resident() = default;
  /// `size` values, not initialised: on the host whoever writes a page first has it near.
  Resident(Exec& exec, int64_t size) : size_(size) {
    if (exec.is_cuda()) {
      device_ = DeviceBuffer<T>(exec, size);
    } else {
      host_ = aligned<T>(size);
    }
  }
  /// A copy of host values.
  Resident(Exec& exec, const T* values, int64_t size) : Resident(exec, size) { assign(exec, values, size); }

  T* data() const { return on_device() ? device_.data() : host_.get(); }
  int64_t size() const { return size_; }
  bool on_device() const { return device_.data() != nullptr; }
  ArrayView<T> view() const { return {data(), size_}; }

  /// The first `count` values, from the host or from exec's device.
  void assign(Exec& exec, const T* values, int64_t count) {
    CRISP_ASSERT(count <= size_);
    if (on_device()) {
      copy_bytes(exec, data(), values, checked_bytes<T>(count));
    } else {
      std::copy_n(values, count, data());
    }
  }
  /// To the host; waits for them.
  void copy_to_host(Exec& exec, T* values, int64_t count) const {
    CRISP_ASSERT(count <= size_);
    if (on_device()) {
      device_.download(exec, values, count);
    } else {
      std::copy_n(data(), count, values);
    }
  }

 private:
  Aligned<T> host_;
  DeviceBuffer<T> device_;
  int64_t size_ = 0;
};

}  // namespace crisp
