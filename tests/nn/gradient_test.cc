// The step written out by hand gives the gradients that LibTorch's autograd gives.
#include <torch/torch.h>

#include <cmath>
#include <numeric>

#include "nn/feed_forward_step.h"
#include "tests/nn/net_job.h"

#include <gtest/gtest.h>

namespace crisp::nn {
namespace {

at::Tensor as_tensor(const Matrix& matrix) {
  at::Tensor out = torch::zeros({matrix.rows(), matrix.columns()}, torch::kDouble);
  for (int64_t i = 0; i < matrix.rows(); ++i) {
    for (int64_t j = 0; j < matrix.columns(); ++j) out[i][j] = matrix.view().at(i, j);
  }
  return out;
}

at::Tensor as_tensor(const std::vector<float>& values) {
  return torch::tensor(std::vector<double>(values.begin(), values.end()), torch::kDouble);
}

/// The same net by autograd, in double.
class Reference {
 public:
  /// `half`: products as autocast rounds them.
  Reference(const FeedForward& net, const std::vector<float>& values, bool half) : net_(net), half_(half) {
    for (const Slot& slot : net.layout().slots()) {
      const auto begin = values.begin() + slot.begin;
      at::Tensor part = as_tensor(std::vector<float>(begin, begin + slot.size())).reshape(slot.shape);
      parameters_.push_back(part.requires_grad_(true));
    }
  }

  at::Tensor parameter(const std::string& name) const {
    for (size_t k = 0; k < parameters_.size(); ++k) {
      if (net_.layout().slots()[k].name == name) return parameters_[k];
    }
    throw std::runtime_error(name);
  }

  at::Tensor output(const at::Tensor& rows) const {
    const NetShape& shape = net_.shape();
    std::vector<at::Tensor> columns;
    int64_t edge = 0;
    for (size_t j = 0; j < shape.features.size(); ++j) {
      const at::Tensor column = rows.select(1, static_cast<int64_t>(j));
      if (shape.features[j].categories > 0) {
        columns.push_back(parameter(concat("embeddings.", j, ".weight")).index_select(0, column.to(torch::kLong)));
      } else if (shape.in_pieces(j)) {
        columns.push_back(pieces(column, edge, shape.widths[j]));
        edge += shape.widths[j] + 1;
      } else {
        columns.push_back(column.unsqueeze(1));
      }
    }
    at::Tensor x = torch::cat(columns, 1);
    for (size_t l = 0; l < net_.products(); ++l) {
      const bool last = l + 1 == net_.products();
      const at::Tensor weight = parameter(concat("layers.", l, ".weight"));
      if (last || shape.normalisation == Normalisation::none) {
        x = product(x, weight) + parameter(concat("layers.", l, ".bias"));
      } else {
        x = normalised(product(x, weight), parameter(concat("norms.", l, ".weight")), parameter(concat("norms.", l, ".bias")));
      }
      if (!last) x = activated(x, shape.activation);
    }
    return x;
  }

  const std::vector<at::Tensor>& parameters() const { return parameters_; }

 private:
  at::Tensor product(const at::Tensor& x, const at::Tensor& weight) const {
    if (!half_) return torch::linear(x, weight);
    return torch::linear(x.to(torch::kBFloat16), weight.to(torch::kBFloat16)).to(torch::kDouble);
  }

  at::Tensor pieces(const at::Tensor& column, int64_t edge, int64_t count) const {
    std::vector<at::Tensor> parts;
    for (int64_t t = 0; t < count; ++t) {
      const double low = net_.edges()[static_cast<size_t>(edge + t)], high = net_.edges()[static_cast<size_t>(edge + t + 1)];
      at::Tensor part = (column - low) / (high - low);
      if (t > 0) part = part.clamp_min(0);
      if (t + 1 < count) part = part.clamp_max(1);
      parts.push_back(part.unsqueeze(1));
    }
    return torch::cat(parts, 1);
  }

  at::Tensor normalised(const at::Tensor& x, const at::Tensor& gamma, const at::Tensor& beta) const {
    if (net_.shape().normalisation == Normalisation::layer) return torch::layer_norm(x, {x.size(1)}, gamma, beta, 1e-5);
    return torch::batch_norm(x, gamma, beta, {}, {}, true, 0.1, 1e-5, false);
  }

  static at::Tensor activated(const at::Tensor& x, Activation kind) {
    switch (kind) {
      case Activation::relu: return torch::relu(x);
      case Activation::leaky_relu: return torch::leaky_relu(x, 0.01);
      case Activation::silu: return torch::silu(x);
      case Activation::gelu: return torch::gelu(x, "tanh");
      case Activation::tanh: return torch::tanh(x);
      case Activation::identity: return x;
    }
    return x;
  }

