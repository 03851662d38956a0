/// What stands beside a bundle and never in it: the time and memory that each phase took, and the machine.
#pragma once

#include <chrono>
#include <cstdint>
#include <string>
#include <vector>

#include "core/json.h"
#include "cuda/nvtx.h"

namespace crisp {

/// Wall time and peak resident memory of each phase of a run. Phases may lie inside others.
class PhaseClock {
 public:
  PhaseClock() : start_(std::chrono::steady_clock::now()) {}

  /// Counts while it lives; ends by the destructor, also when an exception passes. A range of the same name stands on the
  /// time line of Nsight Systems; `name` must outlive it (a literal).
  class Phase {
   public:
    Phase(PhaseClock& clock, const char* name);
    ~Phase();
    Phase(const Phase&) = delete;
    Phase& operator=(const Phase&) = delete;

   private:
    PhaseClock& clock_;
    size_t index_;
    NvtxRange range_;
  };

  double seconds() const;
  /// [{"phase", "seconds", "peak_memory_bytes"}] in the order in which they began; a phase inside another is
  /// "outer/inner".
  Json to_json() const;

 private:
  struct Entry {
    std::string name;
    std::chrono::steady_clock::time_point start;
    double seconds = 0;
    int64_t peak_bytes = 0;
    bool open = true;
  };
  void note_peak();

  std::chrono::steady_clock::time_point start_;
  std::vector<Entry> entries_;
};

/// Peak resident memory since the last reset, and the reset (where the kernel allows it; else the peak of the
/// process).
int64_t peak_memory_bytes();
void reset_peak_memory();

/// {"cpu", "cores", "memory_bytes", "system", "host"}.
Json machine_facts();

}  // namespace crisp
