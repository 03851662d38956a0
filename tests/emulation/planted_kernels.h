/// Kernels with one mistake each, to test that the emulated device finds it, and right twins that it must not report.
#pragma once

#include <string>

#include "cuda/exec.h"

namespace planted {

/// Runs the kernel of that name and waits for it. The names are the keys in planted_kernels.cu.
void run(crisp::Exec& exec, const std::string& name);

}  // namespace planted
