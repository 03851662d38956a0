#include "run/prediction_run.h"

#include <algorithm>
#include <cmath>
#include <numeric>

#include "core/format.h"
#include "core/interrupt.h"
#include "core/log.h"
#include "cuda/error.h"
#include "prepare/column_pattern.h"
#include "run/forecast_run.h"
#include "run/prediction_folds.h"
#include "run/run_project.h"
#include "run/streaming.h"
#include "run/validation_figures.h"
#include "table/fingerprint.h"
#include "train/peers.h"

namespace crisp {

std::optional<PredictionEvaluation> judge_predictions(Exec& exec, const Target& target, const Predictions& predictions,
                                                      std::span<const double> truth, const PredictionEvaluationPlan& plan) {
  if (std::all_of(truth.begin(), truth.end(), [](double value) { return std::isnan(value); })) return std::nullopt;
  if (!target.is_classes()) return evaluate_numbers(exec, {truth, predictions.values}, plan);
  std::vector<int32_t> classes;
  for (const double value : truth) classes.push_back(std::isnan(value) ? -1 : static_cast<int32_t>(value));
  return evaluate_classes(exec, {classes, predictions.view(), target.classes()}, plan);
}

namespace {

/// For a table beside the first, which says what a column is.
ReadRequest request_beside(const ReadRequest& first, const std::vector<ColumnInfo>& columns, const std::string& path) {
  ReadRequest request = first;
  request.path = path;
  for (const ColumnInfo& column : columns) {
    request.types[column.name] = column.type;
    if (column.type == ColumnType::integer) request.fractions.insert(column.name);
  }
  return request;
}

/// The table, and the tables of their own, as they were read and after the stateless steps.
struct Sources {
  Table data, test, validation;  // the latter two without columns where there is no such file
};

struct Parts {
  TargetRows train, validation;
  Table test;
  std::vector<double> truth;
};

/// Carries one project; the parts of the result come into being one after the other.
class Carrier {
 public:
  Carrier(Exec& exec, const PredictionProject& project, const Registry& registry, PhaseClock& clock)
      : exec_(exec), registry_(registry), clock_(clock) {
    result_.project = project;
    if (!project.init_from.empty()) transfer_ = open_transfer(project.init_from, *project.learner, registry);
  }

  template <class Body>
  auto timed(const char* phase, Body body) {
    check_interrupt();
    const PhaseClock::Phase running(clock_, phase);
    return body();
  }

  void fit_once(TrainingRun& run) {
    const Parts parts = read_parts();
    timed("train", [&] { result_.training = std::move(run);
      fit(parts.train, parts.validation);
      run = std::move(result_.training); });
  }

  PredictionResult run(TrainingRun run) {
    peers_ = run.peers;
    if (project().folds >= 2) {
      read_and_prepare();
      require_fitting_metrics();
      run.data_fingerprint = result_.data_fingerprint;
      cross_validate(std::move(run));
    } else {
      const Parts parts = read_parts();
      require_fitting_metrics();
      run.data_fingerprint = result_.data_fingerprint;
      hold_out(parts, std::move(run));
    }
    return std::move(result_);
  }

 private:
  const PredictionProject& project() const { return result_.project; }

  /// Of several processes the first one alone judges; the others are there to train.
  bool judges() const { return !peers_ || peers_->rank() == 0; }

  /// The rows of each side; where the table is read in parts, those to learn from are a sample.
  Parts read_parts() {
    const int64_t limit = stream_limit(project(), peers_);
    if (std::optional<RowGroups> groups = timed("read", [&] { return open_stream(project(), limit); })) {
      return stream_parts(std::move(*groups), limit);
    }
    const Sources sources = read_and_prepare();
    return timed("split", [&] { return split(sources); });
  }

  Parts stream_parts(RowGroups groups, int64_t limit) {
    sizes_ = stream_sizes(groups, limit);
    result_.reading = groups.report();
    result_.input = groups.columns();
    stream_.emplace(std::move(groups), project().recipe);
    Sources sources;
    timed("read", [&] { read_beside(sources); });
    timed("fingerprint", [&] {
      const std::string own = judges() ? stream_->groups().sha256() : "";
      const std::vector<uint8_t> bytes(own.begin(), own.end());
      const std::vector<uint8_t> all = peers_ ? first_bytes(*peers_, bytes) : bytes;
      result_.data_fingerprint.assign(all.begin(), all.end());
      fingerprint_beside(sources);
    });
    timed("prepare", [&] {
      require_named_columns(stream_->groups().no_rows());
      prepare_beside(sources);
      stream_->learn_target(exec_, project().target);
      result_.target = stream_->target();
      require_task(registry_, *project().learner, result_.target.task());
    });
    return timed("split", [&] { return split_stream(sources); });
  }

