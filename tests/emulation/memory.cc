// Device and pinned memory. Fresh device memory is all ones (NaN, -1), so that reads of what nobody wrote show in every
// build; the asan build also poisons device memory while the host runs.
#include <sys/mman.h>

#include <cstdlib>
#include <cstring>
#include <iterator>
#include <map>

#include "tests/emulation/device_state.h"
#include "tests/emulation/machine.h"

#if defined(EMULATION_ASAN)
#include <sanitizer/asan_interface.h>
#endif

namespace emulation {
namespace {

std::map<uintptr_t, Allocation> device_memory;
std::map<uintptr_t, size_t> pinned_memory;
unsigned next_number = 0;
int allocations_until_failure = 0;

// The trace build takes device memory from one address range, whose shadow is then found by arithmetic.
char* arena = nullptr;
size_t arena_end = 0;
constexpr size_t kGap = 512;

uintptr_t key(const void* pointer) { return reinterpret_cast<uintptr_t>(pointer); }

void* take_from_arena(size_t bytes) {
  if (!arena) {
    void* memory = mmap(nullptr, kArenaBytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE,
                        -1, 0);
    if (memory == MAP_FAILED) return nullptr;
    arena = static_cast<char*>(memory);
  }
  if (device_memory.empty() && arena_end > 0) {
    trace_forgotten(arena, arena_end);
    madvise(arena, arena_end, MADV_DONTNEED);
    arena_end = 0;
  }
  const size_t begin = (arena_end + kGap + 255) & ~size_t{255};
  if (bytes > kArenaBytes || begin + bytes + kGap > kArenaBytes) return nullptr;
  arena_end = begin + bytes + kGap;
  return arena + begin;
}

void* take_memory(size_t bytes) {
#if defined(CRISP_EMULATION_TRACE)
  return take_from_arena(bytes);
#else
  (void)take_from_arena;
  void* memory = nullptr;
  if (bytes > kArenaBytes || posix_memalign(&memory, 256, bytes ? bytes : 1)) return nullptr;
  return memory;
#endif
}

void set_poison([[maybe_unused]] const Allocation& memory, [[maybe_unused]] bool open) {
#if defined(EMULATION_ASAN)
  if (open) __asan_unpoison_memory_region(memory.begin, memory.bytes);
  else __asan_poison_memory_region(memory.begin, memory.bytes);
#endif
}

bool inside_one_allocation(const void* pointer, size_t bytes) {
  const Allocation* a = allocation_at_or_below(pointer);
  return a && static_cast<const char*>(pointer) + bytes <= a->begin + a->bytes;
}

bool on_device(const void* pointer) {
  const Allocation* a = allocation_at_or_below(pointer);
  return a && static_cast<const char*>(pointer) < a->begin + (a->bytes ? a->bytes : 1);
}

bool failure_is_due() { return allocations_until_failure > 0 && --allocations_until_failure == 0; }

cudaError_t allocate(void** pointer, size_t bytes) {
  if (sticky_error() != cudaSuccess) return sticky_error();
  void* memory = failure_is_due() ? nullptr : take_memory(bytes);
  if (!memory) return remember(cudaErrorMemoryAllocation);
  std::memset(memory, 0xFF, bytes);
  const Allocation made{static_cast<char*>(memory), bytes, next_number++};
  device_memory[key(memory)] = made;
  set_poison(made, false);
  *pointer = memory;
  return cudaSuccess;
}

}  // namespace

bool in_arena(const void* pointer) { return arena && key(pointer) - key(arena) < kArenaBytes; }
size_t arena_offset(const void* pointer) { return key(pointer) - key(arena); }
size_t arena_used() { return arena_end; }

const Allocation* allocation_at_or_below(const void* pointer) {
  auto after = device_memory.upper_bound(key(pointer));
  return after == device_memory.begin() ? nullptr : &std::prev(after)->second;
}

void open_device_memory(bool open) {
#if defined(EMULATION_ASAN)
  for (const auto& entry : device_memory) set_poison(entry.second, open);
#else
  (void)open;
#endif
}

DeviceMemoryAccess::DeviceMemoryAccess() { open_device_memory(true); }
DeviceMemoryAccess::~DeviceMemoryAccess() { open_device_memory(false); }
void DeviceMemoryAccess::wrote(void* pointer, size_t bytes) const { trace_written(pointer, bytes); }

void fail_allocation(int n) { allocations_until_failure = n; }
size_t live_allocations() { return device_memory.size() + pinned_memory.size(); }

bool is_pinned(const void* pointer) {
  auto after = pinned_memory.upper_bound(key(pointer));
  if (after == pinned_memory.begin()) return false;
  --after;
  return key(pointer) < after->first + after->second;
}

void release_device_memory(void* pointer) {
  const auto found = device_memory.find(key(pointer));
  if (found == device_memory.end()) {
    report("free of %p, which is no live device allocation", pointer);
    return;
  }
  set_poison(found->second, true);
  device_memory.erase(found);
#if !defined(CRISP_EMULATION_TRACE)
  std::free(pointer);
#endif
}

/// A copy or fill, when its turn in the stream has come. Device ranges must lie in one live allocation.
cudaError_t copy_now(void* to, const void* from, size_t bytes) {
  if (bytes == 0) return cudaSuccess;
  for (const void* end : {static_cast<const void*>(to), from}) {
    if (!on_device(end) || inside_one_allocation(end, bytes)) continue;
    report("OUT OF BOUNDS copy of %zu bytes at %p: past the end of its allocation", bytes, end);
    return device_fault(cudaErrorInvalidValue);
  }
  const DeviceMemoryAccess access;
  std::memmove(to, from, bytes);
  if (on_device(to)) access.wrote(to, bytes);
  if (on_device(to) && !on_device(from)) statistics().uploaded_bytes += bytes;
  return cudaSuccess;
}

cudaError_t fill_now(void* to, int value, size_t bytes) {
  if (bytes > 0 && !inside_one_allocation(to, bytes)) {
    report("OUT OF BOUNDS fill of %zu bytes at %p", bytes, to);
    return device_fault(cudaErrorInvalidValue);
  }
  const DeviceMemoryAccess access;
  std::memset(to, value, bytes);
  access.wrote(to, bytes);
  return cudaSuccess;
}

}  // namespace emulation

