#include "cuda/buffer.h"

#include "cuda/cuda_error.h"

namespace crisp {
namespace {

cudaStream_t stream_of(Exec& exec) { return static_cast<cudaStream_t>(exec.stream()); }

}  // namespace

void* allocate_device(Exec& exec, size_t bytes) {
  CRISP_ASSERT(exec.is_cuda());
  if (bytes == 0) return nullptr;
  void* pointer = nullptr;
  CRISP_CUDA(cudaMallocAsync(&pointer, bytes, stream_of(exec)));
  return pointer;
}

void free_device(void* pointer, void* stream) noexcept {
  if (pointer) ignore_cuda(cudaFreeAsync(pointer, static_cast<cudaStream_t>(stream)));
}

void* allocate_pinned(size_t bytes) {
  if (bytes == 0) return nullptr;
  void* pointer = nullptr;
  const cudaError_t status = cudaMallocHost(&pointer, bytes);
  if (status == cudaErrorMemoryAllocation) {
    ignore_cuda(cudaGetLastError());
    throw Error(Code::no_memory, concat("no ", bytes, " bytes of page-locked memory for copies to the GPU"),
                "free memory on this machine, or use --device cpu");
  }
  CRISP_CUDA(status);
  return pointer;
}

void free_pinned(void* pointer) noexcept {
  if (pointer) ignore_cuda(cudaFreeHost(pointer));
}

void copy_bytes(Exec& exec, void* to, const void* from, size_t bytes) {
  if (bytes == 0) return;
  CRISP_CUDA(cudaMemcpyAsync(to, from, bytes, cudaMemcpyDefault, stream_of(exec)));
}

void fill_bytes(Exec& exec, void* to, int value, size_t bytes) {
  if (bytes == 0) return;
  CRISP_CUDA(cudaMemsetAsync(to, value, bytes, stream_of(exec)));
}

void copy_rows(Exec& exec, void* to, size_t to_pitch, const void* from, size_t from_pitch, size_t width, int64_t rows) {
  if (rows == 0 || width == 0) return;
  if (to_pitch == from_pitch && width == to_pitch) return copy_bytes(exec, to, from, width * static_cast<size_t>(rows));
  CRISP_CUDA(cudaMemcpy2DAsync(to, to_pitch, from, from_pitch, width, static_cast<size_t>(rows), cudaMemcpyDefault,
                               stream_of(exec)));
}

bool is_device_pointer(const void* pointer) {
  if (!pointer) return false;
  cudaPointerAttributes attributes;
  if (cudaPointerGetAttributes(&attributes, pointer) != cudaSuccess) {
    ignore_cuda(cudaGetLastError());  // no driver: nothing is on a GPU
    return false;
  }
  return attributes.type == cudaMemoryTypeDevice || attributes.type == cudaMemoryTypeManaged;
}

}  // namespace crisp
