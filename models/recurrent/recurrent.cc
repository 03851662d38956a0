#include "models/recurrent/recurrent.h"

#include "cuda/error.h"
#include "train/net_library.h"
#include "train/net_params.h"
#include "train/net_script.h"
#include "train/target_scale.h"

namespace crisp {
namespace {

class RecurrentScorer : public Scorer {
 public:
  RecurrentScorer(Exec& exec, const NetShape& shape, const Tensors& arrays, TargetScale scale)
      : net_(net_library().open(exec, shape, arrays)), columns_(shape.columns()), outputs_(shape.outputs), scale_(scale) {}

  void score(Exec& exec, MatrixView<const float> rows, std::span<double> scores) const override {
    CRISP_REQUIRE(rows.columns == columns_, Code::data, "the model reads windows of ", columns_, " numbers, these have ", rows.columns);
    Matrix out(rows.rows, outputs_);
    net_->run(exec, rows, out.view());
    size_t place = 0;
    for (int64_t i = 0; i < rows.rows; ++i) {
      for (int64_t k = 0; k < outputs_; ++k) scores[place++] = scale_.mean + scale_.spread * out.view().at(i, k);
    }
  }

 private:
  std::unique_ptr<NetRunner> net_;
  int64_t columns_, outputs_;
  TargetScale scale_;
};

class RecurrentModel : public Model {
 public:
  RecurrentModel(NetShape shape, Tensors arrays, TargetScale scale)
      : shape_(std::move(shape)), arrays_(std::move(arrays)), scale_(scale) {}

  int64_t columns() const override { return shape_.columns(); }
  int64_t outputs() const override { return shape_.outputs; }

  void save(Tensors& weights, Json& about) const override {
    weights.merge("", arrays_);
    about["net"] = shape_.to_json();
    about["target"] = scale_.to_json();
  }

  std::unique_ptr<Scorer> scorer(Exec& exec) const override {
    return std::make_unique<RecurrentScorer>(exec, shape_, arrays_, scale_);
  }

  std::string script(TorchScript& script, const std::string& rows) const override {
    const std::string out = script.let(concat(script_net(script, shape_, arrays_, rows), ".to(7)"));
    return concat(script_number(scale_.mean), " + ", script_number(scale_.spread), " * ", out);
  }

 private:
  NetShape shape_;
  Tensors arrays_;
  TargetScale scale_;
};

/// What the kinds differ in.
struct RecurrentKind {
  const char *name, *title, *about;
  Cell cell;
};

class RecurrentLearner : public Learner {
 public:
  explicit RecurrentLearner(RecurrentKind kind) : kind_(kind) {}

  std::string name() const override { return kind_.name; }
  std::string title() const override { return kind_.title; }
  std::string about() const override { return kind_.about; }
  std::vector<Task> tasks() const override { return {Task::forecast}; }
  bool stops_early() const override { return true; }
  bool in_processes() const override { return true; }
  bool weighs_rows() const override { return true; }
  Json refit_params(const Json& facts) const override {
    return {{"epochs", std::max<int64_t>(1, facts.value("best_epoch", int64_t{1}))}, {"patience", 0}, {"restore_best", false}};
  }
  FeatureNeeds needs() const override { return {.codes = false, .scaled = true, .missing = false}; }

  const ParamTable& params() const override {
    static const ParamTable table = with_training_params(
        {{.name = "hidden_layers", .fallback = std::string("64"), .help = "units of each layer, one above the other",
          .aliases = {"hidden_size", "hidden_units", "layers"}},
         {.name = "loss", .fallback = std::string("squared"), .help = "of each value of the forecast",
          .choices = {"squared", "absolute", "huber"}}},
        // Long windows make steep places: the usual cure is a bounded gradient.
        {{"epochs", int64_t{60}}, {"learning_rate", 2e-3}, {"clip_norm", 1.0}, {"patience", int64_t{8}}, {"plateau_patience", int64_t{2}}});
    return table;
  }

  std::unique_ptr<Model> fit(Exec& exec, const FitData& data, const Params& params, uint64_t seed,
                             TrainingRun& run) const override {
    const NetShape shape = shape_of(data, params);
    const NetTraining plan = training_plan(params, data, shape, seed);
    CRISP_REQUIRE(!plan.half, Code::config, "precision bfloat16: a ", kind_.name, " learns in float32 only");
    const TargetScale scale = TargetScale::of(data.train);
    const ScaledTargets scaled(data, scale);
    Tensors arrays = net_library().fit(exec, shape, plan, scaled.data(), {}, run);
    return std::make_unique<RecurrentModel>(shape, std::move(arrays), scale);
  }

  std::unique_ptr<Model> load(const Tensors& weights, const Json& about) const override {
    CRISP_REQUIRE(about.is_object() && about.contains("net") && about.contains("target"), Code::data,
                  "the model has no net or no target");
    const TargetScale scale = TargetScale::from_json(about["target"]);
    NetShape shape = NetShape::from_json(about["net"]);
    CRISP_REQUIRE(shape.cell == kind_.cell, Code::data, "the net is no ", kind_.name);
    net_library().check(shape, weights);
    return std::make_unique<RecurrentModel>(std::move(shape), weights, scale);
  }

 private:
  NetShape shape_of(const FitData& data, const Params& params) const {
    NetShape shape;
    shape.cell = kind_.cell;
    shape.steps = data.window.steps;
    const int64_t columns = data.train.rows.columns / shape.steps;
    CRISP_REQUIRE(columns > 0 && columns * shape.steps == data.train.rows.columns, Code::bug, "windows of ",
                  data.train.rows.columns, " numbers are not ", shape.steps, " rows");
    shape.features = data.features;
    for (int64_t j = static_cast<int64_t>(shape.features.size()); j < columns; ++j) shape.features.push_back({concat("column ", j + 1), 0});
    shape.widths.assign(static_cast<size_t>(columns), 1);
    shape.hidden = parse_sizes(params.text("hidden_layers"), "hidden_layers");
    CRISP_REQUIRE(!shape.hidden.empty(), Code::config, "hidden_layers is empty: a ", kind_.name, " needs at least one, as in \"64\"");
    shape.outputs = data.train.answers;
    shape.loss = parse_loss(params.text("loss"));
    return shape;
  }

  RecurrentKind kind_;
};

}  // namespace

std::unique_ptr<Learner> make_lstm() {
  return std::make_unique<RecurrentLearner>(
      RecurrentKind{"lstm", "Long short-term memory",
                    "Reads a window of rows one after the other and keeps what matters in a cell; answers with the next values. For "
                    "series of some thousand rows and more.",
                    Cell::lstm});
}

std::unique_ptr<Learner> make_gru() {
  return std::make_unique<RecurrentLearner>(
      RecurrentKind{"gru", "Gated recurrent unit",
                    "Reads a window of rows one after the other, with fewer gates than an LSTM: a quarter less work, often as good.",
                    Cell::gru});
}

}  // namespace crisp
