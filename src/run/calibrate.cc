#include "run/calibrate.h"

#include <algorithm>

#include "core/format.h"
#include "core/log.h"
#include "run/prediction_folds.h"
#include "train/peers.h"

namespace crisp {
namespace {

/// The project as its folds are fitted: without a calibration of their own, and without rows that say when to stop.
PredictionProject plain(const PredictionProject& project, const Json& facts) {
  PredictionProject plain = project;
  plain.calibration = CalibrationMethod::none;
  Json params = project.params.to_json();
  params.update(project.learner->refit_params(facts));
  plain.params = project.learner->params().resolve(params);
  plain.split.column.clear();  // it has said which rows are learned from
  plain.split.validation = false;
  return plain;
}

/// Folds at random then have rows of each class; folds by group or by time may still lack one.
void require_enough(const Target& target, const TargetRows& rows) {
  for (size_t k = 0; k < target.classes().size(); ++k) {
    const auto count = std::count(rows.target.begin(), rows.target.end(), static_cast<double>(k));
    if (count >= kCalibrationFolds) continue;
    throw Error(Code::data, concat("class '", target.classes()[k], "' has ", counted(count, "row"), " to learn from, too few to calibrate by: ", kCalibrationFolds, " are needed"),
                "leave --calibrate out, or leave the class out");
  }
}

}  // namespace

std::string calibrate(const ProjectFit& fit, const TargetRows& train, const TrainingRun& run, PredictionPipeline& pipeline) {
  const PredictionProject project = plain(fit.project, run.facts);
  const Target& target = pipeline.target();
  ProjectFit folds{fit.exec, fit.registry, project, target, fit.transfer};
  const TargetRows rows = recoded(train, fit.target, target);
  require_enough(target, rows);
  note("calibrating by ", kCalibrationFolds, " models that do not know their rows");
  const FoldedRows said = predict_folds(folds, rows, split_folds(rows.rows, target, rows.target, project.split, kCalibrationFolds), run.peers);
  if (run.peers && run.peers->rank() != 0) return "";
  const TargetRows asked = rows.take(said.rows);
  pipeline.calibrate(Calibrator::fit(fit.project.calibration, said.judged.predictions.view(), said.judged.truth, asked.weights));
  const bool isotonic = fit.project.calibration == CalibrationMethod::isotonic;
  return concat("probabilities calibrated by ", isotonic ? "isotonic regression" : "Platt's sigmoid", " on ", counted(asked.size(), "row"), ", each answered by one of ",
                kCalibrationFolds, " models that had not seen it");
}

}  // namespace crisp
