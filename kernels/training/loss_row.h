/// Loss and gradient of one output against its target.
#pragma once

#include "kernels/training/float_math_row.h"
#include "kernels/training/loss.h"

namespace crisp {

struct LossPoint {
  float loss, slope;
};

/// squared, absolute, huber.
template <LossKind kind>
CRISP_HD inline LossPoint difference_loss(float output, float target) {
  const float d = output - target;
  const float size = d < 0 ? -d : d;
  const float sign = d > 0 ? 1.0f : d < 0 ? -1.0f : 0.0f * d;  // NaN stays
  if constexpr (kind == LossKind::squared) return {d * d, 2.0f * d};
  if constexpr (kind == LossKind::absolute) return {size, sign};
  return size <= 1.0f ? LossPoint{0.5f * d * d, d} : LossPoint{size - 0.5f, sign};
}

/// -y log p - (1 - y) log(1 - p) with p = sigmoid(output), y in [0, 1]. NaN where the output is not finite.
CRISP_HD inline LossPoint logistic_loss(float output, float y) {
  const float check = output - output;
  return {float_softplus(output) - output * y + check, float_sigmoid(output) - y};
}

/// Label smoothing: class 1 of two becomes 1 - smoothing / 2.
CRISP_HD inline float smoothed(float target, float smoothing, int64_t classes) {
  return target * (1.0f - smoothing) + smoothing / static_cast<float>(classes);
}

/// Cross entropy of a row of `classes` log-odds; gradient = scale * (p - y), may be `output` itself. Where an output is not
/// finite, the loss is NaN.
CRISP_HD inline float softmax_loss(const float* output, int64_t classes, int64_t target, float smoothing, float scale,
                                   float* gradient) {
  float most = output[0], check = 0;
  for (int64_t k = 0; k < classes; ++k) {
    most = output[k] > most ? output[k] : most;
    check += output[k] - output[k];
  }
  float sum = 0, mean = 0;
  for (int64_t k = 0; k < classes; ++k) {
    sum += float_exp(output[k] - most);
    mean += output[k] - most;
  }
  const float log_sum = float_log(sum);
  const float hit = output[target] - most;
  const float spread = smoothing / static_cast<float>(classes);
  for (int64_t k = 0; k < classes; ++k) {
    const float y = (k == target ? 1.0f - smoothing : 0.0f) + spread;
    gradient[k] = scale * (float_exp(output[k] - most) / sum - y);
  }
  return check + (log_sum - (1.0f - smoothing) * hit - spread * mean);
}

/// The weight of a row: its own times its class's.
CRISP_HD inline float row_weight(const LossPlan& plan, const float* weights, int64_t row, float target) {
  const float own = weights ? weights[row] : 1.0f;
  return plan.class_weights.size ? own * plan.class_weights[static_cast<int64_t>(target)] : own;
}

template <LossKind kind>
CRISP_HD inline float difference_row(const float* output, const float* target, int64_t columns, float scale, float* gradient) {
  float loss = 0;
  for (int64_t j = 0; j < columns; ++j) {
    const LossPoint point = difference_loss<kind>(output[j], target[j]);
    loss += point.loss;
    gradient[j] = scale * point.slope;
  }
  return loss;
}

/// Loss of row i; its gradient is set. A row's outputs are added in order.
CRISP_HD inline float row_loss(const LossPlan& plan, MatrixView<const float> outputs, MatrixView<const float> target, int64_t i,
                               float scale, MatrixView<float> gradient) {
  const float *output = outputs.row(i), *y = target.row(i);
  float* slope = gradient.row(i);
  switch (plan.kind) {
    case LossKind::squared: return difference_row<LossKind::squared>(output, y, outputs.columns, scale, slope);
    case LossKind::absolute: return difference_row<LossKind::absolute>(output, y, outputs.columns, scale, slope);
    case LossKind::huber: return difference_row<LossKind::huber>(output, y, outputs.columns, scale, slope);
    case LossKind::logistic: {
      const LossPoint point = logistic_loss(output[0], smoothed(y[0], plan.smoothing, 2));
      slope[0] = scale * point.slope;
      return point.loss;
    }
    case LossKind::softmax: break;
  }
  return softmax_loss(output, outputs.columns, static_cast<int64_t>(y[0]), plan.smoothing, scale, slope);
}

}  // namespace crisp
