#include "cuda/event.h"

#include "cuda/cuda_error.h"

namespace crisp {

Event::Event(Exec& exec) {
  CRISP_ASSERT(exec.is_cuda() && exec.stream());
  cudaEvent_t made = nullptr;
  CRISP_CUDA(cudaEventCreateWithFlags(&made, cudaEventDisableTiming));
  event_.reset(made, [](void* event) { ignore_cuda(cudaEventDestroy(static_cast<cudaEvent_t>(event))); });
}

void Event::record(Exec& exec) {
  CRISP_CUDA(cudaEventRecord(static_cast<cudaEvent_t>(event_.get()), static_cast<cudaStream_t>(exec.stream())));
}

void Event::wait() const { CRISP_CUDA(cudaEventSynchronize(static_cast<cudaEvent_t>(event_.get()))); }

}  // namespace crisp
