#include "run/calibrate.h"

#include <algorithm>

#include "core/format.h"
#include "core/log.h"
#include "run/prediction_folds.h"
#include "train/peers.h"

namespace crisp {
namespace {

/// The project as its folds are fitted: without a calibration of their own, and without rows that say when to stop.
PredictionProject plain(const PredictionProject& project) {
  PredictionProject plain = project;
  plain.calibration = CalibrationMethod::none;
  // Of a cross-validation the column's values are what may not stand on both sides; else it has said which rows are learned from.
  if (project.folds >= 2 && plain.split.group.empty()) plain.split.group = plain.split.column;
  plain.split.column.clear();
  plain.split.validation = false;
  return plain;
}

std::vector<Split> folds_of(const PredictionProject& project, const Target& target, const TargetRows& rows) {
  const std::string& group = project.split.group;
  try {
    return split_folds(rows.rows, target, rows.target, project.split, kCalibrationFolds);
  } catch (const Error& error) {
    if (error.code() != Code::data) throw;
    throw Error(Code::data, concat("--calibrate: ", counted(rows.size(), "row"), group.empty() ? "" : concat(" by ", group), " cannot be dealt to ",
                                   kCalibrationFolds, " folds"), "leave --calibrate out");
  }
}

bool has_class(const TargetRows& rows, const RowList& places, size_t k) {
  return std::any_of(places.begin(), places.end(), [&](int64_t row) { return rows.target[static_cast<size_t>(row)] == static_cast<double>(k); });
}

/// Folds by group or by time may learn without a class, and would answer that it never comes: they are left out. Code::data where no other asks
/// about rows of that class.
std::vector<Split> fair_folds(const PredictionProject& project, const Target& target, const TargetRows& rows) {
  std::vector<Split> folds = folds_of(project, target, rows);
  const size_t classes = target.classes().size();
  for (size_t k = 0; k < classes; ++k) std::erase_if(folds, [&](const Split& fold) { return !has_class(rows, fold.train, k); });
  for (size_t k = 0; k < classes; ++k) {
    if (std::any_of(folds.begin(), folds.end(), [&](const Split& fold) { return has_class(rows, fold.test, k); })) continue;
    throw Error(Code::data, concat("--calibrate: class '", target.classes()[k], "' has no rows that a model which knows the class has not seen"),
                "it has too few rows, or stands in one group or time alone: leave --calibrate out, or leave the class out");
  }
  return folds;
}

}  // namespace

void require_calibratable(const ProjectFit& fit, const TargetRows& train) {
  const Target target = fit.target.with_classes_of(train.target);
  fair_folds(plain(fit.project), target, recoded(train, fit.target, target));
}

std::string calibrate(const ProjectFit& fit, const TargetRows& train, const TrainingRun& run, PredictionPipeline& pipeline) {
  PredictionProject project = plain(fit.project);
  project.params = project.fitted_params(run.facts);
  const Target& target = pipeline.target();
  const TargetRows rows = recoded(train, fit.target, target);
  const std::vector<Split> splits = fair_folds(project, target, rows);
  note("calibrating by ", splits.size(), " models that do not know their rows");
  const FoldedRows said = predict_folds({fit.exec, fit.registry, project, target}, rows, splits, run.peers);
  if (run.peers && run.peers->rank() != 0) return "";
  const TargetRows asked = rows.take(said.rows);
  pipeline.calibrate(Calibrator::fit(fit.project.calibration, said.judged.predictions.view(), said.judged.truth, asked.weights));
  const bool isotonic = fit.project.calibration == CalibrationMethod::isotonic;
  return concat("probabilities calibrated by ", isotonic ? "isotonic regression" : "Platt's sigmoid", " on ", counted(asked.size(), "row"),
                ", each answered by one of ", splits.size(), " models that had not seen it");
}

}  // namespace crisp