  Parts split_stream(const Sources& sources) {
    const SplitPlan plan = split_plan(sources);
    const bool own_test = sources.test.columns() > 0, own_validation = sources.validation.columns() > 0;
    StreamedTable::Kept kept = keep_rows(exec_, *stream_, plan, !own_test, sizes_);
    const std::string text = stream_text(*stream_, sizes_, kept.sample.size());
    note(text);
    result_.stream = stream_json(*stream_, sizes_, kept.sample.size());
    const std::string manner = random_manner(result_.target, plan.seed);
    result_.notes.push_back(text);
    result_.notes.push_back(own_test ? concat(counted(sources.test.rows(), "row"), " to test, of ", project().test_path)
                                     : concat(counted(kept.test.rows(), "row"), " to test, ", manner));
    if (kept.validation.size() > 0) result_.notes.push_back(concat(counted(kept.validation.size(), "row"), " of the rest to say when to stop, ", manner));
    return {std::move(kept.sample), own_validation ? with_target(sources.validation) : std::move(kept.validation),
            own_test ? sources.test : std::move(kept.test), {}};
  }

  Sources read_and_prepare() {
    Sources sources = timed("read", [&] { return read(); });
    timed("fingerprint", [&] { fingerprint(sources); });
    timed("prepare", [&] { prepare(sources); });
    return sources;
  }

  Table read_one(const std::string& path) {
    note("reading ", path);
    Table table = read_table(request_beside(project().data, result_.input, path));
    require_rows(table, path);
    return table;
  }

  Sources read() {
    Sources sources;
    note("reading ", project().data.path);
    sources.data = read_table(project().data, &result_.reading);
    for (const std::string& remark : result_.reading.notes) note(remark);
    require_rows(sources.data, project().data.path);
    result_.input = sources.data.schema();
    read_beside(sources);
    return sources;
  }

  /// The tables of their own.
  void read_beside(Sources& sources) {
    if (!project().test_path.empty()) sources.test = read_one(project().test_path);
    if (!project().validation_path.empty()) sources.validation = read_one(project().validation_path);
  }

  void fingerprint(const Sources& sources) {
    result_.data_fingerprint = table_fingerprint(sources.data);
    fingerprint_beside(sources);
  }

  void fingerprint_beside(const Sources& sources) {
    for (const Table* more : {&sources.test, &sources.validation}) {
      if (more->columns() > 0) result_.data_fingerprint = result_.data_fingerprint + table_fingerprint(*more);
    }
  }

  /// Finds late mistakes early: columns that the project file names and that will not be there.
  void require_named_columns(const Table& raw) {
    StepLog ignored;
    const Table none = stateless(raw.slice(0, 0), ignored);
    require_mentioned(project().uses, ColumnMention::Stage::prepared, none.names());
    if (project().test_rows) project().test_rows->condition(exec_, none);
    if (!project().features.empty()) columns_like(none, project().features);
  }

  Table stateless(const Table& raw, StepLog& log) { return project().recipe ? project().recipe->run_stateless(exec_, raw, log) : raw; }

  void prepare(Sources& sources) {
    require_named_columns(sources.data);
    sources.data = stateless(sources.data, result_.steps);
    prepare_beside(sources);
    for (const std::string& name : {project().weight, project().split.group, project().split.time, project().split.column}) {
      if (!name.empty()) sources.data.index_of(name);
    }
    result_.target = Target::learn(sources.data, project().target);
    require_task(registry_, *project().learner, result_.target.task());
    CRISP_REQUIRE(result_.target.is_classes() || project().calibration == CalibrationMethod::none, Code::usage,
                  "--calibrate is for probabilities, and ", result_.target.column(), " is a number");
    all_ = with_target(sources.data);
    const int64_t without = sources.data.rows() - all_.rows.rows();
    if (without > 0) result_.notes.push_back(concat(counted(without, "row"), " without ", result_.target.column(), " left out"));
  }

  void prepare_beside(Sources& sources) {
    StepLog repeated;
    if (sources.test.columns() > 0) sources.test = stateless(sources.test, repeated);
    if (sources.validation.columns() > 0) sources.validation = stateless(sources.validation, repeated);
  }

  /// A figure of the other task would be missed only at the end, or in the first epoch.
  void require_fitting_metrics() const {
    require_fitting_figures(project().params, result_.target);
    const auto known = metrics_of(result_.target.task(), static_cast<int64_t>(result_.target.classes().size()));
    for (const Criterion& criterion : project().criteria) {
      const bool there = std::any_of(known.begin(), known.end(), [&](const auto* metric) { return criterion.metric == metric->name; });
      CRISP_REQUIRE(there, Code::config, "[success] ", criterion.metric, " is no figure of a ", task_name(result_.target.task()),
                    result_.target.is_classes() ? concat(" with ", result_.target.classes().size(), " classes") : std::string());
    }
  }

