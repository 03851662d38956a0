/// The step of a feed-forward net.
#pragma once

#include "nn/batch_step.h"
#include "nn/feed_forward.h"

namespace crisp::nn {

class FeedForwardStep : public BatchStep {
 public:
  FeedForwardStep(Exec& exec, const FeedForward& net, const NetTraining& training, const FitData& data, Peers* peers = nullptr);

  Json identity() const override { return net_.shape().to_json(); }
  int64_t flops() const override { return net_.flops(); }
  bool learns_statistics() const override { return net_.by_batch(); }

 private:
  /// What the net works in for one part of a batch.
  struct Place {
    Part whole, part;   // part: whole, or the beginning of it
    Arrays gradients;
  };
  void read_from(ArrayView<float> parameters) override;
  void learn(const Batch& batch) override;
  void look(const Batch& batch) override;
  void begin_evaluation() override;
  void learn_by_part(const Batch& batch);
  void learn_by_batch(const Batch& batch);
  /// The part of `place`, cut to its rows, with its rows in it.
  Part& begin_part(const Batch& batch, int64_t place);
  void judge(const Batch& batch, int64_t place);

  const FeedForward& net_;
  std::vector<Place> places_;
  bool half_;
  Arrays arrays_, learning_;  // the same parameters; learning_: with bfloat16 copies where products are
  BatchNorms norms_;
};

}  // namespace crisp::nn
