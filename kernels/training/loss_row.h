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

CRISP_HD inline float logistic_tail(float output) { return float_exp(-float_abs(output)); }

/// -w1 y log p - w0 (1 - y) log(1 - p) with p = sigmoid(output), y in [0, 1], e = logistic_tail(output). NaN where the output is
/// not finite.
CRISP_HD inline LossPoint logistic_loss(float output, float e, float y, float w0, float w1) {
  const float tail = float_log(1.0f + e) + (output - output), size = float_abs(output);
  const float below = 0.5f * size - 0.5f * output, above = 0.5f * size + 0.5f * output;  // max(0, -output), max(0, output)
  const float p = (output > 0 ? 1.0f : e) / (1.0f + e);
  const float one = w1 * y, zero = w0 * (1.0f - y);
  return {one * (below + tail) + zero * (above + tail), p * (one + zero) - one};
}

/// Label smoothing: class 1 of two becomes 1 - smoothing / 2.
CRISP_HD inline float smoothed(float target, float smoothing, int64_t classes) {
  return target * (1.0f - smoothing) + smoothing / static_cast<float>(classes);
}

/// Cross entropy of a row of `classes` log-odds: -sum of w[k] y[k] log p[k], y smoothed, w all 1 where null; as
/// torch.nn.CrossEntropyLoss. gradient = scale * d loss, may be `output` itself. Where an output is not finite, the loss is NaN.
CRISP_HD inline float softmax_loss(const float* output, int64_t classes, int64_t target, float smoothing, const float* w,
                                   float scale, float* gradient) {
  float most = output[0], check = 0;
  for (int64_t k = 0; k < classes; ++k) {
    most = output[k] > most ? output[k] : most;
    check += output[k] - output[k];
  }
  const float spread = smoothing / static_cast<float>(classes);
  float sum = 0, mass = 0, hit = 0;  // of exponentials, of w y, of w y (output - most)
  for (int64_t k = 0; k < classes; ++k) {
    const float share = (w ? w[k] : 1.0f) * ((k == target ? 1.0f - smoothing : 0.0f) + spread);
    sum += float_exp(output[k] - most);
    mass += share;
    hit += share * (output[k] - most);
  }
  const float loss = mass * float_log(sum) - hit + check;
  for (int64_t k = 0; k < classes; ++k) {
    const float share = (w ? w[k] : 1.0f) * ((k == target ? 1.0f - smoothing : 0.0f) + spread);
    gradient[k] = scale * (mass * (float_exp(output[k] - most) / sum) - share);
  }
  return loss;
}

CRISP_HD inline float class_weight(const LossPlan& plan, int64_t k) { return plan.class_weights.size ? plan.class_weights[k] : 1.0f; }

/// What a row counts in a mean: its own weight times its class's.
CRISP_HD inline float row_weight(const LossPlan& plan, const float* weights, int64_t row, float target) {
  const float own = weights ? weights[row] : 1.0f;
  return plan.class_weights.size ? own * class_weight(plan, static_cast<int64_t>(target)) : own;
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

/// Loss of row i before its own weight, its class's within; its gradient is set. A row's outputs are added in order.
CRISP_HD inline float row_loss(const LossPlan& plan, MatrixView<const float> outputs, MatrixView<const float> target, int64_t i,
                               float scale, MatrixView<float> gradient) {
  const float *output = outputs.row(i), *y = target.row(i);
  float* slope = gradient.row(i);
  switch (plan.kind) {
    case LossKind::squared: return difference_row<LossKind::squared>(output, y, outputs.columns, scale, slope);
    case LossKind::absolute: return difference_row<LossKind::absolute>(output, y, outputs.columns, scale, slope);
    case LossKind::huber: return difference_row<LossKind::huber>(output, y, outputs.columns, scale, slope);
    case LossKind::logistic: {
      const LossPoint point = logistic_loss(output[0], logistic_tail(output[0]), smoothed(y[0], plan.smoothing, 2),
                                            class_weight(plan, 0), class_weight(plan, 1));
      slope[0] = scale * point.slope;
      return point.loss;
    }
    case LossKind::softmax: break;
  }
  const float* of_class = plan.class_weights.size ? plan.class_weights.data : nullptr;
  return softmax_loss(output, outputs.columns, static_cast<int64_t>(y[0]), plan.smoothing, of_class, scale, slope);
}

}  // namespace crisp
