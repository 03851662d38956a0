#include "run/prediction_run.h"

#include <algorithm>
#include <cmath>
#include <numeric>

#include "core/format.h"
#include "core/interrupt.h"
#include "core/log.h"
#include "cuda/error.h"
#include "run/run_project.h"
#include "table/fingerprint.h"
#include "train/peers.h"

namespace crisp {

std::vector<std::string> PredictionProject::excluded() const {
  std::vector<std::string> names;
  for (const std::string& name : {split.group, split.time, split.column}) {
    const bool wanted = std::find(features.begin(), features.end(), name) != features.end();
    if (!name.empty() && !wanted) names.push_back(name);
  }
  return names;
}

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
    request.types[column.name] = column.type == ColumnType::integer ? ColumnType::real : column.type;
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

TargetRows take(const TargetRows& all, const RowList& rows) {
  TargetRows part{all.rows.take(rows), {}};
  for (const int64_t row : rows) part.target.push_back(all.target[static_cast<size_t>(row)]);
  return part;
}

TargetRows joined(const TargetRows& first, const TargetRows& second) {
  if (second.rows.rows() == 0) return first;
  TargetRows both{Table::concatenate({first.rows, second.rows}), first.target};
  both.target.insert(both.target.end(), second.target.begin(), second.target.end());
  return both;
}

/// The same values by the indices of another target, which has some of the classes.
std::vector<double> recoded(const std::vector<double>& values, const Target& from, const Target& to) {
  if (!from.is_classes()) return values;
  std::vector<double> index(from.classes().size(), NAN);
  for (size_t i = 0; i < index.size(); ++i) {
    const auto found = std::find(to.classes().begin(), to.classes().end(), from.classes()[i]);
    if (found != to.classes().end()) index[i] = static_cast<double>(found - to.classes().begin());
  }
  std::vector<double> out;
  for (const double value : values) out.push_back(std::isnan(value) ? NAN : index[static_cast<size_t>(value)]);
  return out;
}

/// Carries one project; the parts of the result come into being one after the other.
class Carrier {
 public:
  Carrier(Exec& exec, const PredictionProject& project, const Registry& registry, PhaseClock& clock)
      : exec_(exec), registry_(registry), clock_(clock) {
    result_.project = project;
  }

  template <class Body>
  auto timed(const char* phase, Body body) {
    check_interrupt();
    const PhaseClock::Phase running(clock_, phase);
    return body();
  }

  PredictionResult run(TrainingRun run) {
    peers_ = run.peers;
    Sources sources = timed("read", [&] { return read(); });
    timed("fingerprint", [&] { fingerprint(sources); });
    run.data_fingerprint = result_.data_fingerprint;
    timed("prepare", [&] { prepare(sources); });
    project().folds >= 2 ? cross_validate(std::move(run)) : hold_out(sources, std::move(run));
    return std::move(result_);
  }

 private:
  const PredictionProject& project() const { return result_.project; }

  /// Of several processes the first one alone judges; the others are there to train.
  bool judges() const { return !peers_ || peers_->rank() == 0; }

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
    if (!project().test_path.empty()) sources.test = read_one(project().test_path);
    if (!project().validation_path.empty()) sources.validation = read_one(project().validation_path);
    return sources;
  }

  void fingerprint(const Sources& sources) {
    result_.data_fingerprint = table_fingerprint(sources.data);
    for (const Table* more : {&sources.test, &sources.validation}) {
      if (more->columns() > 0) result_.data_fingerprint = result_.data_fingerprint + table_fingerprint(*more);
    }
  }

  Table stateless(const Table& raw, StepLog& log) { return project().recipe ? project().recipe->run_stateless(exec_, raw, log) : raw; }

  void prepare(Sources& sources) {
    StepLog repeated;
    sources.data = stateless(sources.data, result_.steps);
    if (sources.test.columns() > 0) sources.test = stateless(sources.test, repeated);
    if (sources.validation.columns() > 0) sources.validation = stateless(sources.validation, repeated);
    for (const std::string& name : {project().split.group, project().split.time, project().split.column}) {
      if (!name.empty()) sources.data.index_of(name);
    }
    result_.target = Target::learn(sources.data, project().target);
    require_task(registry_, *project().learner, result_.target.task());
    all_ = with_target(sources.data);
    const int64_t without = sources.data.rows() - all_.rows.rows();
    if (without > 0) result_.notes.push_back(concat(counted(without, "row"), " without ", result_.target.column(), " left out"));
  }

