// The plug-in's one door.
#include <c10/util/Exception.h>

#include <algorithm>
#include <memory>
#include <optional>

#include "core/log.h"
#include "cuda/error.h"
#include "nn/feed_forward_step.h"
#include "nn/net_place.h"
#include "nn/peers_gloo.h"
#include "nn/placed_runner.h"
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

template <class Step, class Net>
MakeStep maker(const Net& net) {
  return [&net](Exec& exec, const NetTraining& training, const FitData& data) {
    return std::make_unique<Step>(exec, net, training, data);
  };
}

void connect_gpus(Exec& exec, BatchStep& step, Peers* peers) {
  if (exec.is_cuda() && peers) step.exchange().use(connect_nccl(exec, *peers));
}

Tensors fit_recurrent(Exec& exec, const NetShape& shape, const NetTraining& training, const FitData& data, const Tensors& start,
                      TrainingRun& run) {
  const Recurrent net(shape);
  NetPlace place(exec, maker<RecurrentStep>(net), training, data, run.peers);
  RecurrentStep step(place.exec(), net, training, data, run.peers);
  connect_gpus(place.exec(), step, run.peers);
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
    NetPlace place(exec, maker<FeedForwardStep>(net), training, data, run.peers);
    FeedForwardStep step(place.exec(), net, training, data, run.peers);
    connect_gpus(place.exec(), step, run.peers);
    Trainer trainer(place.exec(), step, training, data, run);
    Tensors arrays;
    net.layout().save(trainer.train(start), arrays);
    if (!net.edges().empty()) arrays.put<float>(kEdges, std::span<const float>(net.edges()));
    if (!begun.is_null()) run.facts["start"] = begun;
    return arrays;
  });
}

class Runner : public PlacedRunner {
 public:
  Runner(Exec& exec, const NetShape& shape, const Tensors& arrays)
      : PlacedRunner(512, 1 << 16), net_(shape, edges_of(arrays)), parameters_(net_.layout().load(arrays)) {
    Exec host(Device::cpu(), 1);
    place(host, {parameters_.data(), net_.layout().total()}, on_host_);
    if (!exec.is_cuda()) return;
    const ArrayView<const float> all{parameters_.data(), net_.layout().total()};
    place(exec, memory_.copy_of(exec, all), on_gpu_.emplace());
    exec.synchronize();
  }

 protected:
  int64_t outputs() const override { return net_.shape().outputs; }
  bool on_gpu() const override { return on_gpu_.has_value(); }

  void answer(Exec& exec, MatrixView<const float> rows, MatrixView<float> out) const override {
    const Place& here = exec.is_cuda() ? *on_gpu_ : on_host_;
    const Part part = net_.make_part(exec, rows.rows, false);
    fetch(exec, rows, view(part.raw));
    net_.forward(exec, here.arrays, here.norms, part, {});
    fetch(exec, view(part.out.back()), out);
  }

 private:
  struct Place {
    Arrays arrays;
    BatchNorms norms;
  };
  void place(Exec& exec, ArrayView<float> parameters, Place& here) const {
    here.arrays = net_.bind(exec, parameters);
    here.norms = BatchNorms(exec, here.arrays, 1);
    here.norms.use_running(exec);
  }

  FeedForward net_;
  std::vector<float> parameters_;
  NetMemory memory_;
  Place on_host_;
  std::optional<Place> on_gpu_;
};

void check(const NetShape& shape, const Tensors& arrays) {
  guarded([&] {
    if (shape.cell != Cell::none) return Recurrent(shape).layout().load(arrays);
    return FeedForward(shape, edges_of(arrays)).layout().load(arrays);
  });
}

std::unique_ptr<NetRunner> open(Exec& exec, const NetShape& shape, const Tensors& arrays) {
  return guarded([&]() -> std::unique_ptr<NetRunner> {
    if (shape.cell != Cell::none) return open_recurrent(exec, shape, arrays);
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
