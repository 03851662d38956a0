#include "cuda/device.h"

#include <cuda_runtime.h>

#include "cuda/error.h"

namespace crisp {

std::string Device::name() const { return is_cuda() ? concat("cuda:", ordinal) : "cpu"; }

namespace {

std::string absence(cudaError_t status) {
  if (status == cudaSuccess || status == cudaErrorNoDevice) return "no CUDA device";
  // The runtime says the same of no driver at all.
  if (status == cudaErrorInsufficientDriver) return "no NVIDIA driver, or one too old for this CUDA runtime";
  return cudaGetErrorString(status);
}

/// Number of usable devices; any failure (no driver, too old a driver) counts as none.
int device_count(std::string* reason = nullptr) {
  int count = 0;
  const cudaError_t status = cudaGetDeviceCount(&count);
  if (status == cudaSuccess && count > 0) return count;
  cudaGetLastError();  // the runtime remembers the failure otherwise
  if (reason) *reason = absence(status);
  return 0;
}

}  // namespace

std::vector<DeviceInfo> cuda_devices() {
  std::vector<DeviceInfo> devices;
  const int count = device_count();
  for (int i = 0; i < count; ++i) {
    cudaDeviceProp properties;
    if (cudaGetDeviceProperties(&properties, i) != cudaSuccess) {
      cudaGetLastError();
      continue;
    }
    devices.push_back({properties.name, properties.major, properties.minor, properties.multiProcessorCount,
                       static_cast<int64_t>(properties.totalGlobalMem),
                       static_cast<int>(properties.sharedMemPerBlockOptin),
                       static_cast<int64_t>(properties.l2CacheSize)});
  }
  return devices;
}

std::string cuda_absence_reason() {
  std::string reason;
  device_count(&reason);
  return reason;
}

bool DeviceInfo::usable() const { return major * 10 + minor >= kOldestArchitecture; }

namespace {

Device first_usable() {
  const std::vector<DeviceInfo> devices = cuda_devices();
  for (size_t i = 0; i < devices.size(); ++i) {
    if (devices[i].usable()) return Device::cuda(static_cast<int>(i));
  }
  return Device::cpu();
}

}  // namespace

Device parse_device(const std::string& text) {
  if (text == "cpu") return Device::cpu();
  const int count = device_count();
  if (text == "auto") return first_usable();
  int ordinal = 0;
  if (text != "cuda") {
    CRISP_REQUIRE(text.starts_with("cuda:"), Code::usage, "--device '", text,
                  "' is none of auto, cpu, cuda, cuda:N");
    const char* end = text.data() + text.size();
    const auto parsed = std::from_chars(text.data() + 5, end, ordinal);
    CRISP_REQUIRE(parsed.ec == std::errc() && parsed.ptr == end && ordinal >= 0, Code::usage, "--device '",
                  text, "': expected cuda:N with N >= 0");
  }
  if (ordinal >= count) {
    throw Error(Code::unavailable, concat("device ", text, " is not available (", count, " GPUs here)"),
                count == 0 ? concat(cuda_absence_reason(), "; use --device cpu, or run crisp doctor")
                           : concat("use cuda:0 to cuda:", count - 1));
  }
  return Device::cuda(ordinal);
}

}  // namespace crisp
