/// A feed-forward net written out by hand: matrix products by LibTorch into tensors that are there already, everything between
/// them by crisp's kernels. No autograd, no allocation in a step.
#pragma once

#include <ATen/core/Tensor.h>

#include <vector>

#include "kernels/training/inputs.h"
#include "nn/parameters.h"
#include "train/net_plan.h"

namespace crisp::nn {

/// The parameters (or their gradients) of one flat array, as matrices.
struct Arrays {
  at::Tensor flat;                            // [total]
  std::vector<at::Tensor> weight, weight_t;   // one a product: [outputs, inputs], and transposed
  std::vector<ArrayView<float>> bias;

  ArrayView<float> all() const;
};

/// What a part of a batch needs on its way through the net and back.
struct Part {
  int64_t rows = 0, first = 0;                // first: its first row's place in the batch
  at::Tensor raw;                             // [rows, columns] as gathered
  at::Tensor encoded, encoded_gradient;       // [rows, inputs]; `raw` itself where nothing is encoded
  std::vector<at::Tensor> sums, out;          // one a product: before and after the activation
  std::vector<at::Tensor> gradient, gradient_t;
};

MatrixView<float> view(const at::Tensor& matrix);

class FeedForward {
 public:
  /// `edges`: of the numbers in pieces, column after column, one more than pieces each, ascending.
  FeedForward(const NetShape& shape, std::vector<float> edges);

  const NetShape& shape() const { return shape_; }
  const ParameterLayout& layout() const { return layout_; }
  const std::vector<float>& edges() const { return edges_; }
  size_t products() const { return shape_.hidden.size() + 1; }
  /// Columns that the first product reads.
  int64_t inputs() const { return inputs_; }
  /// Multiplications and additions of one row, forward.
  int64_t flops() const;

  Arrays bind(at::Tensor flat) const;
  /// Buffers for `rows` rows; `training`: for the way back too.
  Part make_part(int64_t rows, bool training) const;
  /// The first `rows` rows of a part, sharing its memory.
  Part narrow(const Part& part, int64_t rows) const;

  /// From part.raw to part.out.back(). `dropout` rate 0: as in use.
  void forward(Exec& exec, const Arrays& arrays, const Part& part, double dropout, uint64_t seed, int64_t step) const;
  /// From part.gradient.back() (of the last product's output) to `gradients`.
  void backward(Exec& exec, const Arrays& arrays, const Part& part, double dropout, uint64_t seed, int64_t step,
                const Arrays& gradients) const;

 private:
  void check_edges() const;
  Dropout dropout_of(double rate, uint64_t seed, int64_t step, size_t layer, int64_t first) const;

  NetShape shape_;
  ParameterLayout layout_;
  std::vector<int64_t> widths_;            // inputs, hidden ..., outputs
  std::vector<InputColumn> columns_;
  std::vector<float> edges_;
  std::vector<size_t> weight_slots_, bias_slots_;
  int64_t inputs_ = 0;
  bool encodes_ = false, embeds_ = false;
};

}  // namespace crisp::nn