  /// The rows that have a target of a known class.
  TargetRows with_target(const Table& rows) const {
    const std::vector<double> values = result_.target.values(rows);
    RowList kept;
    for (size_t i = 0; i < values.size(); ++i) {
      if (!std::isnan(values[i])) kept.push_back(static_cast<int64_t>(i));
    }
    return kept.size() == values.size() ? TargetRows{rows, values} : take({rows, values}, kept);
  }

  SplitPlan split_plan(const Sources& sources) const {
    SplitPlan plan = project().split;
    plan.seed = project().seed;
    plan.validation = project().learner->stops_early() && sources.validation.columns() == 0;
    return plan;
  }

  Parts split(const Sources& sources) {
    const SplitPlan plan = split_plan(sources);
    Parts parts;
    Split cut;
    if (sources.test.columns() > 0) {
      cut.train.resize(all_.target.size());
      std::iota(cut.train.begin(), cut.train.end(), 0);
      refuse_leak(all_.rows, sources.test, plan);
      split_off_validation(all_.rows, result_.target, all_.target, plan, cut);
      parts.test = sources.test;
    } else {
      cut = split_rows(all_.rows, result_.target, all_.target, plan);
      parts.test = all_.rows.take(cut.test);
    }
    parts.train = take(all_, cut.train);
    parts.validation = sources.validation.columns() > 0 ? with_target(sources.validation) : take(all_, cut.validation);
    result_.notes.insert(result_.notes.end(), cut.notes.begin(), cut.notes.end());
    if (sources.test.columns() > 0) result_.notes.push_back(concat(counted(parts.test.rows(), "row"), " to test, of ", project().test_path));
    return parts;
  }

  PredictionPlan plan_for(const Target& target, const Table& train, bool told) {
    PredictionRecipe recipe = plan_recipe(exec_, project(), target, train);
    if (told) {
      result_.left_out = std::move(recipe.left_out);
      result_.preparation = std::move(recipe.notes);
    }
    return {recipe.recipe, recipe.features, project().excluded(), project().learner, project().params, project().seed};
  }

  PredictionPipeline fit(const TargetRows& train, const TargetRows& validation, TrainingRun& run, bool told) {
    const Target target = result_.target.with_classes_of(train.target);
    TargetRows learned{train.rows, recoded(train.target, result_.target, target)};
    TargetRows held = known_to(target, validation);
    const PredictionPlan plan = plan_for(target, train.rows, told);
    StepLog ignored, repeated;
    learned.rows = ready(plan.recipe, learned.rows, told ? result_.steps : ignored);
    held.rows = ready(plan.recipe, held.rows, repeated);
    return PredictionPipeline::fit(exec_, plan, target, learned, held, run, told ? result_.steps : ignored);
  }

  /// A recipe of the project's own has its stateless steps behind it; one that was made from the training rows has not.
  Table ready(const Recipe& recipe, const Table& rows, StepLog& log) const {
    return project().recipe || rows.rows() == 0 ? rows : recipe.run_stateless(exec_, rows, log);
  }

  /// Rows whose class the target has.
  TargetRows known_to(const Target& target, const TargetRows& rows) const {
    const TargetRows recoded_rows{rows.rows, recoded(rows.target, result_.target, target)};
    RowList kept;
    for (size_t i = 0; i < recoded_rows.target.size(); ++i) {
      if (!std::isnan(recoded_rows.target[i])) kept.push_back(static_cast<int64_t>(i));
    }
    return kept.size() == rows.target.size() ? recoded_rows : take(recoded_rows, kept);
  }

  JudgedRows predict(const PredictionPipeline& pipeline, const Table& rows) {
    StepLog repeated;
    JudgedRows judged{pipeline.target(), {}, {}, {}};
    judged.predictions = project().recipe ? pipeline.predict_prepared(exec_, rows, repeated) : pipeline.predict(exec_, rows, repeated);
    judged.truth = rows.has(result_.target.column()) ? pipeline.target().values(rows) : std::vector<double>(static_cast<size_t>(rows.rows()), NAN);
    return judged;
  }

