/// A net's answers, on the CPU or on a GPU once it was seen to give what the CPU gives.
#pragma once

#include <mutex>

#include "nn/net_matrix.h"
#include "train/net_library.h"

namespace crisp::nn {

class PlacedRunner : public NetRunner {
 public:
  void run(Exec& exec, MatrixView<const float> rows, MatrixView<float> out) const override;

 protected:
  /// Rows that a thread of the CPU, and that a GPU takes at once.
  explicit PlacedRunner(int64_t cpu_rows, int64_t gpu_rows) : cpu_rows_(cpu_rows), gpu_rows_(gpu_rows) {}
  /// Columns of the answers.
  virtual int64_t outputs() const = 0;
  /// Whether answer() may be called with a GPU.
  virtual bool on_gpu() const = 0;
  /// Of `rows`, few enough to be in memory at once, to `out`; both on the host.
  virtual void answer(Exec& exec, MatrixView<const float> rows, MatrixView<float> out) const = 0;
  /// Between the host and a net's matrix where exec computes.
  static void fetch(Exec& exec, MatrixView<const float> from, MatrixView<float> to);

 private:
  void run_on_cpu(Exec& exec, MatrixView<const float> rows, MatrixView<float> out) const;
  bool agrees(Exec& exec, MatrixView<const float> rows) const;

  int64_t cpu_rows_, gpu_rows_;
  mutable std::once_flag checked_;
  mutable bool agrees_ = false;
};

}  // namespace crisp::nn
