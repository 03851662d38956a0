/// What a step on a GPU keeps there: the rows, what changes from step to step, and the steps on their way. Nothing in a step is
/// allocated, uploaded or waited for but one small copy in, one call, and one small copy out that is read a step later.
#pragma once

#include <array>
#include <deque>
#include <functional>
#include <map>
#include <optional>
#include <span>

#include "cuda/event.h"
#include "cuda/graph.h"
#include "kernels/training/loss.h"
#include "kernels/training/step_numbers.h"
#include "nn/net_matrix.h"
#include "train/model.h"

namespace crisp::nn {

/// The numbers of a step in a GPU's memory, where its recorded work finds them.
struct StepValues {
  StepNumbersPair numbers;
  double squares = 0;     ///< of the gradient's values, where its length is cut
  LossSum loss;           ///< summed up by the work
  uint64_t stream = 0;    ///< of the step's dropout
  float loss_scale = 0;
};

/// Rows, target and weights on a GPU. The spans of here() are device memory.
class ResidentRows {
 public:
  /// Copies them. True where they lie in the same places as the ones before: work that was recorded with those holds for them.
  bool take(Exec& exec, const LabelledRows& rows);
  const LabelledRows& here() const { return here_; }

 private:
  /// Numbers that only grow.
  struct Room {
    DeviceBuffer<float> buffer;
    bool take(Exec& exec, const float* values, int64_t size);
    std::span<const float> span(int64_t size) const { return {buffer.data(), static_cast<size_t>(size)}; }
  };
  Room rows_, target_, weights_;
  LabelledRows here_;
};

/// The loss of one step.
struct StepLoss {
  int64_t step;
  LossSum sum;
};

class DeviceStep {
 public:
  /// Steps of up to `most_rows` rows, batches (and rows that are judged at once) of `batch_rows`.
  DeviceStep(Exec& exec, int64_t most_rows, int64_t batch_rows, int64_t answers, std::span<const float> class_weights);

  /// CRISP_CUDA_GRAPH=0 keeps steps from being recorded.
  static bool records_graphs();

  void take_rows(const LabelledRows& rows);
  const LabelledRows& rows() const { return rows_.here(); }
  /// Rows to be judged, and where order()[i] is i. Those of `kept` are copied once.
  const LabelledRows& judged_rows(const LabelledRows& rows, bool kept);
  std::span<const uint32_t> order() const { return {order_.data(), static_cast<size_t>(order_.size())}; }

  /// On the GPU: the values, the rows of the step at hand, the target and weights of the batch at hand, weights of classes.
  StepValues* values() const { return reinterpret_cast<StepValues*>(packet_.data()); }
  std::span<const uint32_t> index(int64_t count) const;
  MatrixView<float> target(int64_t rows) const { return {target_.data(), rows, answers_, answers_}; }
  ArrayView<float> weights(int64_t rows) const { return {weights_.data(), rows}; }
  ArrayView<const float> class_weights() const { return class_weights_.view(); }

  /// Queues the way of a step's values and rows to the GPU.
  void send(const StepValues& values, std::span<const uint32_t> index);
  /// Queues `work`, which depends on the number of rows alone: the first time as it is, from the second on recorded as a graph.
  void run(int64_t rows, const std::function<void()>& work);
  /// Queues the way of the loss back.
  void expect_loss(int64_t step);
  /// The losses that are known, in the order of steps; `all`: waits for those of all steps.
  std::optional<StepLoss> next_loss(bool all);
  /// Steps on their way are of no interest any more.
  void forget();
  /// Waits for the loss at hand, and sets it to 0.
  LossSum take_loss();

 private:
  static constexpr size_t kOnTheirWay = 2;  ///< one works, the next one waits behind it
  static constexpr size_t kMostGraphs = 4;
  struct Way {
    Way(Exec& exec, int64_t bytes) : packet(bytes), loss(1), done(exec) {}
    PinnedBuffer<std::byte> packet;
    PinnedBuffer<LossSum> loss;
    Event done;
    int64_t step = 0;
  };
  void arrive();

  Exec& exec_;
  int64_t answers_;
  ResidentRows rows_, judged_;
  bool judged_kept_ = false;
  DeviceBuffer<uint32_t> order_;
  DeviceBuffer<std::byte> packet_;  // StepValues, then row numbers
  DeviceBuffer<float> target_, weights_, class_weights_;
  std::vector<Way> ways_;
  size_t next_way_ = 0;
  std::deque<size_t> flying_;
  std::deque<StepLoss> known_;
  struct Recorded {
    bool seen = false;
    Graph graph;
  };
  std::map<int64_t, Recorded> recorded_;
};

}  // namespace crisp::nn
