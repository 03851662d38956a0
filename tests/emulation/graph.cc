// Stream capture and graphs: what is queued while a stream captures is kept, and run again at every launch. A call that CUDA
// forbids meanwhile (waiting, copies that wait, memory from outside given back) ends the capture, as there.
#include <cstring>
#include <map>
#include <memory>
#include <set>
#include <vector>

#include "tests/emulation/device_state.h"
#include "tests/emulation/machine.h"

struct EmulatedGraph {
  std::vector<std::function<void()>> work;
  std::set<void*> memory;       // taken while it was captured
  std::set<void*> given_back;   // of that
  bool broken = false;
  ~EmulatedGraph() {
    for (void* pointer : memory) emulation::release_device_memory(pointer);
  }
};

struct EmulatedGraphExec {
  std::shared_ptr<EmulatedGraph> graph;
};

namespace emulation {
namespace {

std::map<cudaStream_t, std::shared_ptr<EmulatedGraph>> captures;
std::map<EmulatedGraph*, std::shared_ptr<EmulatedGraph>> graphs;

EmulatedGraph* capture_of(cudaStream_t stream) {
  const auto found = captures.find(stream);
  return found == captures.end() ? nullptr : found->second.get();
}

/// A buffer of an earlier launch is new again: what the kernels leave in it is not theirs to read next time.
void renew(void* pointer, size_t bytes) {
  const DeviceMemoryAccess access;
  std::memset(pointer, 0xFF, bytes);
  trace_forgotten(pointer, bytes);
}

}  // namespace

bool take_for_capture(cudaStream_t stream, const std::function<void()>& work) {
  EmulatedGraph* capture = capture_of(stream);
  if (capture) capture->work.push_back(work);
  return capture != nullptr;
}

bool break_capture(cudaStream_t stream) {
  bool broken = false;
  for (auto& [captured, graph] : captures) {
    if (stream && stream != captured) continue;
    graph->broken = broken = true;
  }
  return broken;
}

void take_memory_for_capture(cudaStream_t stream, void* pointer, size_t bytes) {
  EmulatedGraph* capture = capture_of(stream);
  if (!capture) return;
  capture->memory.insert(pointer);
  capture->work.push_back([pointer, bytes] { renew(pointer, bytes); });
}

bool give_back_in_capture(cudaStream_t stream, void* pointer) {
  EmulatedGraph* capture = capture_of(stream);
  if (!capture) return false;
  if (!capture->memory.contains(pointer) || !capture->given_back.insert(pointer).second) {
    report("free of %p, which was not taken in this capture", pointer);
    capture->broken = true;
  }
  return true;
}

}  // namespace emulation

using namespace emulation;

cudaError_t cudaStreamBeginCapture(cudaStream_t stream, cudaStreamCaptureMode) {
  const std::lock_guard lock(api_mutex());
  if (sticky_error() != cudaSuccess) return sticky_error();
  if (!stream || captures.contains(stream)) return remember(cudaErrorStreamCaptureUnsupported);
  captures[stream] = std::make_shared<EmulatedGraph>();
  return cudaSuccess;
}

cudaError_t cudaStreamEndCapture(cudaStream_t stream, cudaGraph_t* graph) {
  const std::lock_guard lock(api_mutex());
  *graph = nullptr;
  const auto found = captures.find(stream);
  if (found == captures.end()) return remember(cudaErrorInvalidValue);
  const std::shared_ptr<EmulatedGraph> made = std::move(found->second);
  captures.erase(found);
  if (made->broken) return remember(cudaErrorStreamCaptureInvalidated);
  if (made->given_back.size() < made->memory.size()) {
    report("memory that was taken while a stream captured is not given back in it: a second launch fails");
    return remember(cudaErrorStreamCaptureInvalidated);
  }
  graphs[made.get()] = made;
  *graph = made.get();
  return sticky_error();
}

cudaError_t cudaGraphInstantiate(cudaGraphExec_t* made, cudaGraph_t graph, unsigned long long) {
  const std::lock_guard lock(api_mutex());
  *made = new EmulatedGraphExec{graphs.at(graph)};
  return sticky_error();
}

cudaError_t cudaGraphLaunch(cudaGraphExec_t exec, cudaStream_t stream) {
  const std::lock_guard lock(api_mutex());
  return enqueue(stream, [graph = exec->graph] {
    for (const auto& work : graph->work) {
      if (sticky_error() == cudaSuccess) work();
    }
  });
}

cudaError_t cudaGraphDestroy(cudaGraph_t graph) {
  const std::lock_guard lock(api_mutex());
  return graphs.erase(graph) ? cudaSuccess : remember(cudaErrorInvalidValue);
}

cudaError_t cudaGraphExecDestroy(cudaGraphExec_t exec) {
  const std::lock_guard lock(api_mutex());
  delete exec;  // what is queued of it keeps its share
  return cudaSuccess;
}
