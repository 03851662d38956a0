/// Carries a predicting project through: read, prepare, split, train, judge.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "core/run_info.h"
#include "evaluate/forecast_scores.h"
#include "evaluate/prediction_evaluation.h"
#include "run/prediction_recipe.h"
#include "run/prediction_slices.h"
#include "train/prediction_pipeline.h"

namespace crisp {

/// The rows that judge, their truths, and what the model said.
struct JudgedRows {
  Target target;              ///< with the classes of the rows that the judged model learned from
  Predictions predictions;
  std::vector<double> truth;  ///< one a row (of a forecast horizon): the number or the class's index; NaN where there is none
  std::vector<int64_t> folds; ///< of a cross-validation: each row's fold, from 1; else empty
};

struct FoldResult {
  int64_t train_rows = 0, test_rows = 0;
  double metric = 0;          ///< the first of the task
  double dummy = 0;           ///< the same of the dummy
};

/// One forecast beside what came.
struct ForecastExample {
  std::string origin;                       ///< the time of the last row that it knows
  std::vector<double> past, truth, answer;  ///< of the target; NaN: missing
};

/// What a forecast's result has besides.
struct ForecastFigures {
  ForecastPlan plan;                   ///< with what was found from the rows
  ForecastScores model, seasonal, last;  ///< the latter: as a season ago, as the newest value
  std::vector<ForecastExample> examples;
  int64_t without_answer = 0;          ///< windows left out: one of the values after them is missing
};

struct PredictionResult {
  PredictionProject project;
  ReadReport reading;
  std::vector<ColumnInfo> input;        ///< the columns as read
  StepLog steps;
  std::vector<std::string> notes;
  std::vector<LeftOut> left_out;
  std::vector<std::string> preparation; ///< what was decided for the columns, where there was no recipe
  Target target;                        ///< of all rows
  int64_t train_rows = 0, validation_rows = 0;
  std::optional<PredictionPipeline> pipeline;
  std::string fitted_on;                ///< "training rows" or "all rows"
  JudgedRows judged;
  std::optional<PredictionEvaluation> evaluation, dummy;  ///< the model's, and that of answering without looking
  std::vector<PredictionSlices> slices; ///< of the judged rows, where the project asks for them
  std::vector<std::string> unmet;       ///< success criteria that were not met
  std::vector<FoldResult> folds;
  std::optional<ForecastFigures> forecast;
  Json stream = nullptr;                ///< how the table was read in parts: row_groups, window_rows, memory_limit, prepared_on_rows
  TrainingRun training;                 ///< of the fit that was judged; of a cross-validation: of the final one
  std::string data_fingerprint;
};

/// `run`: where the fit leaves its checkpoints, and whether it shows itself. `clock` takes the phases: read, prepare, train,
/// predict, judge.
PredictionResult run_prediction(Exec& exec, const PredictionProject& project, const Registry& registry, TrainingRun run,
                                PhaseClock& clock);

/// The same as far as the first fit, which `run` then tells of.
void fit_prediction(Exec& exec, const PredictionProject& project, const Registry& registry, TrainingRun& run, PhaseClock& clock);

/// SHA-256 of the rows that the project's files hold, as a bundle notes it.
std::string project_fingerprint(const PredictionProject& project);

/// Nothing where no row has a truth.
std::optional<PredictionEvaluation> judge_predictions(Exec& exec, const Target& target, const Predictions& predictions,
                                                      std::span<const double> truth, const PredictionEvaluationPlan& plan = {});

/// Forecasts: the rows' own columns, then prediction_1 ... prediction_<horizon>. Others: the rows' own columns, then prediction, probability (of the predicted class; `all_classes`: probability_<class> for each)
/// and, where `truth` is given, prediction_correct (of classes) or error (of numbers: prediction less truth).
Table prediction_table(const Target& target, const Predictions& predictions, std::span<const double> truth, bool all_classes);

/// The document of --json: schema "crisp.prediction/1".
Json prediction_json(const PredictionResult& result);
/// What a person reads on stdout.
std::string prediction_run_text(const PredictionResult& result, const std::string& report_path);
/// The offline HTML report.
std::string prediction_report(const PredictionResult& result, const PhaseClock& clock);

}  // namespace crisp
