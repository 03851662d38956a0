// Streams as queues: work waits until something asks for it (a synchronisation, a dependent event, a blocking copy).
// Host code that reads a result too early therefore reads the old value, every time.
#include <algorithm>
#include <cstring>
#include <deque>
#include <map>
#include <string>
#include <vector>

#include "tests/emulation/device_state.h"
#include "tests/emulation/machine.h"

struct EmulatedStream {
  struct Work {
    uint64_t ticket;
    std::function<void()> run;
  };
  std::deque<Work> queue;
};

struct EmulatedEvent {
  cudaStream_t stream = nullptr;
  uint64_t ticket = 0;
};

namespace emulation {

cudaError_t copy_now(void* to, const void* from, size_t bytes);
cudaError_t fill_now(void* to, int value, size_t bytes);

namespace {

std::vector<cudaStream_t> streams;
uint64_t last_ticket = 0;
std::map<const void*, int> shared_limits;

EmulatedStream& default_stream() {
  static EmulatedStream stream;
  return stream;
}

void drain_until(EmulatedStream& stream, uint64_t ticket) {
  while (!stream.queue.empty() && stream.queue.front().ticket <= ticket) {
    const auto work = std::move(stream.queue.front());
    stream.queue.pop_front();
    if (sticky_error() == cudaSuccess) work.run();
  }
}

bool is_live(cudaStream_t stream) { return std::find(streams.begin(), streams.end(), stream) != streams.end(); }

cudaError_t check_launch(const cudaLaunchConfig_t& config, const void* kernel) {
  const dim3 grid = config.gridDim, block = config.blockDim;
  const uint64_t threads = uint64_t{block.x} * block.y * block.z;
  const bool bad_block = threads == 0 || threads > 1024 || block.z > 64;
  const bool bad_grid = grid.x == 0 || grid.y == 0 || grid.z == 0 || grid.y > 65535 || grid.z > 65535;
  if (bad_block || bad_grid || grid.x > 0x7fffffffu) return cudaErrorInvalidConfiguration;
  return config.dynamicSmemBytes > static_cast<size_t>(shared_limit(kernel)) ? cudaErrorInvalidValue : cudaSuccess;
}

}  // namespace

int shared_limit(const void* kernel) {
  const auto found = shared_limits.find(kernel);
  return found == shared_limits.end() ? options().shared_bytes : found->second;
}

cudaError_t set_max_shared(const void* kernel, int bytes) {
  const std::lock_guard lock(api_mutex());
  if (bytes > options().shared_bytes_optin) return remember(cudaErrorInvalidValue);
  shared_limits[kernel] = std::max(bytes, options().shared_bytes);
  return cudaSuccess;
}

cudaError_t enqueue(cudaStream_t stream, std::function<void()> work) {
  if (sticky_error() != cudaSuccess) return sticky_error();
  if (take_for_capture(stream, work)) return cudaSuccess;
  EmulatedStream& queue = stream ? *stream : default_stream();
  queue.queue.push_back({++last_ticket, std::move(work)});
  // The default stream waits for all others, and they for it.
  return stream && options().deferred_streams ? cudaSuccess : drain(nullptr);
}

cudaError_t drain(cudaStream_t stream) {
  if (stream) {
    drain_until(*stream, last_ticket);
  } else {
    for (size_t i = 0; i < streams.size(); ++i) drain_until(*streams[i], last_ticket);
    drain_until(default_stream(), last_ticket);
  }
  return sticky_error();
}

cudaError_t enqueue_kernel(const cudaLaunchConfig_t& config, Launchable kernel) {
  const std::lock_guard lock(api_mutex());
  const cudaError_t status = check_launch(config, kernel.kernel);
  if (status != cudaSuccess) return remember(status);
  return enqueue(config.stream, [config, kernel = std::move(kernel)] {
    if (!run_launch(config, kernel)) device_fault(cudaErrorLaunchFailure);
  });
}

}  // namespace emulation

using namespace emulation;

cudaError_t cudaMemcpyAsync(void* to, const void* from, size_t bytes, cudaMemcpyKind kind, cudaStream_t stream) {
  const std::lock_guard lock(api_mutex());
  cudaPointerAttributes source, target;
  cudaPointerGetAttributes(&source, from);
  cudaPointerGetAttributes(&target, to);
  const bool from_device = source.type == cudaMemoryTypeDevice, to_device = target.type == cudaMemoryTypeDevice;
  const bool wrong = (kind == cudaMemcpyHostToDevice && (from_device || !to_device)) ||
                     (kind == cudaMemcpyDeviceToHost && (!from_device || to_device)) ||
                     (kind == cudaMemcpyDeviceToDevice && (!from_device || !to_device));
  if (bytes > 0 && wrong) return remember(cudaErrorInvalidValue);
  const bool waits = target.type == cudaMemoryTypeUnregistered || source.type == cudaMemoryTypeUnregistered;
  if ((waits || !stream) && break_capture(stream)) return remember(cudaErrorStreamCaptureUnsupported);
  if (target.type == cudaMemoryTypeUnregistered) {  // pageable memory: the call returns when the copy is done
    const cudaError_t status = enqueue(stream, [=] { copy_now(to, from, bytes); });
    return status == cudaSuccess ? drain(stream) : status;
  }
  if (source.type == cudaMemoryTypeUnregistered) {  // staged: the source may be changed afterwards
    const auto* begin = static_cast<const char*>(from);
    auto staged = std::make_shared<std::vector<char>>(begin, begin + bytes);
    return enqueue(stream, [=] { copy_now(to, staged->data(), bytes); });
  }
  return enqueue(stream, [=] { copy_now(to, from, bytes); });
}

