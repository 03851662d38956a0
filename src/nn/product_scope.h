/// Where LibTorch's matrix products are called from crisp's own threads.
#pragma once

#include <ATen/Parallel.h>
#include <c10/core/InferenceMode.h>

namespace crisp::nn {

/// While it lives: no autograd in this thread, and each product runs in the thread that asks for it. LibTorch keeps its number
/// of threads by thread, and OpenMP's waiting threads would take the cores from ours.
class ProductScope {
 public:
  ProductScope() {
    thread_local bool told = false;
    if (!told) at::set_num_threads(1);
    told = true;
  }

 private:
  c10::InferenceMode no_autograd_;
};

}  // namespace crisp::nn
