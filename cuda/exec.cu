#include <cuda_runtime.h>

#include "cuda/error.h"
#include "cuda/exec.h"

namespace crisp {

Exec::Exec(Device device, int threads) : device_(device), threads_(std::make_unique<ThreadPool>(threads)) {}

Exec::~Exec() = default;

void Exec::synchronize() {}

}  // namespace crisp
