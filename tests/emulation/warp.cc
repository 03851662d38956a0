// __syncthreads and the warp operations: who has to meet whom, and what each gets.
#include <algorithm>
#include <cstring>

#include "tests/emulation/machine.h"

namespace emulation {

void release_barrier() {
  Block& b = *running;
  const Fiber* first = nullptr;
  bool divergent = false;
  for (const Fiber& fiber : b.fibers) {
    if (fiber.state != ThreadState::at_barrier) continue;
    if (!first) first = &fiber;
    divergent |= fiber.line != first->line || std::strcmp(fiber.file, first->file) != 0;
  }
  if (divergent || (b.exited_early && options().strict_exit)) {
    report("divergent __syncthreads in %s block (%u,%u,%u):", kernel_name(), b.index.x, b.index.y, b.index.z);
    report_threads();
    return stop_block();
  }
  ++statistics().barriers;
  ++b.epoch;
  int result = b.barrier_sum;
  if (b.barrier_op == BarrierOp::all) result = b.barrier_sum == static_cast<int>(b.arrived);
  if (b.barrier_op == BarrierOp::any) result = b.barrier_sum != 0;
  b.arrived = 0;
  b.barrier_sum = 0;
  const size_t size = b.fibers.size();
  for (size_t i = 0; i < size; ++i) {
    Fiber& fiber = b.fibers[b.order == Order::reverse ? size - 1 - i : i];
    if (fiber.state != ThreadState::at_barrier) continue;
    fiber.state = ThreadState::ready;
    fiber.out = static_cast<uint64_t>(result);
    b.ready.push_back(fiber.linear);
  }
}

int barrier(BarrierOp op, int predicate, const char* file, int line) {
  Fiber& me = *running->current;
  me.file = file;
  me.line = line;
  me.state = ThreadState::at_barrier;
  running->barrier_op = op;
  running->barrier_sum += op != BarrierOp::sync && predicate != 0;
  if (++running->arrived == running->live) release_barrier();
  wait_here();
  return static_cast<int>(me.out);
}

namespace {

constexpr uint64_t kNobodysValue = 0x7ff5bad07fb5bad0ull;  // NaN as a float and as a double

bool has(unsigned mask, unsigned lane) { return mask >> lane & 1; }

/// The vote or reduction over the lanes that take part.
uint64_t combine(WarpOp op, const Fiber* lanes, unsigned part) {
  uint64_t sum = 0;
  bool first = true;
  for (unsigned lane = 0; lane < 32; ++lane) {
    if (!has(part, lane)) continue;
    const uint64_t value = lanes[lane].in;
    const uint32_t a = static_cast<uint32_t>(sum), v = static_cast<uint32_t>(value);
    const int sa = static_cast<int>(a), sv = static_cast<int>(v);
    switch (op) {
      case WarpOp::ballot:
      case WarpOp::any: sum |= value << lane; break;
      case WarpOp::all: sum = first ? value : (sum & value); break;
      case WarpOp::add: sum = static_cast<uint32_t>(a + v); break;
      case WarpOp::min_unsigned: sum = first ? v : std::min(a, v); break;
      case WarpOp::max_unsigned: sum = first ? v : std::max(a, v); break;
      case WarpOp::min_signed: sum = static_cast<uint32_t>(first ? sv : std::min(sa, sv)); break;
      case WarpOp::max_signed: sum = static_cast<uint32_t>(first ? sv : std::max(sa, sv)); break;
      case WarpOp::bit_and: sum = first ? v : (a & v); break;
      case WarpOp::bit_or: sum = a | v; break;
      case WarpOp::bit_xor: sum = a ^ v; break;
      default: break;
    }
    first = false;
  }
  return op == WarpOp::any ? sum != 0 : sum;
}

void shuffle_lane(const Rendezvous& meeting, Fiber* lanes, unsigned lane, unsigned warp) {
  Fiber& fiber = lanes[lane];
  const int width = fiber.width, base = static_cast<int>(lane) & ~(width - 1), self = static_cast<int>(lane);
  int source = self;
  bool keep = false;
  switch (meeting.op) {
    case WarpOp::shuffle: source = base + (fiber.argument & (width - 1)); break;
    case WarpOp::shuffle_up: source = self - fiber.argument; keep = source < base; break;
    case WarpOp::shuffle_down: source = self + fiber.argument; keep = source >= base + width; break;
    default: source = self ^ fiber.argument; keep = source >= base + width; break;
  }
  if (keep) {
    fiber.out = fiber.in;
  } else if (has(meeting.arrived, static_cast<unsigned>(source))) {
    fiber.out = lanes[source].in;
  } else {
    fiber.out = kNobodysValue;
    report("%s block (%u,%u,%u): lane %u of warp %u shuffles from lane %d which does not take part (mask 0x%08x) "
           "at %s:%d", kernel_name(), running->index.x, running->index.y, running->index.z, lane, warp, source,
           meeting.mask, meeting.file, meeting.line);
  }
}

unsigned lanes_with_same_value(const Fiber* lanes, unsigned part, uint64_t value) {
  unsigned same = 0;
  for (unsigned lane = 0; lane < 32; ++lane) {
    if (has(part, lane) && lanes[lane].in == value) same |= 1u << lane;
  }
  return same;
}

/// __syncwarp orders memory: each lane now knows what all of them knew. Shuffles and votes do not, as CUDA says.
void join_clocks(unsigned warp, unsigned part) {
  if (running->clocks.empty()) return;
  Clock joined{};
  Clock* clocks = &running->clocks[warp * 32];
  for (unsigned lane = 0; lane < 32; ++lane) {
    if (!has(part, lane)) continue;
    for (int k = 0; k < 32; ++k) joined.lane[k] = std::max(joined.lane[k], clocks[lane].lane[k]);
  }
  for (unsigned lane = 0; lane < 32; ++lane) {
    if (!has(part, lane)) continue;
    clocks[lane] = joined;
    ++clocks[lane].lane[lane];
  }
}

void complete(const Rendezvous& meeting, unsigned warp) {
  ++statistics().collectives;
  Fiber* lanes = &running->fibers[warp * 32];
  const unsigned part = meeting.arrived;
  const uint64_t all = combine(meeting.op, lanes, part);
  const bool shuffles = meeting.op >= WarpOp::shuffle && meeting.op <= WarpOp::shuffle_xor;
  for (unsigned lane = 0; lane < 32; ++lane) {
    if (!has(part, lane)) continue;
    if (shuffles) shuffle_lane(meeting, lanes, lane, warp);
    else if (meeting.op == WarpOp::match) lanes[lane].out = lanes_with_same_value(lanes, part, lanes[lane].in);
    else lanes[lane].out = all;
  }
  if (meeting.op == WarpOp::sync) join_clocks(warp, part);
  for (unsigned i = 0; i < 32; ++i) {
    const unsigned lane = running->order == Order::reverse ? 31 - i : i;
    if (!has(part, lane)) continue;
    lanes[lane].state = ThreadState::ready;
    running->ready.push_back(lanes[lane].linear);
  }
}

bool everybody_there(const Rendezvous& meeting, const Warp& warp) {
  return (meeting.mask & ~(meeting.arrived | warp.exited | ~warp.exist)) == 0 && meeting.arrived;
}

void reject_mask(const Fiber& me, unsigned mask) {
  report("%s block (%u,%u,%u) thread %u: its lane %u is not in its own mask 0x%08x at %s:%d", kernel_name(),
         running->index.x, running->index.y, running->index.z, me.linear, me.lane, mask, me.file, me.line);
  stop_block();
}

/// The open meeting that this call joins; nullptr when it opens a new one. Overlapping different ones are a mistake.
Rendezvous* find_meeting(Warp& warp, const Fiber& me) {
  const unsigned bit = 1u << me.lane;
  for (Rendezvous& open : warp.open) {
    if (open.mask == me.mask && open.op == me.op && open.line == me.line && !(open.arrived & bit)) return &open;
    if (!(open.mask & bit) && !(me.mask & open.arrived)) continue;
    report("mismatched warp operations in %s block (%u,%u,%u) warp %u: lane %u at %s:%d mask 0x%08x, lanes 0x%08x "
           "at %s:%d mask 0x%08x", kernel_name(), running->index.x, running->index.y, running->index.z, me.warp,
           me.lane, me.file, me.line, me.mask, open.arrived, open.file, open.line, open.mask);
    report_threads();
    stop_block();
  }
  return nullptr;
}

}  // namespace

void finish_exited_lanes(Warp& warp, unsigned index) {
  for (size_t i = 0; i < warp.open.size();) {
    const Rendezvous meeting = warp.open[i];
    if (!everybody_there(meeting, warp)) {
      ++i;
      continue;
    }
    warp.open.erase(warp.open.begin() + static_cast<std::ptrdiff_t>(i));
    complete(meeting, index);
  }
}

uint64_t collective(WarpOp op, unsigned mask, uint64_t value, int argument, int width, const char* file, int line) {
  Fiber& me = *running->current;
  Warp& warp = running->warps[me.warp];
  me.in = value;
  me.argument = argument;
  me.width = width;
  me.mask = mask;
  me.op = op;
  me.file = file;
  me.line = line;
  if (!has(mask, me.lane)) reject_mask(me, mask);
  me.state = ThreadState::in_warp_operation;
  Rendezvous* meeting = find_meeting(warp, me);
  if (!meeting) meeting = &warp.open.emplace_back(Rendezvous{mask, 0, op, file, line});
  meeting->arrived |= 1u << me.lane;
  if (everybody_there(*meeting, warp)) {
    const Rendezvous full = *meeting;
    warp.open.erase(warp.open.begin() + (meeting - warp.open.data()));
    complete(full, me.warp);
  }
  wait_here();
  return me.out;
}

}  // namespace emulation
