// One emulated device: its properties, error state and names of errors.
#include <cstring>

#include "tests/emulation/device_state.h"
#include "tests/emulation/machine.h"

namespace emulation {

std::recursive_mutex& api_mutex() {
  static std::recursive_mutex mutex;
  return mutex;
}

namespace {
cudaError_t last = cudaSuccess;
cudaError_t sticky = cudaSuccess;
}  // namespace

cudaError_t remember(cudaError_t status) {
  if (status != cudaSuccess) last = status;
  return status;
}

cudaError_t device_fault(cudaError_t status) {
  sticky = status;
  return remember(status);
}

cudaError_t sticky_error() { return sticky; }

void reset_device() { last = sticky = cudaSuccess; }

const char* build_name() {
#if defined(EMULATION_ASAN)
  return "asan";
#elif defined(CRISP_EMULATION_TRACE)
  return "trace";
#else
  return "plain";
#endif
}

}  // namespace emulation

using namespace emulation;

cudaError_t cudaGetDeviceCount(int* count) {
  *count = options().devices;
  return remember(*count > 0 ? cudaSuccess : cudaErrorNoDevice);
}

cudaError_t cudaGetDeviceProperties(cudaDeviceProp* properties, int device) {
  if (device < 0 || device >= options().devices) return remember(cudaErrorInvalidDevice);
  *properties = {};
  std::strcpy(properties->name, "emulated device");
  properties->major = 8;
  properties->minor = 6;
  properties->multiProcessorCount = 2;  // small, so that grid-stride loops take more than one turn
  properties->totalGlobalMem = kArenaBytes;
  properties->sharedMemPerBlock = static_cast<size_t>(options().shared_bytes);
  properties->sharedMemPerBlockOptin = static_cast<size_t>(options().shared_bytes_optin);
  properties->l2CacheSize = 1 << 20;
  properties->maxThreadsPerMultiProcessor = 1536;
  return cudaSuccess;
}

cudaError_t cudaDeviceGetAttribute(int* value, cudaDeviceAttr, int device) {
  *value = 1;
  return remember(device < options().devices ? cudaSuccess : cudaErrorInvalidDevice);
}

cudaError_t cudaSetDevice(int device) {
  if (options().devices == 0) return remember(cudaErrorNoDevice);
  return remember(device >= 0 && device < options().devices ? sticky_error() : cudaErrorInvalidDevice);
}

cudaError_t cudaGetDevice(int* device) {
  *device = 0;
  return cudaSuccess;
}

cudaError_t cudaDriverGetVersion(int* version) {
  *version = 13000;
  return cudaSuccess;
}

cudaError_t cudaRuntimeGetVersion(int* version) {
  *version = 13000;
  return cudaSuccess;
}

cudaError_t cudaGetLastError() {
  const cudaError_t status = last;
  last = sticky;
  return status;
}

cudaError_t cudaPeekAtLastError() { return last; }

const char* cudaGetErrorName(cudaError_t status) {
  switch (status) {
    case cudaSuccess: return "cudaSuccess";
    case cudaErrorInvalidValue: return "cudaErrorInvalidValue";
    case cudaErrorMemoryAllocation: return "cudaErrorMemoryAllocation";
    case cudaErrorInvalidConfiguration: return "cudaErrorInvalidConfiguration";
    case cudaErrorNoDevice: return "cudaErrorNoDevice";
    case cudaErrorInvalidDevice: return "cudaErrorInvalidDevice";
    case cudaErrorNotReady: return "cudaErrorNotReady";
    case cudaErrorIllegalAddress: return "cudaErrorIllegalAddress";
    case cudaErrorLaunchFailure: return "cudaErrorLaunchFailure";
    case cudaErrorStreamCaptureUnsupported: return "cudaErrorStreamCaptureUnsupported";
    case cudaErrorStreamCaptureInvalidated: return "cudaErrorStreamCaptureInvalidated";
    default: return "cudaErrorUnknown";
  }
}

const char* cudaGetErrorString(cudaError_t status) { return cudaGetErrorName(status); }
