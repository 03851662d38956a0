/// A table, a target, and how both become a model and its judgement: what is behind `crisp train --target`, and behind a project
/// file with a [target].
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "core/json.h"
#include "evaluate/criterion.h"
#include "prepare/expression.h"
#include "read/read.h"
#include "run/column_mention.h"
#include "run/project_file.h"
#include "train/calibrator.h"
#include "train/prediction_plan.h"
#include "train/split.h"
#include "train/windows.h"

namespace crisp {

/// What predicts a target where no model is named: trees are the best first guess on a table, a line goes on where a series has not been yet.
inline const char* usual_predictor(const TargetPlan& target) { return target.task == Task::forecast ? "linear" : "gbdt"; }

enum class Refit { none, all };

/// Whether the table is read in parts instead of lying in memory; automatic: where it takes more than the limit.
enum class Streaming { automatic, always, never };
struct StreamPlan {
  Streaming when = Streaming::automatic;
  int64_t memory_limit = 0;  ///< bytes that the rows of a process may take; 0: see stream_limit()

  /// From "auto", "always" or "never" and "", "512M" or "8G"; Code::config for anything else.
  static StreamPlan parse(const std::string& when, const std::string& memory_limit);
  Json to_json() const;
};

struct PredictionProject {
  std::string name, question;
  ReadRequest data;
  std::string test_path, validation_path;  ///< tables of their own; empty: split off `data`
  TargetPlan target;
  std::string weight;         ///< a column of row weights: how much each row counts in the fit; never a feature
  SplitPlan split;
  std::optional<Expression> test_rows;  ///< rows of which this is true test, in place of what `split` says of them
  int folds = 0;              ///< >= 2: judged by cross-validation, then fitted on all rows
  CalibrationMethod calibration = CalibrationMethod::none;  ///< of a classification, see run/calibrate.h
  Refit refit = Refit::none;  ///< all: fitted once more on all rows of `data` and of the validation, after it was judged
  const Learner* learner = nullptr;
  Params params;
  std::vector<std::string> features;  ///< names or patterns; empty: what fits the model
  /// Steps of its own. Where none of them is fitted, what the model needs is prepared behind them, see prediction_recipe.h.
  std::optional<Recipe> recipe;
  std::string init_from;            ///< a bundle, or a .safetensors file, that the training begins from; empty: from nothing
  std::vector<std::string> slices;  ///< the figures are also cut by these columns
  std::vector<ColumnMention> uses;
  std::vector<Criterion> criteria;  ///< of success; else exit code 1
  ForecastPlan forecast;            ///< of a forecast; a time, lookback or season of "" and 0: found from the rows
  StreamPlan stream;
  uint64_t seed = 0;
  std::string output;               ///< default run directory of a project file

  /// Columns that are never learned from: the weight; the split's, unless `features` name them.
  std::vector<std::string> excluded() const;
  /// The parameters for fitting once more as long as the fit that told `facts` needed, see Learner::refit_params.
  Params fitted_params(const Json& facts) const;
  /// What does not go with a table that is read in parts; "" where nothing speaks against it.
  std::string stream_obstacle() const;
  /// Code::usage where the features name the target or the weight, or the table is to be read in parts and cannot be; Code::config where
  /// the model cannot weigh rows.
  void check() const;

  /// Checks the whole file before any data is touched.
  static PredictionProject read(const ProjectFile& file, const Registry& registry);

 private:
  void check_forecast() const;
};

/// The model of that name; Code::config where it does none of the tasks of a target, or not the one that is asked for.
const Learner& predicting_learner(const Registry& registry, const std::string& name, const TargetPlan& target);

}  // namespace crisp
