/// The numbers of an optimiser's step, made in double from the plan.
#pragma once

#include <cmath>

#include "cuda/host_device.h"
#include "kernels/training/optimiser.h"

namespace crisp {

/// What is the same for all parameters of an optimiser's step, in single precision.
struct StepNumbers {
  float rate = 0;          ///< what the direction is multiplied by
  float shrink = 1;        ///< adamw: 1 - rate * weight_decay
  float beta1 = 0, beta2 = 0, epsilon = 0;
  float rest1 = 1, rest2 = 1;  ///< 1 - beta in double: float(1) - float(0.999) is 1e-5 off
  float root_correction = 1;  ///< sqrt(1 - beta2^step)
  float decay = 0, l1 = 0, clip = 0, scale = 1;
  bool nesterov = false, first_step = false;
};

/// For parameters that weight decay and l1 hold for, and for the others.
struct StepNumbersPair {
  StepNumbers decayed, plain;
};
StepNumbersPair step_numbers(const OptimiserPlan& plan, double rate, int64_t step, double scale);

/// What a gradient with this sum of squares is multiplied by so that its length is `most` or less: as torch.nn.utils.clip_grad_norm_.
CRISP_HD inline double scale_to_length(double squares, double most) {
  const double scale = most / (std::sqrt(squares) + 1e-6);
  return scale < 1.0 ? scale : 1.0;
}

}  // namespace crisp
