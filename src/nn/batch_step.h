/// One step of training: a batch, cut into parts that threads take, to the gradient of its mean loss. What kinds of net share.
/// On a GPU a batch is one part, and whole steps are queued there: device_step.h.
#pragma once

#include <deque>
#include <functional>
#include <optional>
#include <span>
#include <vector>

#include "cuda/exec.h"
#include "nn/device_step.h"
#include "nn/exchange.h"
#include "nn/parameters.h"
#include "train/net_plan.h"
#include "train/row_windows.h"

namespace crisp::nn {

/// How rows go through a net.
struct Pass {
  double dropout = 0;
  uint64_t seed = 0;
  int64_t step = 0;
  int64_t first = 0;  ///< rows of the batch that other processes have before these
  const uint64_t* moved = nullptr;  ///< on a GPU: what the step adds to dropout's streams, instead of `step`; Dropout::moved
};

/// What a step changes: parameters and the optimiser's moments, all of the layout's length or, moments, empty.
struct Learned {
  std::vector<float> parameters, first, second;
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

  /// What steps change: call it first. On a GPU they change a copy, which pull() brings here and push() takes there.
  void bind(Learned& learned);
  void pull();
  void push();
  /// The rows that `index` below refers to: data.train of the constructor until it is called. They stay as they are until the next call.
  void take_rows(const LabelledRows& rows);

  /// How batches are cut, and this process's place among those that share the parts.
  BatchCut cut() const;

  /// One step of the optimiser with the gradient of the mean loss over rows `index` (up to batch * accumulate of them); step >= 1.
  /// Where the loss is no number the parameters stay as they are; on a GPU nothing is good any more until the next push().
  void take_step(std::span<const uint32_t> index, double rate, int64_t step);
  /// The losses of the steps that were taken, in their order; a GPU's come a step late, unless `all` are to be waited for.
  std::optional<StepLoss> next_loss(bool all);
  /// Waits for steps on their way, whose losses are of no interest any more.
  void forget_steps();

  /// The two halves of a step, for those who look at the loss in between: the gradient, ready for apply().
  LossSum gradient(std::span<const uint32_t> index, int64_t step);
  void apply(double rate, int64_t step);
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

  /// The parameters, where exec computes, that learn() and look() read.
  virtual void read_from(ArrayView<float> parameters) = 0;
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
  ArrayView<float> gradient_of_part(int64_t place) const { return {view(gradients_).row(place + 1), view(gradients_).columns}; }
  void for_parts(const Batch& batch, const std::function<void(int64_t)>& body);
  void judge_part(const Batch& batch, int64_t place, const Judged& judged);

 private:
  void share(MatrixView<float> outputs);
  OptimiserState state() const;
  /// Brings a step's rows and numbers to where exec computes.
  Batch begin_step(std::span<const uint32_t> index, double rate, int64_t step);
  /// The gradient of a step's batches; gives the losses where they are at hand.
  LossSum learn_batches(Batch batch);
  void queue_step(int64_t rows, const Batch& batch);
  void judge_on_device(const Batch& batch, const Judged& judged, std::span<const uint32_t> index);
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
  /// Of the parts that hold gradients, summed up or not.
  MatrixView<float> gradients_at_hand() const { return summed_ ? gradient_rows(0, 1) : gradient_rows(1, used_); }

  Exec& exec_;
  NetFacts net_;
  const NetTraining& training_;
  const FitData& data_;
  LabelledRows rows_;      // that steps learn from
  Exchange exchange_;
  int64_t part_rows_, parts_of_all_;
  std::vector<Work> works_;
  NetMemory memory_;
  NetMatrix gradients_;    // row 0: summed up; then one row a part
  Learned* learned_ = nullptr;
  ArrayView<float> parameters_, first_, second_;  // where exec computes
  std::deque<StepLoss> losses_;
  std::optional<DeviceStep> device_;
  bool rows_moved_ = true; // the device has others
  int64_t used_ = 0;       // parts that hold gradients
  double scale_ = 1;       // what the gradient is still to be multiplied by
  bool summed_ = false;
};

}  // namespace crisp::nn
