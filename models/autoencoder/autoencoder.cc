#include "models/autoencoder/autoencoder.h"

#include <algorithm>
#include <cmath>

#include "cuda/error.h"
#include "train/net_library.h"
#include "train/net_params.h"
#include "train/net_script.h"

namespace crisp {
namespace {

/// Calls use(row, column, difference) with how far each value lies above what the net gives back.
template <class Use>
void for_each_difference(const NetRunner& net, int64_t columns, Exec& exec, MatrixView<const float> rows, Use use) {
  CRISP_REQUIRE(rows.columns == columns, Code::data, "the model reads ", columns, " columns, the rows have ", rows.columns);
  Matrix back(rows.rows, rows.columns);
  net.run(exec, rows, back.view());
  for (int64_t i = 0; i < rows.rows; ++i) {
    for (int64_t j = 0; j < rows.columns; ++j) use(i, j, static_cast<double>(rows.at(i, j)) - back.view().at(i, j));
  }
}

class AutoencoderScorer : public Scorer {
 public:
  AutoencoderScorer(Exec& exec, const NetShape& shape, const Tensors& arrays)
      : net_(net_library().open(exec, shape, arrays)), columns_(shape.columns()) {}

  /// The mean squared difference of a row's columns.
  void score(Exec& exec, MatrixView<const float> rows, std::span<double> scores) const override {
    std::fill(scores.begin(), scores.end(), 0.0);
    for_each_difference(*net_, columns_, exec, rows, [&](int64_t i, int64_t, double difference) {
      scores[static_cast<size_t>(i)] += difference * difference / static_cast<double>(rows.columns);
    });
  }

  void attribute(Exec& exec, MatrixView<const float> rows, MatrixView<double> out) const override {
    for_each_difference(*net_, columns_, exec, rows, [&](int64_t i, int64_t j, double difference) {
      const double part = difference * difference / static_cast<double>(rows.columns);
      out.at(i, 2 * j) = difference > 0 ? part : 0;
      out.at(i, 2 * j + 1) = difference > 0 ? 0 : part;
    });
  }

 private:
  std::unique_ptr<NetRunner> net_;
  int64_t columns_;
};

class AutoencoderModel : public Model {
 public:
  AutoencoderModel(NetShape shape, Tensors arrays) : shape_(std::move(shape)), arrays_(std::move(arrays)) {}

  int64_t columns() const override { return shape_.columns(); }

  void save(Tensors& weights, Json& about) const override {
    weights.merge("", arrays_);
    about["net"] = shape_.to_json();
  }

  std::unique_ptr<Scorer> scorer(Exec& exec) const override {
    return std::make_unique<AutoencoderScorer>(exec, shape_, arrays_);
  }

  std::string script(TorchScript& script, const std::string& rows) const override {
    const std::string apart = script.let(concat(rows, ".to(7) - ", script_net(script, shape_, arrays_, rows), ".to(7)"));
    return concat("(", apart, " * ", apart, ").mean(1, True)");
  }

 private:
  NetShape shape_;
  Tensors arrays_;
};

/// Wide, narrow, wide: the narrow layer has about a third of the columns, so that a row must be summed up.
std::vector<int64_t> usual_layers(int64_t columns) {
  const int64_t narrow = std::clamp<int64_t>((columns + 2) / 3, 1, 64);
  const int64_t wide = std::clamp<int64_t>(4 * columns, 16, 256);
  return {wide, narrow, wide};
}

class AutoencoderLearner : public Learner {
 public:
  std::string name() const override { return "autoencoder"; }
  std::string title() const override { return "Autoencoder"; }
  std::string about() const override {
    return "A net learns to give rows back through a narrow layer; the score is the mean squared difference to what it gives. "
           "Needs no labels; finds rows that break how columns hang together. Trained by LibTorch.";
  }
  std::vector<Task> tasks() const override { return {Task::anomaly}; }
  bool in_processes() const override { return true; }

  const ParamTable& params() const override {
    static const ParamTable table = with_training_params({
        {.name = "hidden_layers", .fallback = std::string(), .help = "outputs of each hidden layer; empty: by the columns",
         .aliases = {"hidden_layer_sizes", "layers"}},
        {.name = "activation", .fallback = std::string("relu"), .help = "between the layers", .choices = activation_names()},
    }, {{"epochs", int64_t{50}}, {"dropout", 0.2}});  // a net that learns for longer learns the anomalies too
    return table;
  }

  std::unique_ptr<Model> fit(Exec& exec, const FitData& data, const Params& params, uint64_t seed,
                             TrainingRun& run) const override {
    NetShape shape;
    const int64_t columns = data.train.rows.columns;
    for (int64_t j = 0; j < columns; ++j) {
      const auto place = static_cast<size_t>(j);
      shape.features.push_back({place < data.features.size() ? data.features[place].name : concat("column ", j + 1), 0});
    }
    shape.widths.assign(shape.features.size(), 1);
    shape.hidden = parse_sizes(params.text("hidden_layers"), "hidden_layers");
    if (shape.hidden.empty()) shape.hidden = usual_layers(columns);
    shape.activation = parse_activation(params.text("activation"));
    shape.outputs = columns;
    NetTraining plan = training_plan(params, data, shape, seed);
    plan.reconstruct = true;
    return std::make_unique<AutoencoderModel>(shape, net_library().fit(exec, shape, plan, data, {}, run));
  }

  std::unique_ptr<Model> load(const Tensors& weights, const Json& about) const override {
    CRISP_REQUIRE(about.is_object() && about.contains("net"), Code::data, "the model has no net");
    NetShape shape = NetShape::from_json(about["net"]);
    CRISP_REQUIRE(shape.outputs == shape.columns(), Code::data, "the net gives back ", shape.outputs, " of ", shape.columns(), " columns");
    net_library().check(shape, weights);
    return std::make_unique<AutoencoderModel>(std::move(shape), weights);
  }
};

}  // namespace

std::unique_ptr<Learner> make_autoencoder() { return std::make_unique<AutoencoderLearner>(); }

}  // namespace crisp
