#include "cuda/aligned.h"

#include <cstdlib>
#include <new>

#if defined(__linux__)
#include <sys/mman.h>
#endif

namespace crisp {
namespace {

constexpr size_t kLine = 64, kHugePage = size_t{2} << 20;

size_t rounded_up(size_t bytes, size_t unit) { return (bytes + unit - 1) / unit * unit; }

}  // namespace

void* allocate_aligned(size_t bytes) {
  const size_t unit = bytes >= kHugePage ? kHugePage : kLine, size = rounded_up(bytes > 0 ? bytes : 1, unit);
  void* const memory = size >= bytes ? std::aligned_alloc(unit, size) : nullptr;
  if (!memory) throw std::bad_alloc();
#if defined(__linux__)
  if (unit == kHugePage) madvise(memory, size, MADV_HUGEPAGE);  // where the kernel has none, small pages do
#endif
  return memory;
}

void free_aligned(void* memory) noexcept { std::free(memory); }

}  // namespace crisp
