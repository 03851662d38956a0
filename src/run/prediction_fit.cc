#include "run/prediction_fit.h"

#include <cmath>

#include "run/calibrate.h"
#include "run/validation_figures.h"

namespace crisp {

bool ProjectFit::reuse_preparation(const Target& learned, const Table& rows, PredictionPlan& plan) const {
  auto start = std::make_shared<TrainingStart>(transfer->start);
  std::vector<std::string> unread = project.excluded();
  unread.push_back(target.column());
  const bool own = project.recipe || !project.features.empty();
  const FittedRecipe* const recipe = own ? nullptr : transfer->recipe_for(exec, rows, unread);
  if (transfer->saved) {
    const Target& was = transfer->saved->pipeline.target();
    start->other_columns = recipe == nullptr;
    start->other_target = was.task() != learned.task() || was.classes() != learned.classes();
  }
  plan.start = std::move(start);
  if (!recipe) return false;
  plan.fitted = *recipe;
  plan.features = transfer->saved->pipeline.features();
  return true;
}

PredictionPipeline ProjectFit::fit(const TargetRows& train, const TargetRows& validation, TrainingRun& run, FitNotes& notes) const {
  const bool calibrated = project.calibration != CalibrationMethod::none;
  if (calibrated) require_calibratable(*this, train);
  PredictionPipeline pipeline = fit_plain(train, validation, run, notes);
  if (calibrated) notes.calibration = calibrate(*this, train, run, pipeline);
  return pipeline;
}

PredictionPipeline ProjectFit::fit_plain(const TargetRows& train, const TargetRows& validation, TrainingRun& run, FitNotes& notes) const {
  // Each class of a stream has rows to learn from; a rare one perhaps none in the sample.
  const Target learned_target = stream ? target : target.with_classes_of(train.target);
  TargetRows learned = recoded(train, target, learned_target), held = recoded(validation, target, learned_target);
  PredictionPlan plan{{}, {}, project.excluded(), project.learner, project.params, project.seed, {}, {}};
  plan.stream = stream;
  plan.window_rows = window_rows;
  StepLog repeated;
  if (transfer && reuse_preparation(learned_target, train.rows, plan)) {
    notes.preparation = {concat("prepared as ", transfer->start.name, " was")};
    learned.rows = plan.fitted->run_stateless(exec, learned.rows, notes.steps);
    held.rows = plan.fitted->run_stateless(exec, held.rows, repeated);
  } else {
    PredictionRecipe recipe = plan_recipe(exec, project, learned_target, train.rows);
    notes.left_out = std::move(recipe.left_out);
    notes.preparation = std::move(recipe.notes);
    learned.rows = recipe.added.run_stateless(exec, learned.rows, notes.steps);
    held.rows = recipe.added.run_stateless(exec, held.rows, repeated);
    plan.recipe = std::move(recipe.recipe);
    plan.features = std::move(recipe.features);
  }
  if (held.rows.rows() > 0) run.figures = validation_figures(project.params, learned_target, held.target);
  return PredictionPipeline::fit(exec, plan, learned_target, learned, held, run, notes.steps);
}

JudgedRows ProjectFit::predict(const PredictionPipeline& pipeline, const Table& rows) const {
  StepLog repeated;
  const FittedRecipe& recipe = pipeline.recipe();
  const size_t own = project.recipe ? project.recipe->stateless_steps() : 0;
  const Table ready = recipe.run_steps(exec, rows, own, recipe.stateless_steps(), false, repeated);
  JudgedRows judged{pipeline.target(), pipeline.predict_prepared(exec, ready, repeated), {}, {}};
  judged.predictions.rows = rows;
  judged.truth = rows.has(target.column()) ? pipeline.target().values(rows) : std::vector<double>(static_cast<size_t>(rows.rows()), NAN);
  return judged;
}

Predictions ProjectFit::dummy(const TargetRows& train, const Target& learned, const Table& test) const {
  const Learner& learner = registry.at("dummy");
  const std::vector<double> values = recoded(train, target, learned).target;
  const std::vector<float> floats(values.begin(), values.end());
  const Matrix none(train.size(), 1);
  const FitData data{learned.task(), static_cast<int64_t>(learned.classes().size()), {}, {none.view(), floats, {}}, {}};
  TrainingRun run;
  const auto model = learner.fit(exec, data, learner.params().resolve(Json::object()), 0, run);
  Predictions predictions{test, model->outputs(), std::vector<double>(static_cast<size_t>(test.rows() * model->outputs()))};
  model->scorer(exec)->score(exec, Matrix(test.rows(), 1).view(), predictions.values);
  return predictions;
}

}  // namespace crisp
