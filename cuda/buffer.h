/// Memory with an owner: DeviceBuffer on the stream-ordered pool of a GPU, PinnedBuffer on the host for asynchronous
/// copies. No CUDA type in sight, so every file may use them.
#pragma once

#include <cstddef>
#include <cstdint>
#include <limits>
#include <memory>
#include <type_traits>
#include <utility>

#include "cuda/error.h"
#include "cuda/exec.h"
#include "cuda/view.h"

namespace crisp {

/// `bytes` on exec's GPU, valid for work that is queued on its stream from now on. Code::no_memory when there is none.
void* allocate_device(Exec& exec, size_t bytes);
/// Given back once the work queued so far on `stream` is done.
void free_device(void* pointer, void* stream) noexcept;
void* allocate_pinned(size_t bytes);
void free_pinned(void* pointer) noexcept;

/// Queues a copy between host and device, or on the device; the direction follows from the pointers. Returns at once
/// when both ends are pinned or device memory: synchronize before the host looks.
void copy_bytes(Exec& exec, void* to, const void* from, size_t bytes);
void fill_bytes(Exec& exec, void* to, int value, size_t bytes);
/// Copies `rows` rows of `width` bytes between pitched layouts.
void copy_rows(Exec& exec, void* to, size_t to_pitch, const void* from, size_t from_pitch, size_t width, int64_t rows);
/// True for memory on a GPU.
bool is_device_pointer(const void* pointer);

/// Bytes of `count` values, checked against overflow.
template <class T>
size_t checked_bytes(int64_t count) {
  CRISP_ASSERT(count >= 0);
  CRISP_REQUIRE(static_cast<uint64_t>(count) <= std::numeric_limits<size_t>::max() / 2 / sizeof(T), Code::no_memory,
                "a buffer of ", count, " values does not fit in any memory");
  return static_cast<size_t>(count) * sizeof(T);
}

template <class T>
class DeviceBuffer {
  static_assert(std::is_trivially_copyable_v<T>, "device memory holds plain data");

 public:
  DeviceBuffer() = default;
  /// `size` values, not initialised. The buffer may outlive `exec`.
  DeviceBuffer(Exec& exec, int64_t size)
      : data_(static_cast<T*>(allocate_device(exec, checked_bytes<T>(size)))), size_(size), stream_(exec.shared_stream()) {}
  /// A copy of host values.
  DeviceBuffer(Exec& exec, const T* values, int64_t size) : DeviceBuffer(exec, size) {
    copy_bytes(exec, data_, values, checked_bytes<T>(size));
  }
  ~DeviceBuffer() { free_device(data_, stream_.get()); }
  DeviceBuffer(DeviceBuffer&& other) noexcept { swap(other); }
  DeviceBuffer& operator=(DeviceBuffer&& other) noexcept {
    swap(other);
    return *this;
  }

  T* data() const { return data_; }
  int64_t size() const { return size_; }
  ArrayView<T> view() const { return {data_, size_}; }

  void fill_zero(Exec& exec) { fill_bytes(exec, data_, 0, checked_bytes<T>(size_)); }
  /// Copies the first `count` values to the host and waits for them.
  void download(Exec& exec, T* values, int64_t count) const {
    CRISP_ASSERT(count <= size_);
    copy_bytes(exec, values, data_, checked_bytes<T>(count));
    exec.synchronize();
  }

 private:
  void swap(DeviceBuffer& other) noexcept {
    std::swap(data_, other.data_);
    std::swap(size_, other.size_);
    std::swap(stream_, other.stream_);
  }

  T* data_ = nullptr;
  int64_t size_ = 0;
  std::shared_ptr<void> stream_;
};

template <class T>
class PinnedBuffer {
  static_assert(std::is_trivially_copyable_v<T>, "pinned memory holds plain data");

 public:
  PinnedBuffer() = default;
  explicit PinnedBuffer(int64_t size)
      : data_(static_cast<T*>(allocate_pinned(checked_bytes<T>(size)))), size_(size) {}
  ~PinnedBuffer() { free_pinned(data_); }
  PinnedBuffer(PinnedBuffer&& other) noexcept
      : data_(std::exchange(other.data_, nullptr)), size_(std::exchange(other.size_, 0)) {}
  PinnedBuffer& operator=(PinnedBuffer&& other) noexcept {
    std::swap(data_, other.data_);
    std::swap(size_, other.size_);
    return *this;
  }

  T* data() const { return data_; }
  int64_t size() const { return size_; }
  T& operator[](int64_t i) const { return data_[i]; }

 private:
  T* data_ = nullptr;
  int64_t size_ = 0;
};

}  // namespace crisp
