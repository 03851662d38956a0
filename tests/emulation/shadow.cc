// Races and uninitialised reads, exactly: for every 4 bytes the last write and two readers, with the barrier epoch and
// the warp clock that they happened in. Two accesses are ordered by __syncthreads, by __syncwarp, or by being in two
// launches; blocks of one launch are concurrent.
#include <sys/mman.h>

#include <cstdio>
#include <cstdlib>
#include <vector>

#include "tests/emulation/trace.h"

extern "C" char __data_start, _end;

namespace emulation {
namespace {

enum Mistake { kRace = 16, kUninitialised };

struct Stamp {
  uint32_t block, epoch, clock, place;
  uint16_t thread;
  uint8_t bytes;  ///< mask of the four bytes of the cell
  uint8_t flags;
};
constexpr uint8_t kValid = 1, kAtomic = 2;

struct Cell {
  Stamp write, read[2];
  uint32_t initialised;  ///< 1 for global memory, the block's number for shared memory
};

Cell* global_cells = nullptr;
Cell* static_cells = nullptr;
std::vector<Cell> dynamic_cells;
uint32_t first_block_of_launch = 0;

Cell* map_cells(size_t count) {
  void* memory = mmap(nullptr, count * sizeof(Cell), PROT_READ | PROT_WRITE,
                      MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
  if (memory == MAP_FAILED) {
    std::perror("emulation: no memory for the shadow");
    std::abort();
  }
  return static_cast<Cell*>(memory);
}

Cell* global_shadow(size_t arena_byte) {
  if (!global_cells) global_cells = map_cells(kArenaBytes / 4);
  return global_cells + arena_byte / 4;
}

Cell* cells_of(const Access& access) {
  switch (access.space) {
    case Space::global: return global_shadow(arena_offset(reinterpret_cast<void*>(access.address)));
    case Space::static_shared: return static_cells + access.offset / 4;
    default: return dynamic_cells.data() + access.offset / 4;
  }
}

bool ordered(const Stamp& before, unsigned thread, bool shared) {
  if (!(before.flags & kValid)) return true;
  if (before.block != running->sequence) return shared || before.block < first_block_of_launch;
  if (before.thread == thread || before.epoch < running->epoch) return true;
  return before.thread / 32u == thread / 32 && running->clocks[thread].lane[before.thread % 32] >= before.clock;
}

bool conflicts(const Stamp& before, const Stamp& now, bool shared) {
  const bool both_atomic = (before.flags & kAtomic) && (now.flags & kAtomic);
  return (before.bytes & now.bytes) && !both_atomic && !ordered(before, now.thread, shared);
}

void report_race(const char* what, const Stamp& before, const Stamp& now, const Access& access) {
  if (!first_report(kRace, before.place, now.place)) return;
  report("RACE %s on %s+%zu in %s: thread %u of block #%u at %s and thread %u of block #%u at %s", what,
         space_name(access).c_str(), access.offset, kernel_name(), before.thread, before.block - first_block_of_launch,
         source_place(before.place).c_str(), now.thread, now.block - first_block_of_launch,
         source_place(now.place).c_str());
}

void remember_write(Cell& cell, const Stamp& now, const Access& access) {
  for (const Stamp& reader : cell.read) {
    if (!conflicts(reader, now, access.shared())) continue;
    report_race("read/write", reader, now, access);
    break;
  }
  cell.write = now;
  cell.read[0].flags = cell.read[1].flags = 0;
}

/// Two readers are enough: a later write that races with any reader races with one of these two.
void remember_read(Cell& cell, const Stamp& now, const Access& access) {
  if (ordered(cell.read[0], now.thread, access.shared())) cell.read[0] = now;
  else if (ordered(cell.read[1], now.thread, access.shared())) cell.read[1] = now;
  else if (cell.read[0].thread / 32 == cell.read[1].thread / 32) cell.read[1] = now;
}

void check_cell(Cell& cell, const Stamp& now, const Access& access) {
  const uint32_t initialised = access.shared() ? running->sequence : 1;
  if (access.kind != AccessKind::store && cell.initialised != initialised && first_report(kUninitialised, now.place)) {
    report("UNINITIALISED read of %s+%zu in %s thread %u at %s", space_name(access).c_str(), access.offset,
           kernel_name(), now.thread, source_place(now.place).c_str());
  }
  if (conflicts(cell.write, now, access.shared())) {
    report_race(access.writes() ? "write/write" : "write/read", cell.write, now, access);
  }
  if (!access.writes()) return remember_read(cell, now, access);
  cell.initialised = initialised;
  remember_write(cell, now, access);
}

}  // namespace

void check_access(const Access& access) {
  const Fiber& me = *running->current;
  Stamp now{running->sequence, running->epoch, running->clocks[me.linear].lane[me.lane], access.place,
            static_cast<uint16_t>(me.linear), 0,
            static_cast<uint8_t>(access.kind == AccessKind::atomic ? kValid | kAtomic : kValid)};
  Cell* cells = cells_of(access);
  Access part = access;
  for (size_t done = 0; done < access.bytes;) {
    const size_t in_cell = (access.address + done) % 4;
    const size_t bytes = access.bytes - done < 4 - in_cell ? access.bytes - done : 4 - in_cell;
    now.bytes = static_cast<uint8_t>(((1u << bytes) - 1) << in_cell);
    part.offset = access.offset + done;
    check_cell(cells[(access.address + done) / 4 - access.address / 4], now, part);
    done += bytes;
  }
}

void shadow_launch_begins() {
  first_block_of_launch = running->sequence + 1;
  if (!static_cells) static_cells = map_cells(static_cast<size_t>(&_end - &__data_start) / 4 + 16);
  running->clocks.resize(running->warps.size() * 32);
}

void shadow_block_begins() {
  for (size_t i = 0; i < running->clocks.size(); ++i) {
    running->clocks[i] = {};
    running->clocks[i].lane[i % 32] = 1;
  }
  const size_t cells = running->shared_bytes / 4 + 2;
  if (dynamic_cells.size() < cells) dynamic_cells.assign(cells, Cell{});
}

void trace_written(void* pointer, size_t bytes) {
  if (!in_arena(pointer)) return;
  Cell* cells = global_shadow(arena_offset(pointer));
  for (size_t i = 0; i < (bytes + 3) / 4; ++i) cells[i].initialised = 1;
}

void trace_forgotten(void* pointer, size_t bytes) {
  if (!global_cells || !in_arena(pointer)) return;
  madvise(global_shadow(arena_offset(pointer)), bytes / 4 * sizeof(Cell), MADV_DONTNEED);
}

}  // namespace emulation
