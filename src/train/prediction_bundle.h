/// A predicting pipeline as a bundle on disk, and back.
#pragma once

#include <string>

#include "train/bundle_parts.h"
#include "train/prediction_pipeline.h"

namespace crisp {

/// Writes the bundle into an existing folder; the manifest comes last. `fitted_on`: "training rows" or "all rows".
void write_prediction_pipeline(const std::string& directory, const PredictionPipeline& pipeline, const BundleFacts& facts,
                               const std::string& fitted_on);

struct SavedPredictor {
  PredictionPipeline pipeline;
  SavedInput input;

  /// How to read new rows so that they mean what the training rows meant; a feature, or the target, that held
  /// whole numbers may hold fractions now.
  ReadRequest request(const std::string& path) const;
  /// The column that new rows may lack: the target, but of a forecast.
  std::string unasked() const;
  /// PredictionPipeline::predict of new raw rows; see SavedInput::telling_absent.
  Predictions predict(Exec& exec, const Table& raw, StepLog& log) const;
};

/// Reads and checks a bundle; Code::data naming file and place where it is damaged.
SavedPredictor open_predictor(const Bundle& bundle, const Registry& registry);

/// Whether the bundle predicts a target, and is no detector.
bool predicts(const Bundle& bundle);

}  // namespace crisp
