/// The step of a recurrent net, and its answers.
#pragma once

#include <memory>

#include "nn/recurrent.h"
#include "train/net_library.h"

namespace crisp::nn {

class RecurrentStep : public BatchStep {
 public:
  RecurrentStep(Exec& exec, const Recurrent& net, const NetTraining& training, const FitData& data, Peers* peers = nullptr);

  Json identity() const override { return net_.shape().to_json(); }
  int64_t flops() const override { return net_.flops(); }

 private:
  /// What the net works in for one part of a batch.
  struct Place {
    SequencePart whole, part;  // part: whole, or the beginning of it
    SequenceArrays gradients;
  };
  void read_from(ArrayView<float> parameters) override { arrays_ = net_.bind(exec(), parameters); }
  void learn(const Batch& batch) override;
  void look(const Batch& batch) override;
  /// The part of `place` with its rows in it, through the net and judged.
  const SequencePart& answer(const Batch& batch, int64_t place);

  const Recurrent& net_;
  std::vector<Place> places_;
  SequenceArrays arrays_;
};

/// Checks the arrays and opens the net, on exec's GPU too.
std::unique_ptr<NetRunner> open_recurrent(Exec& exec, const NetShape& shape, const Tensors& arrays);

}  // namespace crisp::nn
