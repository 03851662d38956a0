// The plug-in's one door.
#include <c10/util/Exception.h>

#include <ATen/ops/from_blob.h>

#include <algorithm>
#include <memory>

#include "cuda/error.h"
#include "nn/feed_forward_step.h"
#include "nn/net_place.h"
#include "nn/peers_gloo.h"
#include "nn/product_scope.h"
#include "nn/recurrent_step.h"
#include "nn/torchscript.h"
#include "nn/trainer.h"
#include "train/net_library.h"

namespace crisp::nn {
namespace {

constexpr const char* kEdges = "edges";

std::vector<float> edges_of(const Tensors& arrays) {
  return arrays.has(kEdges) ? arrays.get<float>(kEdges) : std::vector<float>();
}

/// LibTorch's failures become ours.
template <class Body>
auto guarded(Body body) {
  const ProductScope scope;
  try {
    return body();
  } catch (const c10::OutOfMemoryError& error) {
    throw Error(Code::no_memory, concat("LibTorch: ", error.what_without_backtrace()));
  } catch (const c10::Error& error) {
    throw Error(Code::bug, concat("LibTorch: ", error.what_without_backtrace()));
  }
}

/// What an earlier net gave, and what begins anew.
void tell_start(const Json& begun) {
  const auto listed = [](const Json& names) {
    std::string text;
    for (const Json& name : names) text += concat(text.empty() ? "" : ", ", name.get<std::string>());
    return text;
  };
  note("taken over: ", listed(begun["taken"]));
  if (!begun["anew"].empty()) note("begun anew: ", listed(begun["anew"]));
}

Tensors fit_recurrent(Exec& exec, const NetShape& shape, const NetTraining& training, const FitData& data, const Tensors& start,
                      TrainingRun& run) {
  const Recurrent net(shape);
  NetPlace place(exec);
  RecurrentStep step(place.exec(), net, training, data, run.peers);
  Tensors arrays;
  net.layout().save(Trainer(place.exec(), step, training, data, run).train(start), arrays);
  return arrays;
}

Tensors fit(Exec& exec, const NetShape& shape, const NetTraining& training, const FitData& data, const Tensors& start,
            TrainingRun& run) {
  return guarded([&] {
    if (shape.cell != Cell::none) return fit_recurrent(exec, shape, training, data, start, run);
    const FeedForward net(shape, edges_of(start), training.frozen);
    const Json begun = training.start.empty() ? Json() : net.layout().compare(start);
    if (!begun.is_null()) tell_start(begun);
    NetPlace place(exec);
    FeedForwardStep step(place.exec(), net, training, data, run.peers);
    Trainer trainer(place.exec(), step, training, data, run);
    Tensors arrays;
    net.layout().save(trainer.train(start), arrays);
    if (!net.edges().empty()) arrays.put<float>(kEdges, std::span<const float>(net.edges()));
    if (!begun.is_null()) run.facts["start"] = begun;
    return arrays;
  });
}

class Runner : public NetRunner {
 public:
  Runner(Exec& exec, const NetShape& shape, const Tensors& arrays)
      : net_(shape, edges_of(arrays)), parameters_(net_.layout().load(arrays)) {
    arrays_ = net_.bind(at::from_blob(parameters_.data(), {net_.layout().total()}, at::kFloat));
    norms_ = BatchNorms(arrays_, 1);
    norms_.use_running(NetPlace(exec).exec());
  }

  void run(Exec& asked, MatrixView<const float> rows, MatrixView<float> out) const override {
    NetPlace place(asked);
    Exec& exec = place.exec();
    exec.threads().for_ranges(rows.rows, kRows, [&](int64_t begin, int64_t end) {
      const ProductScope scope;
      Part part = net_.make_part(end - begin, false);
      for (int64_t i = begin; i < end; ++i) std::copy_n(rows.row(i), rows.columns, view(part.raw).row(i - begin));
      net_.forward(exec, arrays_, norms_, part, {});
      for (int64_t i = begin; i < end; ++i) std::copy_n(view(part.out.back()).row(i - begin), out.columns, out.row(i));
    });
  }

 private:
  static constexpr int64_t kRows = 512;
  FeedForward net_;
  mutable std::vector<float> parameters_;
  Arrays arrays_;
  BatchNorms norms_;
};

void check(const NetShape& shape, const Tensors& arrays) {
  guarded([&] {
    if (shape.cell != Cell::none) return Recurrent(shape).layout().load(arrays);
    return FeedForward(shape, edges_of(arrays)).layout().load(arrays);
  });
}

std::unique_ptr<NetRunner> open(Exec& exec, const NetShape& shape, const Tensors& arrays) {
  return guarded([&]() -> std::unique_ptr<NetRunner> {
    if (shape.cell != Cell::none) return open_recurrent(shape, arrays);
    return std::make_unique<Runner>(exec, shape, arrays);
  });
}

std::string write_script(const ScriptFile& file) {
  return guarded([&] { return save_script(file); });
}

std::unique_ptr<ScriptRunner> read_script(const std::string& bytes) {
  return guarded([&] { return open_script(bytes); });
}

const NetLibrary kLibrary{NetLibrary::kAbi, CRISP_TORCH_VERSION, fit, check, open, write_script, read_script, connect_peers};

}  // namespace
}  // namespace crisp::nn

extern "C" __attribute__((visibility("default"))) const crisp::NetLibrary* crisp_nn_library() {
  return &crisp::nn::kLibrary;
}
