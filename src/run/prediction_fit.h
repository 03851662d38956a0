/// One fit of a predicting project on some of its rows, and what it says about others.
#pragma once

#include "run/prediction_run.h"
#include "run/transfer.h"
#include "train/target_rows.h"

namespace crisp {

/// What was decided for a fit.
struct FitNotes {
  std::vector<LeftOut> left_out;
  std::vector<std::string> preparation;
  StepLog steps;
  std::string calibration;  ///< how the probabilities were mapped; "" where they were not
};

/// All of them must outlive it.
struct ProjectFit {
  Exec& exec;
  const Registry& registry;
  const PredictionProject& project;
  const Target& target;  ///< of all rows
  const Transfer* transfer = nullptr;  ///< where the project begins from an earlier model
  const StreamedTable* stream = nullptr;  ///< where it has the rows to learn from: those that are given are a sample of them
  int64_t window_rows = 0;                ///< of the stream

  /// Prepares, fits and, where the project wants it, calibrates; the pipeline's target has the classes of `train` alone. `validation` may have no rows.
  PredictionPipeline fit(const TargetRows& train, const TargetRows& validation, TrainingRun& run, FitNotes& notes) const;
  /// Rows that have gone through the stateless steps of the project's recipe, where it has one.
  JudgedRows predict(const PredictionPipeline& pipeline, const Table& rows) const;
  /// What the dummy says about `test`, as it learned from the same rows as a pipeline with the classes of `learned`.
  Predictions dummy(const TargetRows& train, const Target& learned, const Table& test) const;

  PredictionPipeline fit_plain(const TargetRows& train, const TargetRows& validation, TrainingRun& run, FitNotes& notes) const;
  /// Where the columns are those of the model to begin from, its preparation is taken as it is: true.
  bool reuse_preparation(const Target& learned, const Table& rows, PredictionPlan& plan) const;
};

}  // namespace crisp
