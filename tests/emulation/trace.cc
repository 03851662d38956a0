// Access hooks of the trace build. The kernels are compiled (not linked) with -fsanitize=thread, so every load and store
// calls one of the __tsan functions below; each access is then placed in global, shared or local memory and checked.
#include <pthread.h>
#include <unistd.h>

#include <algorithm>
#include <cstdio>
#include <cstring>
#include <map>
#include <set>
#include <tuple>

#include "tests/emulation/trace.h"

extern "C" char __executable_start, __data_start, _end, __start_emulation_builtin, __stop_emulation_builtin;
#pragma weak __start_emulation_constant
#pragma weak __stop_emulation_constant
extern "C" char __start_emulation_constant, __stop_emulation_constant;

namespace emulation {
namespace {

enum Mistake { kOutOfBounds, kForeignStack, kHostMemory, kMisaligned };

uintptr_t address(const void* pointer) { return reinterpret_cast<uintptr_t>(pointer); }
bool within(uintptr_t p, const void* begin, size_t bytes) { return p - address(begin) < bytes; }
bool between(uintptr_t p, const char& begin, const char& end) { return p >= address(&begin) && p < address(&end); }

bool on_host_stack(uintptr_t p) {
  thread_local uintptr_t low = 0, high = 0;
  if (!high) {
    pthread_attr_t attributes;
    void* begin;
    size_t bytes;
    pthread_getattr_np(pthread_self(), &attributes);
    pthread_attr_getstack(&attributes, &begin, &bytes);
    pthread_attr_destroy(&attributes);
    low = address(begin);
    high = low + bytes;
  }
  return p >= low && p < high;
}

void report_bounds(const Access& access, const Allocation* near) {
  if (!first_report(kOutOfBounds, access.place)) return;
  const Block& b = *running;
  std::string relation = "no allocation";
  if (near) {
    relation = std::to_string(access.address - address(near->begin) - near->bytes) + " bytes past the end of allocation #" +
               std::to_string(near->number) + " (" + std::to_string(near->bytes) + " bytes)";
  }
  report("OUT OF BOUNDS %s of %zu bytes in %s block (%u,%u,%u) thread %u at %s: %s",
         access.writes() ? "write" : "read", access.bytes, kernel_name(), b.index.x, b.index.y, b.index.z,
         b.current->linear, source_place(access.place).c_str(), relation.c_str());
}

/// False when the access is out of bounds.
bool place_global(Access& access) {
  static Allocation last;  // neighbouring accesses mostly hit the same allocation
  const auto holds = [&](const Allocation& a) {
    return access.address >= address(a.begin) && access.address + access.bytes <= address(a.begin) + a.bytes;
  };
  if (!holds(last) || last.begin == nullptr || !allocation_at_or_below(last.begin) ||
      allocation_at_or_below(last.begin)->number != last.number) {
    const Allocation* found = allocation_at_or_below(reinterpret_cast<void*>(access.address));
    if (!found || !holds(*found)) {
      report_bounds(access, found);
      if (arena_offset(reinterpret_cast<void*>(access.address)) + access.bytes > arena_used() + 4096) stop_block();
      return false;
    }
    last = *found;
  }
  access.space = Space::global;
  access.offset = access.address - address(last.begin);
  access.allocation = last.number;
  return true;
}

bool place_dynamic_shared(Access& access) {
  access.space = Space::dynamic_shared;
  access.offset = access.address - address(running->shared);
  if (access.offset + access.bytes <= running->shared_bytes) return true;
  if (first_report(kOutOfBounds, access.place)) {
    report("OUT OF BOUNDS %s in dynamic shared memory +%zu (size %zu) of %s thread %u at %s",
           access.writes() ? "write" : "read", access.offset, running->shared_bytes, kernel_name(),
           running->current->linear, source_place(access.place).c_str());
  }
  return false;
}

void report_foreign(const Access& access) {
  for (const Fiber& fiber : running->fibers) {
    if (!fiber.stack || !within(access.address, fiber.stack, kStackBytes)) continue;
    if (first_report(kForeignStack, access.place)) {
      report("thread %u touches another thread's local memory at %s", running->current->linear,
             source_place(access.place).c_str());
    }
    return;
  }
  if (first_report(kHostMemory, access.place)) {
    report("kernel %s touches host memory at %s", kernel_name(), source_place(access.place).c_str());
  }
}

/// Finds the memory space; false for what needs no check (locals, arguments, constants) or was reported.
bool place(Access& access) {
  const uintptr_t p = access.address;
  const void* pointer = reinterpret_cast<void*>(p);
  if (in_arena(pointer)) return place_global(access);
  if (running->shared && within(p, running->shared, running->shared_bytes + kSharedGuardBytes)) return place_dynamic_shared(access);
  if (between(p, __start_emulation_builtin, __stop_emulation_builtin)) return false;
  if (&__start_emulation_constant && between(p, __start_emulation_constant, __stop_emulation_constant)) return false;
  if (between(p, __data_start, _end)) {
    access.space = Space::static_shared;
    access.offset = p - address(&__data_start);
    return true;
  }
  const Launchable& launch = *running->launch;
  if (within(p, launch.arguments.get(), launch.arguments_bytes) || on_host_stack(p)) return false;
  if (between(p, __executable_start, _end)) return false;  // constants of the program
  if (within(p, &launch, sizeof launch)) return false;
  report_foreign(access);
  return false;
}

void on_access(const void* pointer, size_t bytes, AccessKind kind, const void* instruction, bool vector = false) {
  if (!running || !running->current) return;
  if (within(address(pointer), running->current->stack, kStackBytes)) return;  // local memory
  if (kind != AccessKind::atomic) maybe_preempt();
  Access access{address(pointer), bytes, kind, static_cast<uint32_t>(address(instruction) - address(&__executable_start)),
                Space::global, 0, 0};
  if (!place(access)) return;
  const size_t alignment = std::min<size_t>(bytes, 16);
  if (vector && access.address % alignment != 0 && first_report(kMisaligned, access.place)) {
    report("MISALIGNED %zu-byte access at %s", bytes, source_place(access.place).c_str());
  }
  check_access(access);
  count_access(access);
}

}  // namespace

bool first_report(int mistake, uint32_t place, uint32_t other) {
  static std::set<std::tuple<int, uint32_t, uint32_t, int>> seen;
  // A new test wants its own report: after clear_reports() everything counts as new.
  if (report_count() == 0) seen.clear();
  return seen.insert({mistake, place, other, 0}).second;
}

std::string source_place(uint32_t place) {
  char command[128], line[512];
  std::snprintf(command, sizeof command, "addr2line -i -s -e /proc/%d/exe 0x%x 2>/dev/null", static_cast<int>(getpid()),
                place - 1);
  std::string out;
  FILE* pipe = popen(command, "r");
  if (!pipe) return "?";
  while (std::fgets(line, sizeof line, pipe)) {
    if (out.empty() && std::strncmp(line, "device_functions.h", 18) != 0) out = line;
  }
  pclose(pipe);
  return out.substr(0, out.find_first_of(" \n"));
}

std::string space_name(const Access& access) {
  switch (access.space) {
    case Space::global: return "global allocation #" + std::to_string(access.allocation);
    case Space::static_shared: return "static shared memory";
    default: return "dynamic shared memory";
  }
}

void on_vector_access(const void* pointer, size_t bytes, bool write, void* instruction) {
  on_access(pointer, bytes, write ? AccessKind::store : AccessKind::load, instruction, true);
}

void on_atomic(void* pointer, size_t bytes, void* instruction) {
  on_access(pointer, bytes, AccessKind::atomic, instruction);
}

void trace_launch_begins() {
  shadow_launch_begins();
  statistics_launch_begins();
}

void trace_block_begins() {
  shadow_block_begins();
  statistics_block_begins();
}

void trace_block_ends() { statistics_block_ends(); }

}  // namespace emulation

