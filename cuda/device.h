/// Which device to run on, and what devices there are. A machine without a driver has zero GPUs: that is never an error.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace crisp {

struct Device {
  enum class Kind { cpu, cuda };
  Kind kind = Kind::cpu;
  int ordinal = 0;

  static Device cpu() { return {}; }
  static Device cuda(int ordinal = 0) { return {Kind::cuda, ordinal}; }
  bool is_cuda() const { return kind == Kind::cuda; }
  bool operator==(const Device&) const = default;
  std::string name() const;  ///< "cpu", "cuda:0"
};

constexpr int kOldestArchitecture = 75;  ///< compute capability 7.5, the T4: CUDA 13 starts there

struct DeviceInfo {
  std::string name;
  int major = 0, minor = 0;  ///< compute capability
  int multiprocessors = 0;
  int64_t memory_bytes = 0;
  int shared_bytes_per_block = 0;  ///< largest dynamic shared memory a block may opt in to
  int64_t l2_bytes = 0;

  /// Whether our code runs on it: it is built for kOldestArchitecture and newer.
  bool usable() const;
};

/// Every usable GPU, in CUDA's order; empty without a driver or a device.
std::vector<DeviceInfo> cuda_devices();
/// Why cuda_devices() is empty ("no NVIDIA driver"), or "".
std::string cuda_absence_reason();

/// Parses --device: auto, cpu, cuda, cuda:N. auto takes the first usable GPU, else the CPU; naming an absent one is
/// Code::unavailable.
Device parse_device(const std::string& text);

}  // namespace crisp
