/// Makes the probabilities of a fitted pipeline those that come true.
#pragma once

#include "run/prediction_fit.h"

namespace crisp {

inline constexpr int kCalibrationFolds = 5;

/// Code::data where `train` cannot be dealt to folds that each know every class; before anything is fitted.
void require_calibratable(const ProjectFit& fit, const TargetRows& train);

/// By `kCalibrationFolds` pipelines, each fitted as `pipeline` was (and for as many rounds) on the other folds' rows of `train` (by time: on the
/// earlier ones alone) and asked about its own: no answer is of a row that its model knows (scikit-learn's CalibratedClassifierCV with ensemble=False). Gives what was done, in words.
/// Of several processes the first alone calibrates.
std::string calibrate(const ProjectFit& fit, const TargetRows& train, const TrainingRun& run, PredictionPipeline& pipeline);

}  // namespace crisp