  /// What the dummy says about the rows that `judged` holds, as it learned from the same rows.
  Predictions dummy(const TargetRows& train, const Target& target, const Table& test) {
    const Learner& learner = registry_.at("dummy");
    std::vector<double> values = recoded(train.target, result_.target, target);
    const std::vector<float> floats(values.begin(), values.end());
    const Matrix none(train.rows.rows(), 1);
    FitData data{target.task(), static_cast<int64_t>(target.classes().size()), {}, {none.view(), floats, {}}, {}};
    TrainingRun run;
    const auto model = learner.fit(exec_, data, learner.params().resolve(Json::object()), 0, run);
    Predictions predictions{test, model->outputs(), std::vector<double>(static_cast<size_t>(test.rows() * model->outputs()))};
    model->scorer(exec_)->score(exec_, Matrix(test.rows(), 1).view(), predictions.values);
    return predictions;
  }

  void hold_out(const Sources& sources, TrainingRun run) {
    const Parts parts = timed("split", [&] { return split(sources); });
    result_.train_rows = parts.train.rows.rows();
    result_.validation_rows = parts.validation.rows.rows();
    note("training ", project().learner->title(), " on ", counted(result_.train_rows, "row"));
    result_.training = std::move(run);
    timed("train", [&] { result_.pipeline = fit(parts.train, parts.validation, result_.training, true); });
    result_.fitted_on = "training rows";
    if (judges()) {
      timed("predict", [&] { result_.judged = predict(*result_.pipeline, parts.test); });
      timed("judge", [&] { judge(dummy(parts.train, result_.pipeline->target(), parts.test)); });
    }
    if (project().refit == Refit::all) timed("refit", [&] { refit(joined(all_, sources.validation.columns() > 0 ? parts.validation : TargetRows{})); });
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
  }

  /// Once more on every row, as long as the judged fit needed.
  void refit(const TargetRows& rows) {
    PredictionProject& project = result_.project;
    Json params = project.params.to_json();
    params.update(project.learner->refit_params(result_.training.facts));
    const Params judged = std::exchange(project.params, project.learner->params().resolve(params));
    TrainingRun again;
    again.directory = result_.training.directory;
    again.folder = TrainingRun::kRefitCheckpoints;
    again.curves = false;
    again.resume = result_.training.resume;
    again.show = result_.training.show;
    again.peers = peers_;
    again.checkpoints = result_.training.checkpoints;
    again.data_fingerprint = result_.training.data_fingerprint;
    note("training once more on all ", counted(rows.rows.rows(), "row"));
    result_.pipeline = fit(rows, take(rows, {}), again, false);
    project.params = judged;
    result_.fitted_on = "all rows";
  }

  void cross_validate(TrainingRun run) {
    SplitPlan plan = split_plan({});
    const std::vector<Split> splits = timed("split", [&] { return split_folds(all_.rows, result_.target, all_.target, plan, project().folds); });
    Predictions of_dummy;
    {
      const PhaseClock::Phase running(clock_, "cross-validate");
      std::vector<JudgedRows> folds;
      std::vector<Predictions> dummies;
      for (const Split& cut : splits) {
        note("fold ", folds.size() + 1, " of ", splits.size(), ": training on ", counted(static_cast<int64_t>(cut.train.size()), "row"));
        folds.push_back(fold(cut, dummies));
      }
      if (judges()) gather(splits, folds, dummies, of_dummy);
    }
    Split whole;
    whole.train.resize(all_.target.size());
    std::iota(whole.train.begin(), whole.train.end(), 0);
    split_off_validation(all_.rows, result_.target, all_.target, plan, whole);
    result_.train_rows = static_cast<int64_t>(whole.train.size());
    result_.validation_rows = static_cast<int64_t>(whole.validation.size());
    result_.training = std::move(run);
    note("training ", project().learner->title(), " on all rows");
    timed("train", [&] { result_.pipeline = fit(take(all_, whole.train), take(all_, whole.validation), result_.training, true); });
    result_.fitted_on = "all rows";
    if (judges()) timed("judge", [&] { judge(of_dummy); });
  }

