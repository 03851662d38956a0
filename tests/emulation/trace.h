/// Inside of the trace build: one access of one thread, and where its memory lies.
#pragma once

#include <cstdint>
#include <string>

#include "tests/emulation/machine.h"

namespace emulation {

enum class Space : uint8_t { global, static_shared, dynamic_shared };
enum class AccessKind : uint8_t { load, store, atomic };

struct Access {
  uintptr_t address;
  size_t bytes;
  AccessKind kind;
  uint32_t place;  ///< offset of the instruction in the executable
  Space space;
  size_t offset;   ///< from the start of the allocation or the space
  unsigned allocation;
  bool writes() const { return kind != AccessKind::load; }
  bool shared() const { return space != Space::global; }
};

/// "file.cu:12" of an instruction, from the debug information.
std::string source_place(uint32_t place);
std::string space_name(const Access& access);

// shadow.cc: races and uninitialised reads
void check_access(const Access& access);
void shadow_launch_begins();
void shadow_block_begins();
// access_statistics.cc: sectors and bank conflicts
void count_access(const Access& access);
void statistics_launch_begins();
void statistics_block_begins();
void statistics_block_ends();

/// True the first time that this place is reported for this kind of mistake.
bool first_report(int mistake, uint32_t place, uint32_t other = 0);

}  // namespace emulation
