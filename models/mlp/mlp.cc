#include "models/mlp/mlp.h"

#include <algorithm>
#include <cmath>

#include "core/words.h"
#include "cuda/error.h"
#include "cuda/exact_math.h"
#include "models/mlp/number_pieces.h"
#include "train/net_library.h"
#include "train/net_params.h"
#include "train/net_script.h"
#include "train/target_scale.h"
#include "train/training_start.h"

namespace crisp {
namespace {

constexpr const char* kEdges = "edges";

std::vector<double> probabilities(LossKind loss, const float* out, int64_t outputs) {
  if (loss == LossKind::logistic) {
    const double one = 1 / (1 + exact_exp(-static_cast<double>(out[0])));
    return {1 - one, one};
  }
  const double most = *std::max_element(out, out + outputs);
  std::vector<double> shares;
  double sum = 0;
  for (int64_t k = 0; k < outputs; ++k) sum += shares.emplace_back(exact_exp(out[k] - most));
  for (double& share : shares) share /= sum;
  return shares;
}

/// What the net's outputs say: probabilities of the classes, or the number in the target's unit.
void write_scores(LossKind loss, TargetScale scale, MatrixView<const float> out, std::span<double> scores) {
  const bool classes = loss == LossKind::logistic || loss == LossKind::softmax;
  size_t place = 0;
  for (int64_t i = 0; i < out.rows; ++i) {
    if (classes) {
      for (const double share : probabilities(loss, out.row(i), out.columns)) scores[place++] = share;
    } else {
      for (int64_t k = 0; k < out.columns; ++k) scores[place++] = scale.mean + scale.spread * out.at(i, k);
    }
  }
}

class MlpScorer : public Scorer {
 public:
  MlpScorer(Exec& exec, const NetShape& shape, const Tensors& arrays, TargetScale scale)
      : net_(net_library().open(exec, shape, arrays)), loss_(shape.loss), columns_(shape.columns()), outputs_(shape.outputs), scale_(scale) {}

  void score(Exec& exec, MatrixView<const float> rows, std::span<double> scores) const override {
    CRISP_REQUIRE(rows.columns == columns_, Code::data, "the model reads ", columns_, " columns, the rows have ", rows.columns);
    Matrix out(rows.rows, outputs_);
    net_->run(exec, rows, out.view());
    write_scores(loss_, scale_, out.view(), scores);
  }

 private:
  std::unique_ptr<NetRunner> net_;
  LossKind loss_;
  int64_t columns_, outputs_;
  TargetScale scale_;
};

class MlpModel : public Model {
 public:
  MlpModel(NetShape shape, Tensors arrays, TargetScale scale)
      : shape_(std::move(shape)), arrays_(std::move(arrays)), scale_(scale) {}

  int64_t columns() const override { return shape_.columns(); }
  int64_t outputs() const override { return shape_.loss == LossKind::logistic ? 2 : shape_.outputs; }

  void save(Tensors& weights, Json& about) const override {
    weights.merge("", arrays_);
    about["net"] = shape_.to_json();
    about["target"] = scale_.to_json();
  }

  std::unique_ptr<Scorer> scorer(Exec& exec) const override {
    return std::make_unique<MlpScorer>(exec, shape_, arrays_, scale_);
  }

  std::string script(TorchScript& script, const std::string& rows) const override {
    const std::string out = script.let(concat(script_net(script, shape_, arrays_, rows), ".to(7)"));
    if (shape_.loss == LossKind::logistic) return concat("torch.cat([torch.sigmoid(-", out, "), torch.sigmoid(", out, ")], 1)");
    if (shape_.loss == LossKind::softmax) return concat("torch.softmax(", out, ", 1)");
    return concat(script_number(scale_.mean), " + ", script_number(scale_.spread), " * ", out);
  }