cudaError_t cudaMemcpy(void* to, const void* from, size_t bytes, cudaMemcpyKind kind) {
  const cudaError_t status = cudaMemcpyAsync(to, from, bytes, kind, nullptr);
  return status == cudaSuccess ? drain(nullptr) : status;
}

cudaError_t cudaMemcpy2DAsync(void* to, size_t to_pitch, const void* from, size_t from_pitch, size_t width,
                              size_t height, cudaMemcpyKind kind, cudaStream_t stream) {
  if (width > to_pitch || width > from_pitch) return remember(cudaErrorInvalidValue);
  for (size_t i = 0; i < height; ++i) {
    const cudaError_t status = cudaMemcpyAsync(static_cast<char*>(to) + i * to_pitch,
                                               static_cast<const char*>(from) + i * from_pitch, width, kind, stream);
    if (status != cudaSuccess) return status;
  }
  return cudaSuccess;
}

cudaError_t cudaMemsetAsync(void* to, int value, size_t bytes, cudaStream_t stream) {
  const std::lock_guard lock(api_mutex());
  return enqueue(stream, [=] { fill_now(to, value, bytes); });
}

cudaError_t cudaMemset(void* to, int value, size_t bytes) { return cudaMemsetAsync(to, value, bytes, nullptr); }

cudaError_t cudaFreeAsync(void* pointer, cudaStream_t stream) {
  const std::lock_guard lock(api_mutex());
  if (!pointer || give_back_in_capture(stream, pointer)) return cudaSuccess;
  const cudaError_t status = enqueue(stream, [=] { release_device_memory(pointer); });
  if (status != cudaSuccess) release_device_memory(pointer);  // after a fault nothing runs; the memory is gone anyway
  return status;
}

cudaError_t cudaStreamCreateWithFlags(cudaStream_t* stream, unsigned) {
  const std::lock_guard lock(api_mutex());
  if (sticky_error() != cudaSuccess) return sticky_error();
  *stream = new EmulatedStream;
  streams.push_back(*stream);
  return cudaSuccess;
}

cudaError_t cudaStreamDestroy(cudaStream_t stream) {
  const std::lock_guard lock(api_mutex());
  if (!is_live(stream)) return remember(cudaErrorInvalidValue);
  drain(stream);
  streams.erase(std::find(streams.begin(), streams.end(), stream));
  delete stream;
  return sticky_error();
}

cudaError_t cudaStreamSynchronize(cudaStream_t stream) {
  const std::lock_guard lock(api_mutex());
  if (break_capture(stream)) return remember(cudaErrorStreamCaptureUnsupported);
  return drain(stream);
}

cudaError_t cudaStreamQuery(cudaStream_t stream) {
  const std::lock_guard lock(api_mutex());
  if (break_capture(stream)) return remember(cudaErrorStreamCaptureUnsupported);
  return stream && !stream->queue.empty() ? cudaErrorNotReady : sticky_error();
}

cudaError_t cudaDeviceSynchronize() {
  const std::lock_guard lock(api_mutex());
  if (break_capture(nullptr)) return remember(cudaErrorStreamCaptureUnsupported);
  return drain(nullptr);
}

cudaError_t cudaStreamWaitEvent(cudaStream_t stream, cudaEvent_t event, unsigned) {
  const std::lock_guard lock(api_mutex());
  const EmulatedEvent at_call = *event;
  return enqueue(stream, [at_call] {
    if (is_live(at_call.stream)) drain_until(*at_call.stream, at_call.ticket);
  });
}

cudaError_t cudaEventCreateWithFlags(cudaEvent_t* event, unsigned) {
  *event = new EmulatedEvent;
  return cudaSuccess;
}

cudaError_t cudaEventRecord(cudaEvent_t event, cudaStream_t stream) {
  const std::lock_guard lock(api_mutex());
  *event = {stream, last_ticket};
  return sticky_error();
}

cudaError_t cudaEventSynchronize(cudaEvent_t event) {
  const std::lock_guard lock(api_mutex());
  if (is_live(event->stream)) drain_until(*event->stream, event->ticket);
  return sticky_error();
}

cudaError_t cudaEventQuery(cudaEvent_t event) {
  const std::lock_guard lock(api_mutex());
  const bool done = !is_live(event->stream) || event->stream->queue.empty() ||
                    event->stream->queue.front().ticket > event->ticket;
  return done ? sticky_error() : cudaErrorNotReady;
}

cudaError_t cudaEventElapsedTime(float* milliseconds, cudaEvent_t, cudaEvent_t) {
  *milliseconds = 0;
  return sticky_error();
}

cudaError_t cudaEventDestroy(cudaEvent_t event) {
  delete event;
  return cudaSuccess;
}