  /// One fold's rows as its own pipeline predicts them, in the classes of the whole.
  JudgedRows fold(const Split& cut, std::vector<Predictions>& dummies) {
    check_interrupt();
    const TargetRows train = take(all_, cut.train);
    TrainingRun quiet;
    quiet.peers = peers_;
    const PredictionPipeline pipeline = fit(train, take(all_, cut.validation), quiet, false);
    if (!judges()) return {};
    const Table test = all_.rows.take(cut.test);
    JudgedRows judged = predict(pipeline, test);
    dummies.push_back(widened(dummy(train, pipeline.target(), test), pipeline.target()));
    FoldResult figures{train.rows.rows(), test.rows(), NAN, NAN};
    PredictionEvaluationPlan plan;
    plan.intervals.resamples = 0;
    judged.predictions = widened(std::move(judged.predictions), pipeline.target());
    judged.truth = result_.target.values(test);
    const auto model = judge_predictions(exec_, result_.target, judged.predictions, judged.truth, plan);
    const auto without = judge_predictions(exec_, result_.target, dummies.back(), judged.truth, plan);
    if (model) figures.metric = model->metrics.front().value;
    if (without) figures.dummy = without->metrics.front().value;
    result_.folds.push_back(figures);
    return judged;
  }

  /// A class that the fold's training rows do not have gets the probability 0.
  Predictions widened(Predictions predictions, const Target& target) const {
    const std::vector<std::string>& all = result_.target.classes();
    if (all.size() == target.classes().size()) return predictions;
    Predictions wide{predictions.rows, static_cast<int64_t>(all.size()), std::vector<double>(static_cast<size_t>(predictions.size()) * all.size())};
    for (size_t c = 0; c < target.classes().size(); ++c) {
      const auto place = std::find(all.begin(), all.end(), target.classes()[c]) - all.begin();
      for (int64_t row = 0; row < predictions.size(); ++row) {
        wide.values[static_cast<size_t>(row * wide.outputs + place)] = predictions.view().at(row, static_cast<int64_t>(c));
      }
    }
    return wide;
  }

  /// The folds' rows in the order of the table.
  void gather(const std::vector<Split>& splits, const std::vector<JudgedRows>& folds, const std::vector<Predictions>& dummies,
              Predictions& of_dummy) {
    std::vector<std::pair<int64_t, std::pair<size_t, size_t>>> places;
    for (size_t k = 0; k < splits.size(); ++k) {
      for (size_t i = 0; i < splits[k].test.size(); ++i) places.push_back({splits[k].test[i], {k, i}});
    }
    std::sort(places.begin(), places.end());
    RowList rows;
    JudgedRows& judged = result_.judged;
    const int64_t outputs = folds[0].predictions.outputs;
    judged.target = result_.target;
    judged.predictions.outputs = of_dummy.outputs = outputs;
    const auto append = [&](std::vector<double>& values, const Predictions& from, size_t row) {
      const double* const first = from.view().row(static_cast<int64_t>(row));
      values.insert(values.end(), first, first + outputs);
    };
    for (const auto& [row, place] : places) {
      const auto [fold, i] = place;
      rows.push_back(row);
      append(judged.predictions.values, folds[fold].predictions, i);
      append(of_dummy.values, dummies[fold], i);
      judged.truth.push_back(folds[fold].truth[i]);
      judged.folds.push_back(static_cast<int64_t>(fold) + 1);
    }
    judged.predictions.rows = of_dummy.rows = all_.rows.take(rows);
    result_.notes.push_back(concat("each of ", counted(static_cast<int64_t>(rows.size()), "row"), " predicted by one of ", splits.size(),
                                   " models that had not seen it"));
  }

  Exec& exec_;
  const Registry& registry_;
  PhaseClock& clock_;
  PredictionResult result_;
  TargetRows all_;  // of the table, those with a target
  Peers* peers_ = nullptr;
};

}  // namespace

std::string project_fingerprint(const PredictionProject& project) {
  const Table data = read_table(project.data);
  std::string fingerprint = table_fingerprint(data);
  for (const std::string& path : {project.test_path, project.validation_path}) {
    if (!path.empty()) fingerprint += table_fingerprint(read_table(request_beside(project.data, data.schema(), path)));
  }
  return fingerprint;
}

PredictionResult run_prediction(Exec& exec, const PredictionProject& project, const Registry& registry, TrainingRun run,
                                PhaseClock& clock) {
  return Carrier(exec, project, registry, clock).run(std::move(run));
}

}  // namespace crisp
