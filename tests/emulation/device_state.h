/// Error state of the emulated device, shared by the files that implement the runtime API.
#pragma once

#include <mutex>

#include "tests/emulation/runtime_api.h"

namespace emulation {

/// Held by every call of the API: several host threads may use the device.
std::recursive_mutex& api_mutex();
/// Keeps a failure for cudaGetLastError, and passes it on.
cudaError_t remember(cudaError_t status);
/// A kernel failed: every later call returns this, as on a GPU.
cudaError_t device_fault(cudaError_t status);
cudaError_t sticky_error();
/// Whether `pointer` came from cudaMallocHost: copies from and to such memory are asynchronous.
bool is_pinned(const void* pointer);
/// Runs all queued work of the stream (nullptr: of every stream).
cudaError_t drain(cudaStream_t stream);
/// Carries out the deferred halves of the allocation calls.
void release_device_memory(void* pointer);

}  // namespace emulation