 private:
  NetShape shape_;
  Tensors arrays_;
  TargetScale scale_;
};

/// By the number of categories, 2 to 32: enough for what a category can say, little to learn by heart.
int64_t embedding_width(int64_t categories, int64_t wanted) {
  if (wanted > 0) return wanted;
  return std::clamp<int64_t>(std::llround(1.6 * std::pow(static_cast<double>(categories), 0.56)), 2, 32);
}

class MlpLearner : public Learner {
 public:
  std::string name() const override { return "mlp"; }
  std::string title() const override { return "Multi-layer perceptron"; }
  std::string about() const override {
    return "Dense layers over scaled numbers and embedded categories, trained by LibTorch with early stopping. "
           "Smooth answers and good ranking on tables of some thousand rows and more; see numeric_pieces for steps in the data.";
  }
  std::vector<std::string> aliases() const override { return {"neural_network", "nn"}; }
  std::vector<Task> tasks() const override { return {Task::classification, Task::regression, Task::forecast}; }
  bool stops_early() const override { return true; }
  bool in_processes() const override { return true; }
  bool streams() const override { return true; }
  Json refit_params(const Json& facts) const override {
    return {{"epochs", std::max<int64_t>(1, facts.value("best_epoch", int64_t{1}))}, {"patience", 0}, {"restore_best", false}};
  }
  FeatureNeeds needs() const override { return {.codes = true, .scaled = true, .missing = false}; }
  bool weighs_rows() const override { return true; }
  bool takes_start() const override { return true; }

  const ParamTable& params() const override {
    static const ParamTable table = with_training_params({
        {.name = "hidden_layers", .fallback = std::string("256, 256"), .help = "outputs of each hidden layer",
         .aliases = {"hidden_layer_sizes", "layers"}},
        {.name = "activation", .fallback = std::string("relu"), .help = "between the layers", .choices = activation_names()},
        {.name = "normalisation", .fallback = std::string("none"), .help = "of each hidden layer, before its activation",
         .choices = normalisation_names(), .aliases = {"normalization", "norm"}},
        {.name = "numeric_pieces", .fallback = int64_t{32},
         .help = "pieces of each number's piecewise-linear encoding; 0, and in forecasts: numbers as they are", .low = 0, .high = 256,
         .aliases = {"n_bins"}},
        {.name = "embedding_size", .fallback = int64_t{0}, .help = "columns that a category becomes; 0: by how many there are",
         .low = 0, .high = 1024},
        {.name = "freeze", .fallback = std::string(),
         .help = "arrays that stay as they begin, as in \"embeddings.*, layers.0.*\"; with --init-from"},
        {.name = "loss", .fallback = std::string("squared"), .help = "of numbers",
         .choices = {"squared", "absolute", "huber"}},
        {.name = "stopping_metric", .fallback = std::string("loss"),
         .help = "what patience watches: loss, or a figure of the validation rows such as roc_auc, f1_macro, mae",
         .aliases = {"early_stopping_metric", "eval_metric"}},
        {.name = "metrics", .fallback = std::string(),
         .help = "figures of the validation rows that are told each epoch beside the loss, as in \"roc_auc, log_loss\"",
         .aliases = {"eval_metrics", "validation_metrics"}},
    });
    return table;
  }

  std::unique_ptr<Model> fit(Exec& exec, const FitData& data, const Params& params, uint64_t seed,
                             TrainingRun& run) const override {
    Tensors start;
    const NetShape shape = shape_of(data, params, start);
    NetTraining plan = training_plan(params, data, shape, seed);
    for (const std::string_view pattern : words(params.text("freeze"), " ,")) plan.frozen.emplace_back(pattern);
    if (data.start) begin_from(*data.start, shape, start, plan);
    const TargetScale scale = data.task == Task::classification ? TargetScale{} : TargetScale::of(data.train);
    if (!run.figures.names.empty()) judge(run.figures, shape.loss, scale, plan);
    if (data.task == Task::classification) {
      return std::make_unique<MlpModel>(shape, net_library().fit(exec, shape, plan, data, start, run), scale);
    }
    const ScaledTargets scaled(data, scale);
    return std::make_unique<MlpModel>(shape, net_library().fit(exec, shape, plan, scaled.data(), start, run), scale);
  }

  std::unique_ptr<Model> load(const Tensors& weights, const Json& about) const override {
    CRISP_REQUIRE(about.is_object() && about.contains("net") && about.contains("target"), Code::data,
                  "the model has no net or no target");
    const TargetScale scale = TargetScale::from_json(about["target"]);
    NetShape shape = NetShape::from_json(about["net"]);
    net_library().check(shape, weights);
    return std::make_unique<MlpModel>(std::move(shape), weights, scale);
  }

