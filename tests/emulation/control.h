/// What a test may ask of the emulated device: its schedule, its faults, and what it found.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>

namespace emulation {

enum class Order { sequential, reverse, random };

struct Options {
  Order order = Order::sequential;  ///< of threads and blocks
  uint64_t seed = 1;
  double preemption = 0;     ///< chance of a switch at an atomic (every build) or at any shared access (trace build)
  int shared_bytes = 49152;  ///< static limit of dynamic shared memory; more needs cudaFuncSetAttribute
  int shared_bytes_optin = 101376;  ///< of sm_86 and sm_89, the smallest that crisp's tuning assumes besides sm_75
  bool strict_exit = false;  ///< a thread that leaves before a barrier is reported
  bool deferred_streams = true;     ///< work runs when it is waited for; false: at once
  int devices = 1;
};
Options& options();

/// Sets order, seed and preemption of the n-th schedule: 0 sequential, 1 reverse, then random ones.
void use_schedule(int n);

struct Statistics {
  uint64_t launches = 0, blocks = 0, threads = 0, switches = 0, barriers = 0, collectives = 0;
  uint64_t uploaded_bytes = 0;  ///< copied from the host to the device
};
Statistics& statistics();

/// Broken rules found so far, one a line: races, out of bounds, divergent barriers, bad masks, deadlocks.
int report_count();
const std::string& reports();
void clear_reports();

/// The n-th allocation on the pool from now on fails with cudaErrorMemoryAllocation (1 = the next one; 0 = never).
void fail_allocation(int n);
/// Live allocations on the device and in pinned memory: leaks show as a growing number.
size_t live_allocations();
/// Forgets a sticky error, which on a GPU would take a new process.
void reset_device();

/// Which of the three builds this is: "plain", "asan" or "trace".
const char* build_name();

/// Host code that stands in for a device-wide library call reads and writes device memory between these two.
struct DeviceMemoryAccess {
  DeviceMemoryAccess();
  ~DeviceMemoryAccess();
  void wrote(void* pointer, size_t bytes) const;  ///< marks the bytes as initialised
};

/// Per source line: requests, sectors per request, bank conflict ways (trace build only, empty elsewhere).
void start_access_statistics();
std::string access_statistics();

/// Sums over the kernel launches since start_access_statistics (trace build).
struct AccessTotals {
  uint64_t global_requests = 0, global_sectors = 0, shared_requests = 0, shared_wavefronts = 0;
};
AccessTotals access_totals();

}  // namespace emulation
