/// CRISP_CUDA(call) after every CUDA call. Only for files that include the CUDA runtime; error.h is for the rest.
#pragma once

#include <cuda_runtime.h>

#include "cuda/error.h"

namespace crisp {

/// Turns a CUDA status into an Error: no memory, no device, or a fault of a kernel (our bug). `what` is the call's text.
[[noreturn]] void fail_cuda(cudaError_t status, const char* what, const char* file, int line);

/// For destructors, which must not throw: a failure there is kept by the runtime and met by the next checked call.
inline void ignore_cuda(cudaError_t) {}

}  // namespace crisp

#define CRISP_CUDA(call)                                                                   \
  do {                                                                                     \
    const cudaError_t crisp_status = (call);                                               \
    if (crisp_status != cudaSuccess) ::crisp::fail_cuda(crisp_status, #call, __FILE__, __LINE__); \
  } while (0)
