#include "nn/recurrent_step.h"

#include <optional>

#include "kernels/training/gather.h"
#include "nn/placed_runner.h"

namespace crisp::nn {

RecurrentStep::RecurrentStep(Exec& exec, const Recurrent& net, const NetTraining& training, const FitData& data, Peers* peers)
    : BatchStep(exec, {net.layout(), net.shape().loss, net.shape().outputs}, training, data, peers), net_(net) {
  for (int64_t k = 0; k < parts(); ++k) {
    places_.push_back({net.make_part(exec, part_rows(), true), {}, net.bind(exec, gradient_of_part(k))});
    places_.back().whole.first = k * part_rows();
  }
}

const SequencePart& RecurrentStep::answer(const Batch& batch, int64_t place) {
  Place& at = places_[static_cast<size_t>(place)];
  const auto index = rows_of_part(batch, place);
  const auto count = static_cast<int64_t>(index.size());
  if (at.part.rows != count) at.part = net_.narrow(exec(), at.whole, count);
  gather_rows(exec(), batch.rows.rows, {index.data(), count}, {}, {}, view(at.part.raw));
  net_.forward(exec(), arrays_, at.part, batch.pass);
  judge_part(batch, place, {view(at.part.out), view(at.part.raw), view(at.part.gradient)});
  return at.part;
}

void RecurrentStep::learn(const Batch& batch) {
  for_parts(batch, [&](int64_t place) {
    const SequencePart& part = answer(batch, place);
    net_.backward(exec(), arrays_, part, batch.pass, places_[static_cast<size_t>(place)].gradients);
  });
}

void RecurrentStep::look(const Batch& batch) {
  for_parts(batch, [&](int64_t place) { answer(batch, place); });
}

namespace {

class RecurrentRunner : public PlacedRunner {
 public:
  RecurrentRunner(Exec& exec, const NetShape& shape, const Tensors& arrays)
      : PlacedRunner(128, 1 << 12),  // a window's steps all lie in memory at once
        net_(shape),
        parameters_(net_.layout().load(arrays)) {
    Exec host(Device::cpu(), 1);
    on_host_ = net_.bind(host, {parameters_.data(), net_.layout().total()});
    if (!exec.is_cuda()) return;
    const ArrayView<const float> all{parameters_.data(), net_.layout().total()};
    on_gpu_ = net_.bind(exec, memory_.copy_of(exec, all));
    exec.synchronize();
  }

 protected:
  int64_t outputs() const override { return net_.shape().outputs; }
  bool on_gpu() const override { return on_gpu_.has_value(); }

  void answer(Exec& exec, MatrixView<const float> rows, MatrixView<float> out) const override {
    const SequencePart part = net_.make_part(exec, rows.rows, false);
    fetch(exec, rows, view(part.raw));
    net_.forward(exec, exec.is_cuda() ? *on_gpu_ : on_host_, part, {});
    fetch(exec, view(part.out), out);
  }

 private:
  Recurrent net_;
  std::vector<float> parameters_;
  NetMemory memory_;
  SequenceArrays on_host_;
  std::optional<SequenceArrays> on_gpu_;
};

}  // namespace

std::unique_ptr<NetRunner> open_recurrent(Exec& exec, const NetShape& shape, const Tensors& arrays) {
  return std::make_unique<RecurrentRunner>(exec, shape, arrays);
}

}  // namespace crisp::nn
