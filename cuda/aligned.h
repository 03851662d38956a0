/// Host memory for plain values, not initialised: on lines of 64 bytes for vectors, large arrays in huge pages, so that a read anywhere
/// seldom waits for its page's address.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <type_traits>

namespace crisp {

/// `count` values of `bytes` each. Never null; throws std::bad_alloc.
void* allocate_aligned(size_t count, size_t bytes);
void free_aligned(void* memory) noexcept;

struct AlignedFree {
  void operator()(void* memory) const noexcept { free_aligned(memory); }
};
template <class T>
using Aligned = std::unique_ptr<T[], AlignedFree>;

template <class T>
Aligned<T> aligned(int64_t size) {
  static_assert(std::is_trivially_destructible_v<T>);
  return Aligned<T>(static_cast<T*>(allocate_aligned(static_cast<size_t>(size), sizeof(T))));
}

}  // namespace crisp