  /// The rows that have a target of a known class. A validation table of its own may lack the weights: its rows count alike.
  TargetRows with_target(const Table& rows) const {
    TargetRows all{rows, result_.target.values(rows), {}};
    RowList kept;
    for (size_t i = 0; i < all.target.size(); ++i) {
      if (!std::isnan(all.target[i])) kept.push_back(static_cast<int64_t>(i));
    }
    if (kept.size() < all.target.size()) all = all.take(kept);
    const std::string& weight = project().weight;
    if (!weight.empty() && all.rows.has(weight)) all.weights = row_weights(all.rows, weight);
    return all;
  }

  SplitPlan split_plan(const Sources& sources) const {
    SplitPlan plan = project().split;
    plan.seed = project().seed;
    plan.validation = project().learner->needs_validation(project().params) && sources.validation.columns() == 0;
    return plan;
  }

  Parts split(const Sources& sources) {
    const SplitPlan plan = split_plan(sources);
    Parts parts;
    Split cut;
    if (sources.test.columns() > 0) {
      cut.train = all_rows();
      refuse_leak(all_.rows, sources.test, plan);
      split_off_validation(all_.rows, result_.target, all_.target, plan, cut);
      parts.test = sources.test;
      cut.notes.push_back(concat(counted(parts.test.rows(), "row"), " to test, of ", project().test_path));
    } else {
      cut = project().test_rows ? split_by_condition(plan) : split_rows(all_.rows, result_.target, all_.target, plan);
      parts.test = all_.rows.take(cut.test);
    }
    parts.train = all_.take(cut.train);
    parts.validation = sources.validation.columns() > 0 ? with_target(sources.validation) : all_.take(cut.validation);
    result_.notes.insert(result_.notes.end(), cut.notes.begin(), cut.notes.end());
    return parts;
  }

  RowList all_rows() const {
    RowList rows(all_.target.size());
    std::iota(rows.begin(), rows.end(), 0);
    return rows;
  }

  Split split_by_condition(const SplitPlan& plan) const {
    const Expression& condition = *project().test_rows;
    const std::vector<uint8_t> tests = condition.condition(exec_, all_.rows);
    Split cut;
    for (size_t i = 0; i < tests.size(); ++i) (tests[i] ? cut.test : cut.train).push_back(static_cast<int64_t>(i));
    CRISP_REQUIRE(!cut.train.empty() && !cut.test.empty(), Code::data, "[split] test = \"", condition.text(), "\" leaves ",
                  counted(static_cast<int64_t>(cut.train.size()), "row"), " to learn from and ", cut.test.size(), " to test");
    refuse_leak(all_.rows.take(cut.train), all_.rows.take(cut.test), plan);
    split_off_validation(all_.rows, result_.target, all_.target, plan, cut);
    cut.notes.push_back(concat(counted(static_cast<int64_t>(cut.test.size()), "row"), " to test, where ", condition.text()));
    return cut;
  }

  ProjectFit fitter() const { return fitter(project()); }
  ProjectFit fitter(const PredictionProject& project) const {
    return {exec_, registry_, project, result_.target, transfer_ ? &*transfer_ : nullptr, stream_ ? &*stream_ : nullptr, sizes_.window};
  }

  /// The fit that the result tells about.
  PredictionPipeline fit(const TargetRows& train, const TargetRows& validation) {
    FitNotes notes;
    PredictionPipeline pipeline = fitter().fit(train, validation, result_.training, notes);
    result_.left_out = std::move(notes.left_out);
    result_.preparation = std::move(notes.preparation);
    if (!notes.calibration.empty()) result_.notes.push_back(notes.calibration);
    result_.steps.insert(result_.steps.end(), notes.steps.begin(), notes.steps.end());
    return pipeline;
  }

  void hold_out(const Parts& parts, TrainingRun run) {
    result_.train_rows = stream_ ? stream_->learned_rows() : parts.train.rows.rows();
    result_.validation_rows = parts.validation.rows.rows();
    note("training ", project().learner->title(), " on ", counted(result_.train_rows, "row"));
    result_.training = std::move(run);
    timed("train", [&] { result_.pipeline = fit(parts.train, parts.validation); });
    result_.fitted_on = "training rows";
    if (judges()) {
      timed("predict", [&] { result_.judged = fitter().predict(*result_.pipeline, parts.test); });
      timed("judge", [&] { judge(fitter().dummy(parts.train, result_.pipeline->target(), parts.test)); });
    }
    if (project().refit == Refit::all) timed("refit", [&] { refit(joined(all_, project().validation_path.empty() ? TargetRows{} : parts.validation)); });
  }

