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
  const size_t size = std::max<size_t>(1, (count * bytes + unit - 1) / unit) * unit;
  void* const memory = std::aligned_alloc(unit, size);
  if (!memory) throw std::bad_alloc();
#if defined(__linux__)
  if (unit == kHugePage) madvise(memory, size, MADV_HUGEPAGE);  // where the kernel has none, small pages do
#endif
  return memory;
}

void free_aligned(void* memory) noexcept { std::free(memory); }

}  // namespace crisp
