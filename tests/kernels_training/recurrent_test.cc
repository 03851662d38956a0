#include "kernels/training/recurrent.h"

#include "tests/kernels_training/training_layers.h"

namespace crisp {
namespace {

constexpr int64_t kSteps = 4, kBatch = 3, kInputs = 2, kUnits = 5;

using Matrix = std::vector<float>;

/// out (rows x outputs) += x (rows x inputs) weight' (outputs x inputs).
void add_product(const float* x, const Matrix& weight, int64_t outputs, int64_t inputs, float* out) {
  for (int64_t i = 0; i < kBatch; ++i) {
    for (int64_t o = 0; o < outputs; ++o) {
      double sum = 0;
      for (int64_t k = 0; k < inputs; ++k) sum += static_cast<double>(x[i * inputs + k]) * weight[static_cast<size_t>(o * inputs + k)];
      out[i * outputs + o] += static_cast<float>(sum);
    }
  }
}

/// The way back: x_gradient += slope weight; weight_gradient += slope' x; bias_gradient += column sums of slope.
void add_gradient(const float* x, const Matrix& weight, int64_t outputs, int64_t inputs, const float* slope, float* x_gradient,
                  Matrix& weight_gradient, Matrix& bias_gradient) {
  for (int64_t i = 0; i < kBatch; ++i) {
    for (int64_t o = 0; o < outputs; ++o) {
      const float s = slope[i * outputs + o];
      bias_gradient[static_cast<size_t>(o)] += s;
      for (int64_t k = 0; k < inputs; ++k) {
        x_gradient[i * inputs + k] += s * weight[static_cast<size_t>(o * inputs + k)];
        weight_gradient[static_cast<size_t>(o * inputs + k)] += s * x[i * inputs + k];
      }
    }
  }
}

class Recurrent : public LayersTest {
 protected:
  /// A layer of `gates` gates over the golden sequence, with what PyTorch gave it.
  void load(const std::string& name, int64_t gates) {
    name_ = name;
    wide_ = gates * kUnits;
    weight_x_ = floats(name, "weight_ih_l0"), weight_h_ = floats(name, "weight_hh_l0");
    bias_x_ = floats(name, "bias_ih_l0"), bias_h_ = floats(name, "bias_hh_l0");
    sequence_ = floats(name, "sequence"), slope_ = floats(name, "slope");
    of_sequence_.resize(sequence_.size()), of_x_.resize(weight_x_.size()), of_h_.resize(weight_h_.size());
    of_bias_x_.resize(bias_x_.size()), of_bias_h_.resize(bias_h_.size());
    input_.resize(static_cast<size_t>(kSteps * kBatch * wide_)), recurrent_.resize(input_.size());
    hidden_.resize(static_cast<size_t>((kSteps + 1) * kBatch * kUnits)), cell_.resize(hidden_.size());
  }
  MatrixView<float> step(Matrix& values, int64_t t, int64_t columns) {
    return {values.data() + t * kBatch * columns, kBatch, columns, columns};
  }
  void expect_golden() {
    expect_near({hidden_.begin() + kBatch * kUnits, hidden_.end()}, name_, "out", 1e-6);
    expect_near(of_sequence_, name_, "sequence gradient", 3e-6);
    expect_near(of_x_, name_, "weight_ih_l0 gradient", 3e-6);
    expect_near(of_h_, name_, "weight_hh_l0 gradient", 3e-6);
    expect_near(of_bias_x_, name_, "bias_ih_l0 gradient", 3e-6);
    expect_near(of_bias_h_, name_, "bias_hh_l0 gradient", 3e-6);
  }
  /// The gradient of step t's hidden state: from the loss, and from the next step.
  Matrix slope_of(int64_t t, const Matrix& later) {
    Matrix slope(slope_.begin() + t * kBatch * kUnits, slope_.begin() + (t + 1) * kBatch * kUnits);
    for (size_t i = 0; i < slope.size(); ++i) slope[i] += later[i];
    return slope;
  }

  std::string name_;
  int64_t wide_ = 0;
  Matrix weight_x_, weight_h_, bias_x_, bias_h_, sequence_, slope_;
  Matrix of_sequence_, of_x_, of_h_, of_bias_x_, of_bias_h_;
  Matrix input_, recurrent_, hidden_, cell_;  // a block a step; hidden_ and cell_ begin with zeros
};

TEST_F(Recurrent, LstmEqualsPyTorch) {
  load("lstm", 4);
  Matrix bias(bias_x_);
  for (size_t i = 0; i < bias.size(); ++i) bias[i] += bias_h_[i];
  for (int64_t t = 0; t < kSteps; ++t) {
    add_product(step(sequence_, t, kInputs).data, weight_x_, wide_, kInputs, step(input_, t, wide_).data);
    add_product(step(hidden_, t, kUnits).data, weight_h_, wide_, kUnits, step(input_, t, wide_).data);
    lstm_cell(exec_, all(bias), step(input_, t, wide_), step(cell_, t, kUnits), step(cell_, t + 1, kUnits), step(hidden_, t + 1, kUnits));
  }
  Matrix of_hidden(kBatch * kUnits), of_cell(kBatch * kUnits);
  for (int64_t t = kSteps - 1; t >= 0; --t) {
    Matrix slope = slope_of(t, of_hidden);
    lstm_cell_gradient(exec_, step(cell_, t, kUnits), step(cell_, t + 1, kUnits), matrix(slope, kUnits), matrix(of_cell, kUnits),
                       step(input_, t, wide_));
    std::fill(of_hidden.begin(), of_hidden.end(), 0.0f);
    const float* gates = step(input_, t, wide_).data;
    add_gradient(step(sequence_, t, kInputs).data, weight_x_, wide_, kInputs, gates, step(of_sequence_, t, kInputs).data, of_x_, of_bias_x_);
    add_gradient(step(hidden_, t, kUnits).data, weight_h_, wide_, kUnits, gates, of_hidden.data(), of_h_, of_bias_h_);
  }
  expect_golden();
}

TEST_F(Recurrent, GruEqualsPyTorch) {
  load("gru", 3);
  for (int64_t t = 0; t < kSteps; ++t) {
    add_product(step(sequence_, t, kInputs).data, weight_x_, wide_, kInputs, step(input_, t, wide_).data);
    add_product(step(hidden_, t, kUnits).data, weight_h_, wide_, kUnits, step(recurrent_, t, wide_).data);
    gru_cell(exec_, all(bias_x_), all(bias_h_), step(input_, t, wide_), step(recurrent_, t, wide_), step(hidden_, t, kUnits),
             step(hidden_, t + 1, kUnits));
  }
  Matrix of_hidden(kBatch * kUnits);
  for (int64_t t = kSteps - 1; t >= 0; --t) {
    of_hidden = slope_of(t, of_hidden);
    gru_cell_gradient(exec_, step(hidden_, t, kUnits), matrix(of_hidden, kUnits), step(input_, t, wide_), step(recurrent_, t, wide_));
    add_gradient(step(sequence_, t, kInputs).data, weight_x_, wide_, kInputs, step(input_, t, wide_).data,
                 step(of_sequence_, t, kInputs).data, of_x_, of_bias_x_);
    add_gradient(step(hidden_, t, kUnits).data, weight_h_, wide_, kUnits, step(recurrent_, t, wide_).data, of_hidden.data(), of_h_, of_bias_h_);
  }
  expect_golden();
}

}  // namespace
}  // namespace crisp
