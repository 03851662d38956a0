#include "cuda/cuda_error.h"

namespace crisp {

void fail_cuda(cudaError_t status, const char* what, const char* file, int line) {
  ignore_cuda(cudaGetLastError());  // the runtime would report a passing failure a second time
  const std::string where = concat(cudaGetErrorName(status), " (", cudaGetErrorString(status), ") from ", what);
  switch (status) {
    case cudaErrorMemoryAllocation:
      throw Error(Code::no_memory, concat("the GPU has no memory left: ", where),
                  "use --device cpu, fewer rows or columns at a time, or a GPU with more memory");
    case cudaErrorNoDevice:
    case cudaErrorInvalidDevice:
      throw Error(Code::unavailable, concat("no such GPU: ", where), "use --device cpu, or run crisp doctor");
    default:
      throw Error(Code::bug, concat("internal error: ", where, " (", file, ":", line, ")"),
                  "this is a bug in crisp or a faulty GPU; try --device cpu, and please report it with the command "
                  "that you ran");
  }
}

}  // namespace crisp