using emulation::AccessKind;
using emulation::on_access;

extern "C" {
void __tsan_init() {}
void __tsan_func_entry(void*) {}
void __tsan_func_exit() {}
void __tsan_vptr_update(void**, void*) {}
void __tsan_vptr_read(void**) {}

#define EMULATION_HOOK(name, bytes, kind) \
  void __tsan_##name(void* p) { on_access(p, bytes, AccessKind::kind, __builtin_return_address(0)); }
#define EMULATION_HOOKS(n)                       \
  EMULATION_HOOK(read##n, n, load)               \
  EMULATION_HOOK(write##n, n, store)             \
  EMULATION_HOOK(unaligned_read##n, n, load)     \
  EMULATION_HOOK(unaligned_write##n, n, store)   \
  EMULATION_HOOK(volatile_read##n, n, load)      \
  EMULATION_HOOK(volatile_write##n, n, store)
EMULATION_HOOKS(1)
EMULATION_HOOKS(2)
EMULATION_HOOKS(4)
EMULATION_HOOKS(8)
EMULATION_HOOKS(16)
void __tsan_read_range(void* p, unsigned long n) { on_access(p, n, AccessKind::load, __builtin_return_address(0)); }
void __tsan_write_range(void* p, unsigned long n) { on_access(p, n, AccessKind::store, __builtin_return_address(0)); }

// std::atomic in host code: the sanitizer turns it into calls, which here are the operations themselves.
#define EMULATION_HOST_ATOMIC(bits, T)                                                                              \
  T __tsan_atomic##bits##_load(const volatile T* p, int) { return __atomic_load_n(p, __ATOMIC_SEQ_CST); }           \
  void __tsan_atomic##bits##_store(volatile T* p, T v, int) { __atomic_store_n(p, v, __ATOMIC_SEQ_CST); }           \
  T __tsan_atomic##bits##_exchange(volatile T* p, T v, int) { return __atomic_exchange_n(p, v, __ATOMIC_SEQ_CST); } \
  T __tsan_atomic##bits##_fetch_add(volatile T* p, T v, int) { return __atomic_fetch_add(p, v, __ATOMIC_SEQ_CST); } \
  T __tsan_atomic##bits##_fetch_sub(volatile T* p, T v, int) { return __atomic_fetch_sub(p, v, __ATOMIC_SEQ_CST); } \
  int __tsan_atomic##bits##_compare_exchange_strong(volatile T* p, T* c, T v, int, int) {                           \
    return __atomic_compare_exchange_n(p, c, v, false, __ATOMIC_SEQ_CST, __ATOMIC_SEQ_CST);                         \
  }
EMULATION_HOST_ATOMIC(8, uint8_t)
EMULATION_HOST_ATOMIC(32, uint32_t)
EMULATION_HOST_ATOMIC(64, uint64_t)
void __tsan_atomic_thread_fence(int) { __atomic_thread_fence(__ATOMIC_SEQ_CST); }
}
