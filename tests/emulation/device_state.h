/// Error state of the emulated device, shared by the files that implement the runtime API.
#pragma once

#include <functional>
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
/// Queues work; it runs when something waits for the stream.
cudaError_t enqueue(cudaStream_t stream, std::function<void()> work);

// graph.cc: what a stream that captures keeps instead of running it. All but the second do nothing, and give false, elsewhere.
bool take_for_capture(cudaStream_t stream, const std::function<void()>& work);
/// A call that may not be made while `stream` (nullptr: any) captures; true where one does, and the capture is broken.
bool break_capture(cudaStream_t stream);
void take_memory_for_capture(cudaStream_t stream, void* pointer, size_t bytes);
bool give_back_in_capture(cudaStream_t stream, void* pointer);

/// Carries out the deferred halves of the allocation calls.
void release_device_memory(void* pointer);

}  // namespace emulation