  void judge(const Predictions& of_dummy) {
    const Target& target = result_.judged.target;
    PredictionEvaluationPlan plan;
    plan.intervals.seed = project().seed;
    result_.evaluation = judge_predictions(exec_, target, result_.judged.predictions, result_.judged.truth, plan);
    plan.intervals.resamples = 0;
    result_.dummy = judge_predictions(exec_, target, of_dummy, result_.judged.truth, plan);
    const int64_t unknown = result_.judged.predictions.rows.has(target.column()) ? target.unknown_classes(result_.judged.predictions.rows) : 0;
    if (unknown > 0) {
      result_.notes.push_back(concat(counted(unknown, "row"), " of the test left out of the figures: no training row has their class"));
    }
    for (const std::string& remark : result_.evaluation ? result_.evaluation->notes : std::vector<std::string>()) result_.notes.push_back(remark);
    for (const Criterion& criterion : project().criteria) {
      const std::string complaint = result_.evaluation ? criterion.complaint(*result_.evaluation)
                                                       : concat(criterion.metric, ": no tested row has the target");
      if (!complaint.empty()) result_.unmet.push_back(complaint);
    }
    for (const std::string& column : project().slices) {
      result_.slices.push_back(slice_predictions(exec_, target, result_.judged.predictions, result_.judged.truth, column));
    }
  }

  /// Once more on every row, as long as the judged fit needed.
  void refit(const TargetRows& rows) {
    PredictionProject longer = project();
    longer.params = longer.fitted_params(result_.training.facts);
    TrainingRun again;
    again.directory = result_.training.directory;
    again.folder = TrainingRun::kRefitCheckpoints;
    again.curves = false;
    again.resume = result_.training.resume;
    again.show = result_.training.show;
    again.peers = peers_;
    again.checkpoints = result_.training.checkpoints;
    again.data_fingerprint = result_.training.data_fingerprint;
    note("training once more on all ", counted(rows.size(), "row"));
    FitNotes unasked;
    result_.pipeline = fitter(longer).fit(rows, rows.take({}), again, unasked);
    result_.fitted_on = "all rows";
  }

  void cross_validate(TrainingRun run) {
    const SplitPlan plan = split_plan({});
    const std::vector<Split> splits = timed("split", [&] { return split_folds(all_.rows, result_.target, all_.target, plan, project().folds); });
    FoldedRows folded = timed("cross-validate", [&] { return predict_folds(fitter(), all_, splits, peers_); });
    result_.judged = std::move(folded.judged);
    result_.folds = std::move(folded.folds);
    result_.notes.push_back(concat("each of ", counted(result_.judged.predictions.size(), "row"), " predicted by one of ", splits.size(),
                                   " models that had not seen it"));
    Split whole;
    whole.train = all_rows();
    split_off_validation(all_.rows, result_.target, all_.target, plan, whole);
    result_.train_rows = static_cast<int64_t>(whole.train.size());
    result_.validation_rows = static_cast<int64_t>(whole.validation.size());
    result_.training = std::move(run);
    note("training ", project().learner->title(), " on all rows");
    timed("train", [&] { result_.pipeline = fit(all_.take(whole.train), all_.take(whole.validation)); });
    result_.fitted_on = "all rows";
    if (judges()) timed("judge", [&] { judge(folded.dummy); });
  }

  Exec& exec_;
  const Registry& registry_;
  PhaseClock& clock_;
  PredictionResult result_;
  std::optional<Transfer> transfer_;
  TargetRows all_;  // of the table, those with a target
  std::optional<StreamedTable> stream_;  // in place of all_, where the table is read in parts
  StreamSizes sizes_;
  Peers* peers_ = nullptr;
};

}  // namespace

std::string project_fingerprint(const PredictionProject& project) {
  const std::optional<RowGroups> groups = open_stream(project, stream_limit(project, nullptr));
  const Table data = groups ? groups->no_rows() : read_table(project.data);
  std::string fingerprint = groups ? groups->sha256() : table_fingerprint(data);
  for (const std::string& path : {project.test_path, project.validation_path}) {
    if (!path.empty()) fingerprint += table_fingerprint(read_table(request_beside(project.data, data.schema(), path)));
  }
  return fingerprint;
}

void fit_prediction(Exec& exec, const PredictionProject& project, const Registry& registry, TrainingRun& run, PhaseClock& clock) {
  if (project.forecast) return fit_forecast(exec, project, registry, run, clock);
  Carrier(exec, project, registry, clock).fit_once(run);
}

PredictionResult run_prediction(Exec& exec, const PredictionProject& project, const Registry& registry, TrainingRun run,
                                PhaseClock& clock) {
  if (project.forecast) return run_forecast(exec, project, registry, std::move(run), clock);
  return Carrier(exec, project, registry, clock).run(std::move(run));
}

}  // namespace crisp