  const FeedForward& net_;
  bool half_;
  std::vector<at::Tensor> parameters_;
};

/// Class weights hold for each class's term of a row's loss, and by the row's own class for what the mean divides by: PyTorch's.
at::Tensor reference_loss(const NetShape& shape, const NetTraining& plan, const at::Tensor& out, const Rows& rows) {
  const at::Tensor target = as_tensor(rows.target);
  const at::Tensor own = rows.weights.empty() ? torch::ones_like(target) : as_tensor(rows.weights);
  const int64_t classes = std::max<int64_t>(2, shape.outputs);
  const at::Tensor of_class = plan.class_weights.empty() ? torch::ones({classes}, torch::kDouble) : as_tensor(plan.class_weights);
  if (shape.loss == LossKind::squared) return ((out.squeeze(1) - target).square() * own).sum() / own.sum();
  const at::Tensor counted = own * of_class.index_select(0, target.to(torch::kLong));
  if (shape.loss == LossKind::logistic) {
    const at::Tensor x = out.squeeze(1), y = target * (1 - plan.smoothing) + plan.smoothing / 2;
    const at::Tensor each = of_class[1] * y * torch::log_sigmoid(x) + of_class[0] * (1 - y) * torch::log_sigmoid(-x);
    return -(each * own).sum() / counted.sum();
  }
  const auto options =
      torch::nn::functional::CrossEntropyFuncOptions().weight(of_class).reduction(torch::kNone).label_smoothing(plan.smoothing);
  const at::Tensor each = torch::nn::functional::cross_entropy(out, target.to(torch::kLong), options);
  return (each * own).sum() / counted.sum();
}

class Gradients : public ::testing::TestWithParam<NetCase> {};

TEST_P(Gradients, AreThoseOfAutograd) {
  const NetJob job(GetParam(), 700, 700);
  NetTraining plan = job.plan;
  const FeedForward net(job.shape, job.edges);
  Learned learned{net.layout().initial(5), {}, {}};
  std::vector<float>& values = learned.parameters;
  const std::vector<float> before = values;
  Exec exec(Device::cpu(), 2);
  const FitData data = fit_data(job.rows);
  FeedForwardStep step(exec, net, plan, data);
  std::vector<uint32_t> index(700);
  std::iota(index.begin(), index.end(), 0u);
  LossSum sum;
  {
    const c10::InferenceMode no_autograd;
    step.bind(learned);
    sum = step.gradient(index, 1);
  }
  // A plain step of rate 1 leaves parameter - gradient.
  plan.optimiser.kind = OptimiserKind::sgd;
  step.apply(1, 1);

  const Reference reference(net, before, plan.half);
  const at::Tensor expected = reference_loss(job.shape, plan, reference.output(as_tensor(job.rows.matrix)), job.rows);
  expected.backward();
  // A sum that lies between two bfloat16 numbers may be rounded to either of them.
  const double tolerance = plan.half ? 1.0 / 128 : 2e-5;
  EXPECT_NEAR(sum.loss / sum.weight, expected.item<double>(), tolerance / 2 * expected.item<double>());
  for (size_t k = 0; k < reference.parameters().size(); ++k) {
    const Slot& slot = net.layout().slots()[k];
    if (slot.name.find("running") != std::string::npos) continue;  // not learned by gradient
    const at::Tensor gradient = reference.parameters()[k].grad().reshape({-1});
    const double scale = gradient.abs().max().item<double>();
    for (int64_t i = 0; i < slot.size(); ++i) {
      const auto place = static_cast<size_t>(slot.begin + i);
      ASSERT_NEAR(static_cast<double>(before[place]) - values[place], gradient[i].item<double>(), tolerance * scale + 3e-7)
          << slot.name << " " << i;
    }
  }
}

INSTANTIATE_TEST_SUITE_P(
    Nets, Gradients,
    ::testing::Values(NetCase{.name = "relu"}, NetCase{.name = "silu", .activation = Activation::silu},
                      NetCase{.name = "gelu", .activation = Activation::gelu},
                      NetCase{.name = "tanh", .activation = Activation::tanh},
                      NetCase{.name = "leaky", .activation = Activation::leaky_relu},
                      NetCase{.name = "embeddings", .categories = {0, 5, 2, 0}}, NetCase{.name = "pieces", .pieces = 4},
                      NetCase{.name = "layer_norm", .normalisation = Normalisation::layer},
                      NetCase{.name = "layer_norm_silu", .activation = Activation::silu, .normalisation = Normalisation::layer},
                      NetCase{.name = "batch_norm", .categories = {0, 0, 4}, .normalisation = Normalisation::batch},
                      NetCase{.name = "batch_norm_tanh", .activation = Activation::tanh, .normalisation = Normalisation::batch},
                      NetCase{.name = "both", .categories = {0, 7, 0}, .pieces = 3}, NetCase{.name = "regression", .classes = 0},
                      NetCase{.name = "four_classes", .classes = 4}, NetCase{.name = "weights", .weights = true},
                      with_plan({.name = "smoothing", .classes = 3}, [](NetTraining& p) { p.smoothing = 0.2; }),
                      with_plan({.name = "class_weights", .weights = true},
                                [](NetTraining& p) {
                                  p.class_weights = {0.5f, 2.0f};
                                  p.smoothing = 0.1;
                                }),
                      with_plan({.name = "weighted_softmax", .classes = 3, .weights = true},
                                [](NetTraining& p) {
                                  p.class_weights = {0.5f, 2.0f, 1.0f};
                                  p.smoothing = 0.1;
                                }),
                      with_plan({.name = "bfloat16", .categories = {0, 5, 0}}, [](NetTraining& p) { p.half = true; }),
                      with_plan({.name = "bfloat16_batch_norm", .normalisation = Normalisation::batch}, [](NetTraining& p) { p.half = true; })),
    [](const auto& info) { return info.param.name; });

}  // namespace
}  // namespace crisp::nn
