/// What the processes that train one net exchange during a step. For one process alone all of it is free.
#pragma once

#include <functional>
#include <span>

#include "cuda/buffer.h"
#include "nn/device_gather.h"
#include "train/peers.h"

namespace crisp::nn {

/// Sums run through the processes in the order of their ranks, which is the order of the parts of a batch: the same bits as in one
/// process that works on all parts.
class Exchange {
 public:
  /// `peers` nullptr: one process alone. It must outlive this.
  explicit Exchange(Peers* peers = nullptr) : peers_(peers) {}

  /// Gradients on GPUs go this way instead of through the hosts; null: they do not.
  void use(std::unique_ptr<DeviceGather> gather) { gather_ = std::move(gather); }

  bool several() const { return peers_ != nullptr; }
  bool first() const { return rank() == 0; }
  int rank() const { return peers_ ? peers_->rank() : 0; }
  int size() const { return peers_ ? peers_->size() : 1; }

  /// This process's share of `count` parts.
  Share share_of(int64_t count) const { return crisp::share_of(count, rank(), size()); }

  /// `add` adds this process's part to `values`, which are 0 at first; then they are the sum over all, on all.
  void sum(std::span<double> values, const std::function<void()>& add) { sum(values, add, [] {}, [] {}); }
  /// The same of values that lie where exec computes.
  void sum(Exec& exec, ArrayView<double> values, const std::function<void()>& add);
  /// The same, and on the same trip, for its time is what a small step waits for, adds up rows of all processes. Row 0 takes the result;
  /// where `carried` it is there already, on all, and is added to. Several processes only. `rows` lie where exec computes.
  void sum(std::span<double> values, const std::function<void()>& add, Exec& exec, MatrixView<float> rows, bool carried);

  /// The signal that asked one of the processes to stop, as all of them knew it in their last sum(); alone: now.
  int stop_signal() const;

 private:
  /// `there` is what else goes from process to process, `back` what else the last one tells all.
  void sum(std::span<double> values, const std::function<void()>& add, const std::function<void()>& there,
           const std::function<void()>& back);
  /// Of rows on the host.
  void pass_gradients(MatrixView<float> rows, bool carried, const std::function<void(MatrixView<float>)>& add_rows);

  void gather_gradients(Exec& exec, MatrixView<float> rows, bool carried);

  Peers* peers_;
  std::unique_ptr<DeviceGather> gather_;
  DeviceBuffer<float> all_;  // what was gathered
  int stop_signal_ = 0;
};

}  // namespace crisp::nn
