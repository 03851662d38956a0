/// Memory on the host for arrays that are read in no order: large ones in huge pages, so that a read seldom waits for the page's address.
#pragma once

#include <cstddef>
#include <memory>

namespace crisp {

/// Not initialised, aligned to a line of the cache; throws std::bad_alloc. Never null.
void* allocate_host(size_t bytes);
void free_host(void* memory) noexcept;

struct HostMemoryDeleter {
  void operator()(void* memory) const noexcept { free_host(memory); }
};

/// Values without constructors.
template <class T>
using HostArray = std::unique_ptr<T[], HostMemoryDeleter>;

}  // namespace crisp
