#include "train/prediction_pipeline.h"

#include <algorithm>
#include <numeric>

#include "cuda/error.h"
#include "train/features.h"
#include "train/manifest.h"
#include "train/streamed_rows.h"

namespace crisp {
namespace {

std::vector<float> as_floats(const std::vector<double>& values) { return {values.begin(), values.end()}; }

std::vector<std::string> not_features(const PredictionPlan& plan, const Target& target) {
  std::vector<std::string> names = plan.excluded;
  if (!plan.forecast) names.push_back(target.column());
  return names;
}

/// The columns whose distribution is kept: numbers as people read them.
std::vector<std::string> reference_columns(const Table& rows, const std::vector<std::string>& excluded) {
  std::vector<std::string> names;
  for (const ColumnInfo& column : rows.schema()) {
    const bool number = column.type != ColumnType::text && column.type != ColumnType::timestamp;
    if (number && std::find(excluded.begin(), excluded.end(), column.name) == excluded.end()) names.push_back(column.name);
  }
  return names;
}

std::vector<FeatureInfo> feature_infos(const FittedRecipe& recipe, const std::vector<std::string>& features) {
  const auto categories = recipe.categories();
  std::vector<FeatureInfo> infos;
  for (const std::string& name : features) {
    const auto found = categories.find(name);
    infos.push_back({name, found == categories.end() ? 0 : found->second});
  }
  return infos;
}

/// Where the target's past stands among the features.
int64_t place_of_target(const std::vector<std::string>& features, const std::string& target) {
  const auto found = std::find(features.begin(), features.end(), target);
  if (found != features.end()) return found - features.begin();
  throw Error(Code::data, concat("a forecast reads the past of '", target, "', and it is not among the features"),
              "leave the column in the recipe, and name it in --features");
}

std::vector<double> in_order(const std::vector<double>& values, const std::vector<int64_t>& order) {
  std::vector<double> out;
  out.reserve(order.size());
  for (const int64_t row : order) out.push_back(values[static_cast<size_t>(row)]);
  return out;
}

/// Goes through all rows of a stream before it is learned from; `log` takes what there is to say.
void check_stream(const StreamedTableRows& stream, StepLog& log) {
  StepRecord record;
  record.step = "stream";
  record.title = "rows to learn from, in parts";
  record.rows_before = record.rows_after = stream.rows();
  record.columns_before = record.columns_after = static_cast<int>(stream.columns());
  record.notes = stream.check();
  log.push_back(std::move(record));
}

}  // namespace

/// What is learned from, and where it lies.
struct PredictionPipeline::Samples {
  Matrix rows, copies;
  std::unique_ptr<WindowRows> windows;
  LabelledRows labelled;
  std::vector<float> target;
};

int64_t PredictionPipeline::outputs() const {
  if (forecast_) return forecast_.horizon;
  return target_.is_classes() ? static_cast<int64_t>(target_.classes().size()) : 1;
}

PredictionPipeline::Samples PredictionPipeline::samples(const TargetRows& rows, const Table& prepared) const {
  Samples samples;
  samples.rows = features_of(prepared);
  if (!forecast_) {
    const bool weighed = std::any_of(rows.weights.begin(), rows.weights.end(), [](float weight) { return weight > 0; });
    samples.target = as_floats(rows.target);
    samples.labelled = {samples.rows.view(), samples.target, weighed ? std::span<const float>(rows.weights) : std::span<const float>()};
    return samples;
  }
  const SeriesOrder order = order_series(rows.rows, forecast_);
  const std::vector<double> values = in_order(rows.target, order.rows);
  const std::vector<int64_t> first = answered_windows(order, forecast_, values);
  samples.windows = std::make_unique<WindowRows>(samples.rows, order.rows, forecast_.lookback);
  samples.rows = Matrix();
  samples.target = as_floats(answers_of(order, forecast_, values, first));
  samples.labelled = {samples.windows->take(first, samples.copies), samples.target, {}, forecast_.horizon};
  return samples;
}

PredictionPipeline PredictionPipeline::fit(Exec& exec, const PredictionPlan& plan, const Target& target, const TargetRows& train,
                                           const TargetRows& validation, TrainingRun& run, StepLog& log) {
  CRISP_REQUIRE(train.rows.rows() > 0, Code::data, "no rows are left to learn from");
  PredictionPipeline pipeline;
  pipeline.learner_ = plan.learner;
  pipeline.target_ = target;
  pipeline.params_ = plan.params.to_json();
  pipeline.seed_ = plan.seed;
  pipeline.forecast_ = plan.forecast;
  const std::vector<std::string> excluded = not_features(plan, target);
  Table prepared;
  if (plan.fitted) {
    pipeline.recipe_ = plan.fitted;
    prepared = plan.fitted->apply(exec, train.rows, log);
  } else {
    pipeline.recipe_ = plan.recipe.fit(exec, train.rows, &prepared, &log);
  }
  if (plan.start) pipeline.start_ = {{"name", plan.start->name}, {"sha256", plan.start->sha256}};
  pipeline.features_ = choose_features(prepared, plan.features, excluded);
  const Samples learned = pipeline.samples(train, prepared);
  prepared = Table();  // the model has its own numbers: room for the training
  StepLog repeated;
  Samples held;
  if (validation.rows.rows() > 0) held = pipeline.samples(validation, pipeline.recipe_->apply(exec, validation.rows, repeated));
  FitData data;
  data.task = target.task();
  data.classes = target.is_classes() ? pipeline.outputs() : 0;
  data.features = feature_infos(*pipeline.recipe_, pipeline.features_);
  data.train = learned.labelled;
  data.validation = held.labelled;
  if (plan.forecast) {
    CRISP_REQUIRE(data.train.rows.rows > 0, Code::data, "no window of ", plan.forecast.lookback, " rows has an answer of ",
                  plan.forecast.horizon, " to learn from");
    data.window = {plan.forecast.lookback, place_of_target(pipeline.features_, target.column()), plan.forecast.season};
  }
  data.start = plan.start.get();
  std::optional<StreamedTableRows> stream;
  if (plan.stream) {
    stream.emplace(*plan.stream, *pipeline.recipe_, pipeline.features_, plan.learner->needs().missing, plan.window_rows, exec.threads().threads());
    check_stream(*stream, log);
    data.stream = &*stream;
  }
  pipeline.model_ = plan.learner->fit(exec, data, plan.params, plan.seed, run);
  pipeline.reference_ = Reference::learn(train.rows, reference_columns(train.rows, excluded), {});
  return pipeline;
}

Matrix PredictionPipeline::features_of(const Table& prepared) const {
  return model_features(prepared, features_, learner_->needs().missing);
}

std::shared_ptr<const Scorer> PredictionPipeline::scorer(Exec& exec) const {
  const std::lock_guard guard(resident_->mutex);
  if (!resident_->scorer || resident_->exec != exec.id()) resident_->scorer = model_->scorer(exec);
  resident_->exec = exec.id();
  return resident_->scorer;
}

Predictions PredictionPipeline::predict(Exec& exec, const Table& raw, StepLog& log) const {
  const Table ready = recipe_->run_stateless(exec, raw, log);
  // People know their rows by the columns that they gave.
  const bool as_given = recipe_->keeps_rows() && raw.has(target_.column()) == ready.has(target_.column());
  if (forecast_ && as_given && orders(raw, ready)) return forecast_prepared(exec, raw, features_of(recipe_->apply(exec, ready, log)));
  Predictions predictions = predict_prepared(exec, ready, log);
  if (!forecast_ && as_given) predictions.rows = raw;
  return predictions;
}

/// Whether the columns that order a forecast's rows say in `raw` what they say in `ready`.
bool PredictionPipeline::orders(const Table& raw, const Table& ready) const {
  return raw.has(forecast_.time) && raw.type(forecast_.time) == ready.type(forecast_.time) &&
         (forecast_.group.empty() || raw.has(forecast_.group));
}

Predictions PredictionPipeline::predict_prepared(Exec& exec, const Table& rows, StepLog& log) const {
  const Matrix features = features_of(recipe_->apply(exec, rows, log));
  if (forecast_) return forecast_prepared(exec, rows, features);
  return {rows, outputs(), answer(exec, features.view())};
}

std::vector<double> PredictionPipeline::answer(Exec& exec, MatrixView<const float> features) const {
  std::vector<double> values(static_cast<size_t>(features.rows * outputs()));
  if (features.rows > 0) scorer(exec)->score(exec, features, values);
  calibrator_.apply({values.data(), features.rows, outputs(), outputs()});
  return values;
}

std::string PredictionPipeline::script(TorchScript& script, const std::string& rows) const {
  const std::string said = model_->script(script, rows);
  return calibrator_ ? calibrator_.script(script, script.let(said)) : said;
}

/// Rows keep the order in which they came.
Predictions PredictionPipeline::forecast_prepared(Exec& exec, const Table& rows, const Matrix& features) const {
  constexpr size_t kBlock = 4096;  // windows that are copied side by side at a time
  const SeriesOrder order = order_series(rows, forecast_);
  const auto row_of = [&](int64_t first) { return order.rows[static_cast<size_t>(first + forecast_.lookback - 1)]; };
  std::vector<int64_t> first = whole_windows(order, forecast_.lookback), origins;
  if (first.empty()) {
    throw Error(Code::data, concat("no series has the ", forecast_.lookback, " rows that a forecast looks back at: the longest has ", order.longest()),
                "give the rows before them, too");
  }
  const WindowRows windows(features, order.rows, forecast_.lookback);
  const auto width = static_cast<size_t>(forecast_.horizon);
  std::vector<double> values(first.size() * width);
  for (size_t begin = 0; begin < first.size(); begin += kBlock) {
    const auto block = std::span(first).subspan(begin, std::min(kBlock, first.size() - begin));
    Matrix copies;
    scorer(exec)->score(exec, windows.take(block, copies), std::span(values).subspan(begin * width, block.size() * width));
  }
  const std::vector<double> answers = answers_of(order, forecast_, in_order(target_.values(rows), order.rows), first);
  std::vector<size_t> places(first.size());
  std::iota(places.begin(), places.end(), size_t{0});
  std::sort(places.begin(), places.end(), [&](size_t a, size_t b) { return row_of(first[a]) < row_of(first[b]); });
  Predictions predictions{{}, forecast_.horizon, {}, {}};
  for (const size_t place : places) {
    origins.push_back(row_of(first[place]));
    const auto from = static_cast<std::ptrdiff_t>(place * width), to = from + forecast_.horizon;
    predictions.values.insert(predictions.values.end(), values.begin() + from, values.begin() + to);
    predictions.answers.insert(predictions.answers.end(), answers.begin() + from, answers.begin() + to);
  }
  predictions.rows = rows.take(origins);
  return predictions;
}

std::vector<double> PredictionPipeline::truths(const Predictions& predictions) const {
  if (forecast_) return predictions.answers;
  return predictions.rows.has(target_.column()) ? target_.values(predictions.rows) : std::vector<double>();
}

Json PredictionPipeline::about() const {
  Json about = {{"model", learner_->name()}, {"task", task_name(target_.task())}, {"parameters", params_},
                {"seed", seed_},             {"target", target_.to_json()},       {"features", features_}};
  if (!start_.is_null()) about["started_from"] = start_;
  if (forecast_) about["forecast"] = forecast_.to_json();
  return about;
}

Json PredictionPipeline::save(Tensors& weights) const {
  Json manifest = about();
  Tensors arrays;
  model_->save(arrays, manifest["learned"] = Json::object());
  weights.merge("model.", arrays);
  if (calibrator_) {
    Tensors maps;
    manifest["calibration"] = calibrator_.save(maps);
    weights.merge("calibration.", maps);
  }
  return manifest;
}

PredictionPipeline PredictionPipeline::load(const Registry& registry, const Json& manifest, const Tensors& weights,
                                            const Json& recipe, const Json& reference) {
  PredictionPipeline pipeline;
  pipeline.learner_ = &registry.at(manifest_member(manifest, "model", &Json::is_string).get<std::string>());
  pipeline.target_ = Target::from_json(manifest_member(manifest, "target", &Json::is_object));
  const Task task = parse_task(manifest_member(manifest, "task", &Json::is_string).get<std::string>());
  CRISP_REQUIRE(task == pipeline.target_.task() && (pipeline.learner_->does(task) || pipeline.learner_->tasks().empty()), Code::data,
                "manifest.json: the task is not that of the target, or not one of ", pipeline.learner_->name());
  pipeline.params_ = pipeline.learner_->params().resolve(manifest_member(manifest, "parameters", &Json::is_object)).to_json();
  pipeline.seed_ = manifest_member(manifest, "seed", &Json::is_number_unsigned).get<uint64_t>();
  pipeline.start_ = manifest.value("started_from", Json());
  pipeline.features_ = manifest_texts(manifest_member(manifest, "features", &Json::is_array));
  if (task == Task::forecast) {
    pipeline.forecast_ = ForecastPlan::from_json(manifest_member(manifest, "forecast", &Json::is_object));
    place_of_target(pipeline.features_, pipeline.target_.column());
  }
  pipeline.recipe_ = FittedRecipe::from_json(recipe, "recipe.json");
  pipeline.model_ = pipeline.learner_->load(weights.with_prefix("model."), manifest_member(manifest, "learned", &Json::is_object));
  const int64_t steps = pipeline.forecast_ ? pipeline.forecast_.lookback : 1;
  CRISP_REQUIRE(pipeline.model_->columns() == steps * static_cast<int64_t>(pipeline.features_.size()), Code::data, "the manifest names ",
                pipeline.features_.size(), " features, the model has ", pipeline.model_->columns());
  CRISP_REQUIRE(pipeline.model_->outputs() == pipeline.outputs(), Code::data, "the manifest's target has ",
                pipeline.outputs(), pipeline.forecast_ ? " values" : " classes", ", the model answers with ", pipeline.model_->outputs(), " numbers");
  if (manifest.contains("calibration")) {
    const int64_t classes = static_cast<int64_t>(pipeline.target_.classes().size());
    pipeline.calibrator_ = Calibrator::load(manifest_member(manifest, "calibration", &Json::is_object), weights.with_prefix("calibration."), classes);
  }
  const bool listed = reference.is_object() && reference.contains("columns") && reference["columns"].is_array();
  pipeline.reference_ = Reference::from_json(reference, listed ? reference["columns"].size() : 0);
  return pipeline;
}

}  // namespace crisp
