/// A feed-forward net written out by hand: matrix products (on the CPU LibTorch's) into matrices that are there already, everything
/// between them by crisp's kernels. No autograd, no allocation in a step. The same code on the CPU and on a GPU.
#pragma once

#include <vector>

#include "kernels/training/inputs.h"
#include "kernels/training/normalise.h"
#include "nn/batch_step.h"
#include "nn/half_products.h"
#include "nn/net_matrix.h"
#include "train/net_plan.h"

namespace crisp::nn {

class Exchange;

/// The parameters (or their gradients) of one flat array, as matrices.
struct Arrays {
  ArrayView<float> flat;                      // [total]
  std::vector<NetMatrix> weight;              // one a product: [outputs, inputs]
  std::vector<ArrayView<float>> bias;         // one a product; of a normalised layer the norm's
  std::vector<ArrayView<float>> scale;        // one a hidden layer where layers are normalised
  std::vector<ArrayView<float>> running_mean, running_variance;  // where by the batch
  ProductPrecision precision = ProductPrecision::full;
  std::vector<at::Tensor> half_weight, half_weight_t;            // on the CPU: bfloat16 copies, see FeedForward::halve()
};

/// Batch norm of each hidden layer: the statistics in use, and the sums that the parts of a batch make them from.
class BatchNorms {
 public:
  BatchNorms() = default;
  BatchNorms(Exec& exec, const Arrays& arrays, int64_t parts);

  const BatchStatistics& statistics(size_t layer) const { return statistics_[layer]; }
  MatrixView<double> sums_of_part(size_t layer, int64_t part);
  /// Adds the first `parts` parts' sums up, and those of other processes; 2 x columns.
  MatrixView<const double> join(Exec& exec, Exchange& exchange, size_t layer, int64_t parts);
  /// What was learned of the columns, for use.
  void use_running(Exec& exec);

  static constexpr double kEpsilon = 1e-5, kMomentum = 0.1;  // PyTorch's defaults

 private:
  NetMemory memory_;
  std::vector<MatrixView<double>> sums_;  // a row a part; the first: of the processes before this one
  std::vector<ArrayView<double>> total_;
  std::vector<BatchStatistics> statistics_;
};

/// What a part of a batch needs on its way through the net and back.
struct Part {
  int64_t rows = 0, first = 0;                // first: its first row's place in this process's share of the batch
  ArrayView<const InputColumn> columns;       // of the net, and its edges, where the part is
  ArrayView<const float> edges;
  NetMatrix raw;                              // [rows, columns] as gathered
  NetMatrix encoded, encoded_gradient;        // [rows, inputs]; `raw` itself where nothing is encoded
  std::vector<NetMatrix> sums, out;           // one a product: as it gives them, and after the activation
  std::vector<NetMatrix> normal, saved;       // one a hidden layer where they are normalised: before the activation
  std::vector<NetMatrix> gradient;
  std::vector<HalfProduct> half;              // one a product, where they may be bfloat16 on the CPU
  NetMemory memory;                           // of all that
};

class FeedForward {
 public:
  /// `edges`: of the numbers in pieces, column after column, one more than pieces each, ascending.
  /// `frozen`: patterns of parameters that stay as they start.
  FeedForward(const NetShape& shape, std::vector<float> edges, const std::vector<std::string>& frozen = {});

  const NetShape& shape() const { return shape_; }
  const ParameterLayout& layout() const { return layout_; }
  const std::vector<float>& edges() const { return edges_; }
  size_t products() const { return shape_.hidden.size() + 1; }
  /// Columns that the first product reads.
  int64_t inputs() const { return inputs_; }
  /// Multiplications and additions of one row, forward.
  int64_t flops() const;

  /// Layers normalised by the whole batch: its parts must go through them side by side.
  bool by_batch() const { return shape_.normalisation == Normalisation::batch; }

  /// `flat` lies where exec computes.
  Arrays bind(Exec& exec, ArrayView<float> flat) const;
  /// Lets products that read these parameters (or write these gradients) be bfloat16; round() takes the parameters' values over.
  void halve(Exec& exec, Arrays& arrays) const;
  static void round(const Arrays& arrays);
  /// Buffers for `rows` rows; `training`: for the way back too; `half`: for products in bfloat16 too.
  Part make_part(Exec& exec, int64_t rows, bool training, bool half = false) const;
  /// The first `rows` rows of a part, sharing its memory.
  Part narrow(Exec& exec, const Part& part, int64_t rows) const;

  /// From part.raw to part.out.back(); `norms` has the statistics to use.
  void forward(Exec& exec, const Arrays& arrays, const BatchNorms& norms, const Part& part, const Pass& pass) const;
  /// From part.gradient.back() (of the last product's output) to `gradients`. Not where layers are normalised by the batch.
  void backward(Exec& exec, const Arrays& arrays, const Part& part, const Pass& pass, const Arrays& gradients) const;

  // The same in pieces. Forward: encode(), then for each product multiply() and finish(). Back: for each product unfinish(), then
  // (norms by the batch: batch_gradient() of the part, then) unmultiply(); at last unencode().
  void encode(Exec& exec, const Arrays& arrays, const Part& part) const;
  void multiply(Exec& exec, const Arrays& arrays, const Part& part, size_t product) const;
  void finish(Exec& exec, const Arrays& arrays, const BatchNorms& norms, const Part& part, const Pass& pass, size_t product) const;
  void unfinish(Exec& exec, const Arrays& arrays, const Part& part, const Pass& pass, const Arrays& gradients, size_t product) const;
  void unmultiply(Exec& exec, const Arrays& arrays, const Part& part, const Arrays& gradients, size_t product) const;
  void unencode(Exec& exec, const Part& part, const Arrays& gradients) const;

 private:
  void check_edges() const;
  void add_norm(size_t layer);
  bool normalised(size_t product) const { return shape_.normalisation != Normalisation::none && product + 1 < products(); }
  Activation activation_of(size_t product) const;
  Dropout dropout_of(const Pass& pass, size_t product, int64_t first) const;

  NetShape shape_;
  ParameterLayout layout_;
  std::vector<int64_t> widths_;            // inputs, hidden ..., outputs
  std::vector<InputColumn> columns_;
  std::vector<float> edges_;
  std::vector<size_t> weight_slots_, bias_slots_, scale_slots_, mean_slots_, variance_slots_;
  int64_t inputs_ = 0, codes_ = 0;         // codes of all columns together
  bool encodes_ = false;
};

}  // namespace crisp::nn
