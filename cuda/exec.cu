#include "cuda/exec.h"

#include <atomic>

#include "cuda/cuda_error.h"

namespace crisp {

/// What an Exec holds on its GPU. Freed memory stays in the pool: asking the driver again costs a hundred times more.
struct Exec::Gpu {
  explicit Gpu(const Device& device) {
    const std::vector<DeviceInfo> devices = cuda_devices();
    const auto ordinal = static_cast<size_t>(device.ordinal);
    if (ordinal >= devices.size()) {
      throw Error(Code::unavailable, concat("device ", device.name(), " is not available (", devices.size(), " GPUs here)"),
                  devices.empty() ? concat(cuda_absence_reason(), "; use --device cpu, or run crisp doctor")
                                  : concat("use cuda:0 to cuda:", devices.size() - 1));
    }
    info = devices[ordinal];
    CRISP_REQUIRE(info.usable(), Code::unavailable, "device ", device.name(), " (", info.name, ", compute capability ",
                  info.major, ".", info.minor, ") is too old: crisp needs 7.5 or newer; use --device cpu");
    CRISP_CUDA(cudaSetDevice(device.ordinal));
    CRISP_CUDA(cudaStreamCreateWithFlags(&stream, cudaStreamNonBlocking));
    cudaMemPool_t pool;
    uint64_t keep = static_cast<uint64_t>(info.memory_bytes);
    CRISP_CUDA(cudaDeviceGetDefaultMemPool(&pool, device.ordinal));
    CRISP_CUDA(cudaMemPoolSetAttribute(pool, cudaMemPoolAttrReleaseThreshold, &keep));
  }
  ~Gpu() {
    if (stream) ignore_cuda(cudaStreamDestroy(stream));
  }

  DeviceInfo info;
  cudaStream_t stream = nullptr;
};

namespace {

uint64_t next_id() {
  static std::atomic<uint64_t> count{0};
  return ++count;
}

}  // namespace

Exec::Exec(Device device, int threads)
    : device_(device), threads_(std::make_unique<ThreadPool>(threads)), id_(next_id()) {}

Exec::~Exec() {
  blas_.reset();  // before the stream that it works on
}

const std::shared_ptr<Exec::Gpu>& Exec::gpu() const {
  std::call_once(gpu_once_, [&] { gpu_ = std::make_shared<Gpu>(device_); });
  return gpu_;
}

void* Exec::stream() const { return is_cuda() ? gpu()->stream : nullptr; }

std::shared_ptr<void> Exec::shared_stream() const {
  return is_cuda() ? std::shared_ptr<void>(gpu(), gpu()->stream) : nullptr;
}

const DeviceInfo& Exec::info() const {
  static const DeviceInfo none;
  return is_cuda() ? gpu()->info : none;
}

void Exec::synchronize() {
  if (is_cuda()) CRISP_CUDA(cudaStreamSynchronize(gpu()->stream));
}

}  // namespace crisp