using namespace emulation;

cudaError_t cudaMallocAsync(void** pointer, size_t bytes, cudaStream_t stream) {
  const std::lock_guard lock(api_mutex());
  const cudaError_t status = allocate(pointer, bytes);
  if (status == cudaSuccess) take_memory_for_capture(stream, *pointer, bytes);
  return status;
}

cudaError_t cudaMalloc(void** pointer, size_t bytes) {
  const std::lock_guard lock(api_mutex());
  if (break_capture(nullptr)) return remember(cudaErrorStreamCaptureUnsupported);
  drain(nullptr);
  return allocate(pointer, bytes);
}

cudaError_t cudaFree(void* pointer) {
  const std::lock_guard lock(api_mutex());
  if (break_capture(nullptr)) return remember(cudaErrorStreamCaptureUnsupported);
  drain(nullptr);
  if (pointer) release_device_memory(pointer);
  return sticky_error();
}

cudaError_t cudaMallocHost(void** pointer, size_t bytes) {
  const std::lock_guard lock(api_mutex());
  if (sticky_error() != cudaSuccess) return sticky_error();
  *pointer = failure_is_due() ? nullptr : std::malloc(bytes ? bytes : 1);
  if (!*pointer) return remember(cudaErrorMemoryAllocation);
  pinned_memory[key(*pointer)] = bytes;
  return cudaSuccess;
}

cudaError_t cudaFreeHost(void* pointer) {
  const std::lock_guard lock(api_mutex());
  drain(nullptr);
  if (pointer && pinned_memory.erase(key(pointer)) == 0) return remember(cudaErrorInvalidValue);
  std::free(pointer);
  return cudaSuccess;
}

cudaError_t cudaMemGetInfo(size_t* free, size_t* total) {
  *total = kArenaBytes;
  *free = kArenaBytes / 2;
  return sticky_error();
}

cudaError_t cudaPointerGetAttributes(cudaPointerAttributes* attributes, const void* pointer) {
  const std::lock_guard lock(api_mutex());
  attributes->type = on_device(pointer) ? cudaMemoryTypeDevice
                     : is_pinned(pointer) ? cudaMemoryTypeHost : cudaMemoryTypeUnregistered;
  attributes->device = 0;
  attributes->devicePointer = attributes->hostPointer = const_cast<void*>(pointer);
  return cudaSuccess;
}

cudaError_t cudaDeviceGetDefaultMemPool(cudaMemPool_t* pool, int) {
  *pool = nullptr;
  return cudaSuccess;
}

cudaError_t cudaMemPoolSetAttribute(cudaMemPool_t, cudaMemPoolAttr, void*) { return cudaSuccess; }
cudaError_t cudaMemPoolTrimTo(cudaMemPool_t, size_t) { return cudaSuccess; }
