/// Host memory on lines of 64 bytes, for vectors; not initialised.
#pragma once

#include <cstdint>
#include <memory>
#include <new>

namespace crisp {

template <class T>
struct AlignedFree {
  void operator()(T* p) const { operator delete[](p, std::align_val_t{64}); }
};
template <class T>
using Aligned = std::unique_ptr<T[], AlignedFree<T>>;

template <class T>
Aligned<T> aligned(int64_t size) {
  return Aligned<T>(static_cast<T*>(operator new[](static_cast<size_t>(size) * sizeof(T), std::align_val_t{64})));
}

}  // namespace crisp
