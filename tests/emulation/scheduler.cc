// Who runs next: threads of a block as fibers, blocks of a grid one after another, in the order that the options name.
#include <algorithm>
#include <cstdlib>
#include <cstring>
#include <map>
#include <numeric>

#include "tests/emulation/machine.h"

__attribute__((section("emulation_builtin"))) uint3 threadIdx = {0, 0, 0};
__attribute__((section("emulation_builtin"))) uint3 blockIdx = {0, 0, 0};
__attribute__((section("emulation_builtin"))) dim3 blockDim(1);
__attribute__((section("emulation_builtin"))) dim3 gridDim(1);

namespace emulation {

thread_local Block* running = nullptr;

Options& options() {
  static Options instance;
  return instance;
}

Statistics& statistics() {
  static Statistics instance;
  return instance;
}

void use_schedule(int n) {
  Options& o = options();
  o.order = n == 0 ? Order::sequential : n == 1 ? Order::reverse : Order::random;
  o.seed = static_cast<uint64_t>(n);
  o.preemption = n < 2 ? 0 : 0.05 * (n % 5);
}

uint64_t random_word() {
  uint64_t& x = running->random_state;
  x ^= x << 13;
  x ^= x >> 7;
  x ^= x << 17;
  return x;
}

Fiber* pick_ready() {
  auto& ready = running->ready;
  size_t& head = running->ready_head;
  if (head >= ready.size()) return nullptr;
  if (running->order == Order::random) std::swap(ready[head], ready[head + random_word() % (ready.size() - head)]);
  Fiber* fiber = &running->fibers[ready[head++]];
  if (head == ready.size()) {
    ready.clear();
    head = 0;
  }
  return fiber;
}

void wait_here() {
  Fiber* next = running->failed ? nullptr : pick_ready();
  resume(*running->current, next ? *next : running->scheduler, false);
}

void maybe_preempt() {
  if (!running || !running->preemption_threshold || !running->current) return;
  if ((random_word() >> 11) >= running->preemption_threshold) return;
  running->ready.push_back(running->current->linear);
  wait_here();
}

void stop_block() {
  running->failed = true;
  if (running->current) resume(*running->current, running->scheduler, false);  // never resumed
}

void fiber_main() {
  for (;;) {
    threadIdx = running->current->index;
    running->launch->body();
    Fiber& me = *running->current;
    Warp& warp = running->warps[me.warp];
    me.state = ThreadState::done;
    --running->live;
    warp.exited |= 1u << me.lane;
    finish_exited_lanes(warp, me.warp);
    if (running->live) running->exited_early = true;
    if (running->arrived && running->arrived == running->live) release_barrier();
    Fiber* next = running->failed ? nullptr : pick_ready();
    if (next && next->state == ThreadState::fresh) {
      // The next thread takes over this stack: kernels without barriers never switch.
      next->stack = me.stack;
      next->state = ThreadState::ready;
      me.stack = nullptr;
      running->current = next;
      continue;
    }
    running->free_stacks.push_back(me.stack);
    resume(me, next ? *next : running->scheduler, true);
  }
}

namespace {

void prepare_block(Block& block, uint3 index) {
  block.index = blockIdx = index;
  block.ready_head = block.arrived = block.epoch = 0;
  block.live = static_cast<unsigned>(block.fibers.size());
  block.exited_early = block.failed = false;
  ++block.sequence;
  block.ready.resize(block.fibers.size());
  std::iota(block.ready.begin(), block.ready.end(), 0u);
  if (block.order == Order::reverse) std::reverse(block.ready.begin(), block.ready.end());
  for (Fiber& fiber : block.fibers) fiber.state = ThreadState::fresh;
  for (Warp& warp : block.warps) {
    warp.open.clear();
    warp.exited = 0;
  }
}

bool run_block(Block& block, uint3 index) {
  prepare_block(block, index);
  trace_block_begins();
  resume(block.scheduler, *pick_ready(), false);
  block.current = nullptr;
  if (!block.failed && block.live) {
    report("deadlock in %s block (%u,%u,%u): no thread can run", kernel_name(), index.x, index.y, index.z);
    report_threads();
    block.failed = true;
  }
  trace_block_ends();
  ++statistics().blocks;
  statistics().threads += block.fibers.size();
  return !block.failed;
}

void shape_block(Block& block, dim3 size) {
  const unsigned threads = size.x * size.y * size.z;
  if (block.fibers.size() != threads) {
    block.fibers.assign(threads, Fiber{});
    block.warps.assign((threads + 31) / 32, Warp{});
  }
  for (unsigned i = 0; i < threads; ++i) {
    Fiber& fiber = block.fibers[i];
    fiber.linear = i;
    fiber.warp = i / 32;
    fiber.lane = i % 32;
    fiber.index = {i % size.x, i / size.x % size.y, i / size.x / size.y};
    block.warps[i / 32].exist |= 1u << (i % 32);
  }
}

std::vector<uint64_t> block_order(uint64_t blocks) {
  std::vector<uint64_t> order(blocks);
  std::iota(order.begin(), order.end(), uint64_t{0});
  if (running->order == Order::reverse) std::reverse(order.begin(), order.end());
  if (running->order == Order::random) {
    for (uint64_t i = blocks; i > 1; --i) std::swap(order[i - 1], order[random_word() % i]);
  }
  return order;
}

/// Dynamic shared memory, exactly as large as asked for, filled with NaN: reads of it that nobody wrote show.
class SharedMemory {
 public:
  explicit SharedMemory(Block& block, size_t bytes) : block_(block) {
    block.shared_bytes = bytes;
    block.shared = nullptr;
    if (bytes && posix_memalign(&block.shared, 128, bytes + kSharedGuardBytes)) std::abort();
    if (bytes) std::memset(block.shared, 0xFF, bytes);
  }
  ~SharedMemory() { std::free(block_.shared); }

 private:
  Block& block_;
};

Block*& cached_block() {
  thread_local Block* block = nullptr;
  return block;
}

void configure(Block& block, const Launchable& launch) {
  const Options& o = options();
  block.order = o.order;
  block.preemption_threshold = static_cast<uint64_t>(o.preemption * static_cast<double>(1ull << 53));
  block.random_state = ((o.seed + 0x1000 * statistics().launches) * 0x9E3779B97F4A7C15ull) | 1;
  block.launch = &launch;
  block.caller_stack = nullptr;
}

}  // namespace

bool run_launch(const cudaLaunchConfig_t& config, const Launchable& launch) {
  static uint32_t sequence = 0;
  Block*& cached = cached_block();
  if (!cached) cached = new Block;
  running = cached;
  configure(*running, launch);
  running->sequence = sequence;
  const dim3 grid = config.gridDim;
  shape_block(*running, config.blockDim);
  blockDim = config.blockDim;
  gridDim = grid;
  ++statistics().launches;
  trace_launch_begins();
  open_device_memory(true);
  bool ok = true;
  for (const uint64_t i : block_order(uint64_t{grid.x} * grid.y * grid.z)) {
    const SharedMemory shared(*running, config.dynamicSmemBytes);
    ok = run_block(*running, {static_cast<unsigned>(i % grid.x), static_cast<unsigned>(i / grid.x % grid.y),
                              static_cast<unsigned>(i / grid.x / grid.y)});
    if (!ok) break;
  }
  sequence = running->sequence;
  open_device_memory(false);
  if (!ok) cached = nullptr;  // the stuck threads' stacks are left alone
  running = nullptr;
  return ok;
}

unsigned own_lane_mask() { return 1u << running->current->lane; }

void* dynamic_shared_memory() { return running->shared; }

}  // namespace emulation
