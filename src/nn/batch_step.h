/// One step of training: a batch, cut into parts that threads take, to the gradient of its mean loss. What kinds of net share.
#pragma once

#include <ATen/core/Tensor.h>

#include <functional>
#include <span>
#include <vector>

#include "cuda/exec.h"
#include "nn/exchange.h"
#include "nn/parameters.h"
#include "train/net_plan.h"

namespace crisp::nn {

/// How rows go through a net.
struct Pass {
  double dropout = 0;
  uint64_t seed = 0;
  int64_t step = 0;
  int64_t first = 0;  ///< rows of the batch that other processes have before these
};

/// What a net is judged by, and how large it is.
struct NetFacts {
  const ParameterLayout& layout;
  LossKind loss;
  int64_t outputs;
};

/// A batch is cut by its size alone, and the parts' gradients are added in order, so results do not depend on the number
/// of threads, nor on the number of processes as long as there is a part for each. A kind of net says how a part goes through it and back.
class BatchStep {
 public:
  virtual ~BatchStep() = default;
  /// Rows of each part of a batch but its last.
  static int64_t rows_of_parts(int64_t batch, int64_t processes = 1);
  BatchStep(const BatchStep&) = delete;
  BatchStep& operator=(const BatchStep&) = delete;

  const ParameterLayout& layout() const { return net_.layout; }
  int64_t outputs() const { return net_.outputs; }
  /// What the net is, so that a checkpoint can tell whether it belongs to this run.
  virtual Json identity() const = 0;
  /// Multiplications and additions of one row, forward.
  virtual int64_t flops() const = 0;
  /// Whether gradient() changes parameters too: running statistics.
  virtual bool learns_statistics() const { return false; }
  /// The processes that take part.
  Exchange& exchange() { return exchange_; }

  /// The parameters, one array of layout().total(), that the calls below read: call it first.
  virtual void bind(at::Tensor parameters) = 0;
  /// The gradient of the mean loss over rows `index` of the training rows (up to batch * accumulate of them), ready for apply().
  LossSum gradient(std::span<const uint32_t> index, int64_t step);
  /// One step of the optimiser with that gradient; step >= 1.
  void apply(double rate, int64_t step, const OptimiserState& state);
  /// The loss over all of `rows`, without dropout; the net's outputs to `outputs`, rows x outputs, where it has rows.
  LossSum evaluate(const LabelledRows& rows, MatrixView<float> outputs = {});

 protected:
  BatchStep(Exec& exec, const NetFacts& net, const NetTraining& training, const FitData& data, Peers* peers = nullptr);

  /// This process's rows of a batch, and how they go through the net.
  struct Batch {
    const LabelledRows& rows;
    Pass pass;
    float scale = 0;
    std::span<const uint32_t> index = {};
    int64_t of_all = 0;  ///< rows of the batch, over all processes
    MatrixView<float> outputs = {};  // where the net's outputs for them go, row by row of all; no rows: nowhere
  };
  /// A part's outputs, and its rows: the target of a net that gives them back.
  struct Judged {
    MatrixView<const float> out, raw;
    MatrixView<float> gradient;
  };

  /// All parts through the net and back: each part's losses by judge_part(), its gradient in gradient_of_part().
  virtual void learn(const Batch& batch) = 0;
  /// All parts through the net, with their losses.
  virtual void look(const Batch& batch) = 0;
  /// Before looks: a net that learns statistics of its rows takes what it has learned.
  virtual void begin_evaluation() {}

  Exec& exec() { return exec_; }
  int64_t parts() const { return static_cast<int64_t>(works_.size()); }
  int64_t part_rows() const { return part_rows_; }
  int64_t used() const { return used_; }  ///< parts of the batch at hand
  std::span<const uint32_t> rows_of_part(const Batch& batch, int64_t place) const;
  at::Tensor gradient_of_part(int64_t place) const { return gradients_.select(0, place + 1); }
  void for_parts(const Batch& batch, const std::function<void(int64_t)>& body);
  void judge_part(const Batch& batch, int64_t place, const Judged& judged);

 private:
  void share(MatrixView<float> outputs);
  /// Buffers of a part beside those of the net.
  struct Work {
    std::vector<float> target, weights;
    LossSum loss;
  };
  /// Takes this process's parts of a batch.
  void take_share(std::span<const uint32_t> index, Batch& batch) const;
  /// Of the batch, over all processes. Of several, `gradients` too: into row 0, onto what stands there where `carried`.
  LossSum losses(bool gradients, bool carried);
  double weight_of(std::span<const uint32_t> index);
  double values_of_row() const;
  LossPlan loss_plan() const;
  MatrixView<float> gradient_rows(int64_t first, int64_t rows) const;

  Exec& exec_;
  NetFacts net_;
  const NetTraining& training_;
  const FitData& data_;
  Exchange exchange_;
  int64_t part_rows_, parts_of_all_;
  std::vector<Work> works_;
  at::Tensor gradients_;   // row 0: summed up; then one row a part
  int64_t used_ = 0;       // parts that hold gradients
  double scale_ = 1;       // what the gradient is still to be multiplied by
  bool summed_ = false;
};

}  // namespace crisp::nn
