#include "cuda/aligned.h"

#include <algorithm>
#include <cstdlib>
#include <limits>
#include <new>

#if defined(__linux__)
#include <sys/mman.h>
#endif

namespace crisp {
namespace {

constexpr size_t kLine = 64, kHugePage = size_t{2} << 20;

}  // namespace

void* allocate_aligned(size_t count, size_t bytes) {
  if (count > (std::numeric_limits<size_t>::max() - kHugePage) / bytes) throw std::bad_alloc();
  const size_t unit = count * bytes >= kHugePage ? kHugePage : kLine;
  void* memory = nullptr;
  if (posix_memalign(&memory, unit, std::max(kLine, count * bytes)) != 0) throw std::bad_alloc();
#if defined(__linux__)
  // Whole ones: the rest takes small pages, as all does where the kernel has no others.
  if (unit == kHugePage) madvise(memory, count * bytes / kHugePage * kHugePage, MADV_HUGEPAGE);
#endif
  return memory;
}

void free_aligned(void* memory) noexcept { std::free(memory); }

}  // namespace crisp
