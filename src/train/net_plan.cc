#include "train/net_plan.h"

#include <algorithm>
#include <iterator>

#include "cuda/error.h"
#include "train/manifest.h"

namespace crisp {
namespace {

template <class Value>
struct Named {
  const char* name;
  Value value;
};

constexpr Named<Activation> kActivations[] = {{"identity", Activation::identity}, {"relu", Activation::relu},
                                              {"leaky_relu", Activation::leaky_relu}, {"silu", Activation::silu},
                                              {"gelu", Activation::gelu}, {"tanh", Activation::tanh}};
constexpr Named<Normalisation> kNormalisations[] = {
    {"none", Normalisation::none}, {"batch", Normalisation::batch}, {"layer", Normalisation::layer}};
constexpr Named<Cell> kCells[] = {{"lstm", Cell::lstm}, {"gru", Cell::gru}};
constexpr Named<LossKind> kLosses[] = {{"squared", LossKind::squared}, {"absolute", LossKind::absolute},
                                       {"huber", LossKind::huber}, {"logistic", LossKind::logistic},
                                       {"softmax", LossKind::softmax}};

template <class Value, size_t size>
const char* name_in(const Named<Value> (&table)[size], Value value) {
  return std::find_if(std::begin(table), std::end(table), [&](const auto& named) { return named.value == value; })->name;
}

template <class Value, size_t size>
std::vector<std::string> names_in(const Named<Value> (&table)[size]) {
  std::vector<std::string> names;
  for (const auto& named : table) names.emplace_back(named.name);
  return names;
}

template <class Value, size_t size>
Value value_in(const Named<Value> (&table)[size], const std::string& name, const char* what) {
  std::string names;
  for (const auto& named : table) {
    if (name == named.name) return named.value;
    names += concat(names.empty() ? "" : ", ", named.name);
  }
  fail(Code::config, what, " '", name, "': expected one of ", names);
}

constexpr int64_t kMostWidth = 1 << 16, kMostLayers = 64, kMostColumns = 100000, kMostSteps = 1 << 14, kMostParameters = int64_t{1} << 31;

int64_t whole(const Json& json, const char* key, int64_t low, int64_t high) {
  const Json& value = manifest_member(json, key, &Json::is_number_integer);
  const int64_t number = value.get<int64_t>();
  CRISP_REQUIRE(number >= low && number <= high, Code::data, "the net's ", key, " is ", number, ", not ", low, " to ", high);
  return number;
}

std::vector<int64_t> wholes(const Json& json, const char* key, int64_t low, int64_t high, int64_t most) {
  const Json& list = manifest_member(json, key, &Json::is_array);
  CRISP_REQUIRE(static_cast<int64_t>(list.size()) <= most, Code::data, "the net's ", key, " has ", list.size(), " entries");
  std::vector<int64_t> numbers;
  for (const Json& value : list) {
    CRISP_REQUIRE(value.is_number_integer(), Code::data, "the net's ", key, " holds something else than whole numbers");
    numbers.push_back(value.get<int64_t>());
    CRISP_REQUIRE(numbers.back() >= low && numbers.back() <= high, Code::data, "the net's ", key, " holds ", numbers.back());
  }
  return numbers;
}

void check_size(const NetShape& shape) {
  int64_t width = 0, parameters = 0;
  for (size_t j = 0; j < shape.features.size(); ++j) {
    width += shape.widths[j];
    parameters += shape.widths[j] * shape.features[j].categories;
  }
  for (const int64_t hidden : shape.hidden) {
    parameters += shape.cell == Cell::none ? width * hidden : 4 * hidden * (width + hidden);
    width = hidden;
    CRISP_REQUIRE(parameters <= kMostParameters, Code::data, "the net has more than ", kMostParameters, " parameters");
  }
}

}  // namespace

const char* activation_name(Activation activation) { return name_in(kActivations, activation); }
Activation parse_activation(const std::string& name) { return value_in(kActivations, name, "activation"); }
const char* loss_name(LossKind loss) { return name_in(kLosses, loss); }
LossKind parse_loss(const std::string& name) { return value_in(kLosses, name, "loss"); }

Normalisation parse_normalisation(const std::string& name) { return value_in(kNormalisations, name, "normalisation"); }
std::vector<std::string> activation_names() { return names_in(kActivations); }
std::vector<std::string> normalisation_names() { return names_in(kNormalisations); }

Json NetShape::to_json() const {
  Json columns = Json::array();
  for (const FeatureInfo& feature : features) columns.push_back({{"name", feature.name}, {"categories", feature.categories}});
  Json json = {{"features", std::move(columns)}, {"widths", widths}, {"hidden", hidden},
               {"outputs", outputs}, {"activation", activation_name(activation)},
               {"normalisation", name_in(kNormalisations, normalisation)}, {"loss", loss_name(loss)}};
  if (cell != Cell::none) json.update({{"cell", name_in(kCells, cell)}, {"steps", steps}});
  return json;
}

Json NetTraining::to_json() const {
  const OptimiserPlan& o = optimiser;
  const LearningRatePlan& r = rate;
  return {{"epochs", epochs}, {"batch_size", batch}, {"accumulate", accumulate},
          {"optimizer", {static_cast<int>(o.kind), o.beta1, o.beta2, o.epsilon, o.momentum, o.nesterov, o.smoothing}},
          {"weight_decay", o.weight_decay}, {"l1", o.l1}, {"clip_value", o.clip_value}, {"clip_norm", clip_norm},
          {"learning_rate", r.rate}, {"schedule", schedule_name(r.schedule)},
          {"schedule_numbers", {r.gamma, r.every, r.milestones, r.period, r.period_factor, r.lowest, r.factor, r.patience,
                                r.threshold, r.cooldown, r.warm_share, r.start_divisor, r.end_divisor, r.warmup,
                                r.warmup_start, rate_by_step}},
          {"figures", figures}, {"watches_figure", watches_figure}, {"patience", stopping.patience}, {"min_delta", stopping.min_delta},
          {"restore_best", restore_best}, {"precision", half ? "bfloat16" : "float32"},
          {"dropout", dropout}, {"label_smoothing", smoothing}, {"class_weights", class_weights},
          {"reconstruct", reconstruct}, {"frozen", frozen}, {"start", start}, {"seed", seed}};
}

NetShape NetShape::from_json(const Json& json) {
  CRISP_REQUIRE(json.is_object(), Code::data, "the net has no shape");
  NetShape shape;
  for (const Json& feature : manifest_member(json, "features", &Json::is_array)) {
    CRISP_REQUIRE(feature.is_object() && shape.columns() < kMostColumns, Code::data, "the net's features are damaged");
    shape.features.push_back({manifest_member(feature, "name", &Json::is_string).get<std::string>(),
                              whole(feature, "categories", 0, int64_t{1} << 24)});
  }
  shape.widths = wholes(json, "widths", 1, kMostWidth, kMostColumns);
  CRISP_REQUIRE(shape.widths.size() == shape.features.size() && !shape.features.empty(), Code::data,
                "the net has not one width a feature");
  shape.hidden = wholes(json, "hidden", 1, kMostWidth, kMostLayers);
  shape.outputs = whole(json, "outputs", 1, kMostColumns);
  try {
    shape.activation = parse_activation(manifest_member(json, "activation", &Json::is_string).get<std::string>());
    shape.normalisation = parse_normalisation(manifest_member(json, "normalisation", &Json::is_string).get<std::string>());
    shape.loss = parse_loss(manifest_member(json, "loss", &Json::is_string).get<std::string>());
    if (json.contains("cell")) shape.cell = value_in(kCells, manifest_member(json, "cell", &Json::is_string).get<std::string>(), "cell");
  } catch (const Error& error) {
    throw Error(Code::data, error.what());
  }
  if (shape.cell != Cell::none) {
    shape.steps = whole(json, "steps", 1, kMostSteps);
    CRISP_REQUIRE(!shape.hidden.empty(), Code::data, "the recurrent net has no layer");
  }
  check_size(shape);
  return shape;
}

}  // namespace crisp
