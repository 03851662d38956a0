#include "nn/recurrent_step.h"

#include <ATen/ops/from_blob.h>

#include <algorithm>

#include "kernels/training/gather.h"
#include "nn/net_place.h"
#include "nn/product_scope.h"
#include "nn/tensor_view.h"

namespace crisp::nn {

RecurrentStep::RecurrentStep(Exec& exec, const Recurrent& net, const NetTraining& training, const FitData& data, Peers* peers)
    : BatchStep(exec, {net.layout(), net.shape().loss, net.shape().outputs}, training, data, peers), net_(net) {
  for (int64_t k = 0; k < parts(); ++k) {
    places_.push_back({net.make_part(part_rows(), true), {}, net.bind(gradient_of_part(k))});
    places_.back().whole.first = k * part_rows();
  }
}

void RecurrentStep::bind(at::Tensor parameters) {
  parameters_ = std::move(parameters);
  arrays_ = net_.bind(parameters_);
}

const SequencePart& RecurrentStep::answer(const Batch& batch, int64_t place) {
  Place& at = places_[static_cast<size_t>(place)];
  const auto index = rows_of_part(batch, place);
  const auto count = static_cast<int64_t>(index.size());
  if (at.part.rows != count) at.part = net_.narrow(at.whole, count);
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

class RecurrentRunner : public NetRunner {
 public:
  RecurrentRunner(const NetShape& shape, const Tensors& arrays) : net_(shape), parameters_(net_.layout().load(arrays)) {
    arrays_ = net_.bind(at::from_blob(parameters_.data(), {net_.layout().total()}, at::kFloat));
  }

  void run(Exec& asked, MatrixView<const float> rows, MatrixView<float> out) const override {
    NetPlace place(asked);
    Exec& exec = place.exec();
    exec.threads().for_ranges(rows.rows, kRows, [&](int64_t begin, int64_t end) {
      const ProductScope scope;
      const SequencePart part = net_.make_part(end - begin, false);
      for (int64_t i = begin; i < end; ++i) std::copy_n(rows.row(i), rows.columns, view(part.raw).row(i - begin));
      net_.forward(exec, arrays_, part, {});
      for (int64_t i = begin; i < end; ++i) std::copy_n(view(part.out).row(i - begin), out.columns, out.row(i));
    });
  }

 private:
  static constexpr int64_t kRows = 128;  // a window's steps all lie in memory at once
  Recurrent net_;
  mutable std::vector<float> parameters_;
  SequenceArrays arrays_;
};

}  // namespace

std::unique_ptr<NetRunner> open_recurrent(const NetShape& shape, const Tensors& arrays) {
  return std::make_unique<RecurrentRunner>(shape, arrays);
}

}  // namespace crisp::nn