 private:
  /// The same columns prepared in the same way become the same inputs: then the first layer means what it meant.
  static void take_inputs(const TrainingStart& from, NetShape& shape, Tensors& start) {
    if (from.other_columns || !from.about.contains("net")) return;
    const NetShape was = NetShape::from_json(from.about["net"]);
    const auto same = [](const FeatureInfo& a, const FeatureInfo& b) { return a.name == b.name && a.categories == b.categories; };
    if (!std::equal(was.features.begin(), was.features.end(), shape.features.begin(), shape.features.end(), same)) return;
    shape.widths = was.widths;
    start = Tensors();
    if (from.arrays.has(kEdges)) start.put<float>(kEdges, std::span<const float>(from.arrays.get<float>(kEdges)));
  }

  /// All of its arrays but those that read other columns, or answer something else.
  static void begin_from(const TrainingStart& from, const NetShape& shape, Tensors& start, NetTraining& plan) {
    plan.start = from.sha256;
    const std::string head = concat("layers.", shape.hidden.size(), ".");
    for (const std::string& name : from.arrays.names()) {
      const bool input = name.starts_with("embeddings.") || name.starts_with("layers.0.");
      if (name == kEdges || (from.other_columns && input) || (from.other_target && name.starts_with(head))) continue;
      const Tensor& array = from.arrays.at(name);
      if (array.dtype == DType::f32) start.put<float>(name, std::span<const float>(from.arrays.get<float>(name)), array.shape);
    }
  }

  /// Also puts the edges of numbers in pieces into `start`.
  static NetShape shape_of(const FitData& data, const Params& params, Tensors& start) {
    NetShape shape;
    const int64_t columns = data.train.rows.columns;
    for (int64_t t = 0; t < data.window.steps; ++t) shape.features.insert(shape.features.end(), data.features.begin(), data.features.end());
    for (int64_t j = shape.columns(); j < columns; ++j) shape.features.push_back({concat("column ", j + 1), 0});
    // A window has hundreds of columns: in pieces they would be more than there is to learn from.
    const int64_t pieces = data.task == Task::forecast ? 0 : params.integer("numeric_pieces");
    std::vector<float> edges;
    for (int64_t j = 0; j < columns; ++j) {
      const int64_t categories = shape.features[static_cast<size_t>(j)].categories;
      shape.widths.push_back(categories > 0 ? embedding_width(categories, params.integer("embedding_size")) : 1);
      if (categories > 0 || pieces < 2) continue;
      const std::vector<float> own = piece_edges(data.train.rows, j, pieces);
      if (own.size() < 3) continue;  // two values or one: the number itself says it all
      shape.widths.back() = static_cast<int64_t>(own.size()) - 1;
      edges.insert(edges.end(), own.begin(), own.end());
    }
    if (!edges.empty()) start.put<float>(kEdges, std::span<const float>(edges));
    if (data.start) take_inputs(*data.start, shape, start);
    shape.hidden = parse_sizes(params.text("hidden_layers"), "hidden_layers");
    shape.activation = parse_activation(params.text("activation"));
    shape.normalisation = parse_normalisation(params.text("normalisation"));
    if (data.task == Task::classification) {
      shape.outputs = data.classes == 2 ? 1 : data.classes;
      shape.loss = data.classes == 2 ? LossKind::logistic : LossKind::softmax;
    } else {
      shape.outputs = data.train.answers;
      shape.loss = parse_loss(params.text("loss"));
    }
    return shape;
  }

  static void judge(const ValidationFigures& figures, LossKind loss, TargetScale scale, NetTraining& plan) {
    plan.figures = figures.names;
    plan.watches_figure = figures.watched;
    if (figures.watched) plan.stopping.maximise = figures.higher;
    plan.judge = [&figures, loss, scale](MatrixView<const float> outputs) {
      const int64_t columns = loss == LossKind::logistic ? 2 : outputs.columns;
      std::vector<double> scores(static_cast<size_t>(outputs.rows * columns));
      write_scores(loss, scale, outputs, scores);
      return figures.of(scores);
    };
  }
};

}  // namespace

std::unique_ptr<Learner> make_mlp() { return std::make_unique<MlpLearner>(); }

}  // namespace crisp
