/// Inside of the emulated device: fibers (threads), warps, and the block that runs now.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "tests/emulation/control.h"
#include "tests/emulation/device_functions.h"
#include "tests/emulation/runtime_api.h"

#if defined(__SANITIZE_ADDRESS__)
#define EMULATION_ASAN 1
#endif
#if !defined(__x86_64__)
#define EMULATION_UCONTEXT 1
#include <ucontext.h>
#endif

namespace emulation {

enum class ThreadState : uint8_t { fresh, ready, at_barrier, in_warp_operation, done };

struct Fiber {
#if defined(EMULATION_UCONTEXT)
  ucontext_t context;
#else
  void* stack_pointer;
#endif
  char* stack = nullptr;
  void* sanitizer_stack = nullptr;
  uint3 index;
  unsigned linear, warp, lane;
  ThreadState state;
  // Where it waits, and for what.
  const char* file;
  int line;
  unsigned mask;
  WarpOp op;
  uint64_t in, out;
  int argument, width;
};

/// A warp operation that some of its lanes have reached.
struct Rendezvous {
  unsigned mask, arrived;
  WarpOp op;
  const char* file;
  int line;
};
struct Warp {
  unsigned exist = 0, exited = 0;
  std::vector<Rendezvous> open;
};
/// Vector clock of one lane over its warp: what it has seen of the others through __syncwarp.
struct Clock { uint32_t lane[32]; };

struct Block {
  std::vector<Fiber> fibers;
  std::vector<Warp> warps;
  std::vector<Clock> clocks;
  std::vector<uint32_t> ready;
  size_t ready_head = 0;
  std::vector<char*> free_stacks;
  unsigned live = 0, arrived = 0, epoch = 0;
  BarrierOp barrier_op = BarrierOp::sync;
  int barrier_sum = 0;
  bool exited_early = false, failed = false;
  const Launchable* launch = nullptr;
  void* shared = nullptr;
  size_t shared_bytes = 0;
  uint64_t random_state = 1, preemption_threshold = 0;
  uint32_t sequence = 0;  ///< number of this block over all launches
  uint3 index;
  Order order = Order::sequential;
  Fiber* current = nullptr;
  Fiber scheduler;
  const void* caller_stack = nullptr;
  size_t caller_stack_bytes = 0;
};

/// The block that this host thread runs, or nullptr outside of a launch.
extern thread_local Block* running;

// Behind dynamic shared memory, where the trace build takes an access for one past its end: nothing else may lie there.
// AddressSanitizer has a red zone of its own, which must begin at the exact size.
#if defined(CRISP_EMULATION_TRACE)
constexpr size_t kSharedGuardBytes = 256;
#else
constexpr size_t kSharedGuardBytes = 0;
#endif
constexpr size_t kStackBytes =
#if defined(EMULATION_ASAN)
    256 << 10;
#else
    64 << 10;
#endif

// fiber.cc
void start_fiber(Fiber& fiber);
void resume(Fiber& from, Fiber& to, bool from_ends);
// scheduler.cc
uint64_t random_word();
Fiber* pick_ready();
void wait_here();
[[noreturn]] void fiber_main();
void stop_block();
bool run_launch(const cudaLaunchConfig_t& config, const Launchable& launch);
int shared_limit(const void* kernel);
// warp.cc
void release_barrier();
void finish_exited_lanes(Warp& warp, unsigned index);
// report.cc
__attribute__((format(printf, 1, 2))) void report(const char* format, ...);
void report_threads();
const char* kernel_name();
// memory.cc: poisoning (asan build)
void open_device_memory(bool open);
// trace.cc
void trace_launch_begins();
void trace_block_begins();
void trace_block_ends();
void trace_written(void* pointer, size_t bytes);
void trace_forgotten(void* pointer, size_t bytes);

/// One allocation on the emulated device.
struct Allocation {
  char* begin = nullptr;
  size_t bytes = 0;
  unsigned number = 0;
};
/// The allocation that holds `pointer`, or the nearest one below it; nullptr when there is none.
const Allocation* allocation_at_or_below(const void* pointer);
/// The address range of all device memory in the trace build.
bool in_arena(const void* pointer);
size_t arena_offset(const void* pointer);
constexpr size_t kArenaBytes = size_t{4} << 30;
size_t arena_used();

}  // namespace emulation
