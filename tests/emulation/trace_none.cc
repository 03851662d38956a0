// The plain and asan builds watch no single accesses.
#include "tests/emulation/machine.h"

namespace emulation {

void on_vector_access(const void*, size_t, bool, void*) {}
void on_atomic(void*, size_t, void*) {}
void trace_launch_begins() {}
void trace_block_begins() {}
void trace_block_ends() {}
void trace_written(void*, size_t) {}
void trace_forgotten(void*, size_t) {}
void start_access_statistics() {}
std::string access_statistics() { return {}; }
AccessTotals access_totals() { return {}; }

}  // namespace emulation
