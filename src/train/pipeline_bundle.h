/// A pipeline as a bundle on disk, and back.
#pragma once

#include <string>

#include "train/bundle_parts.h"
#include "train/pipeline.h"

namespace crisp {

/// Writes the bundle into an existing folder; the manifest comes last. The same inputs give the same bytes.
void write_pipeline(const std::string& directory, const Pipeline& pipeline, const BundleFacts& facts);

/// A saved pipeline, and the raw columns that it was trained on.
struct SavedPipeline {
  Pipeline pipeline;
  SavedInput input;

  /// How to read new rows so that they mean what the training rows meant.
  ReadRequest request(const std::string& path) const;

  /// Pipeline::score of new raw rows; see SavedInput::telling_absent.
  Scored score(Exec& exec, const Table& raw, StepLog& log) const;
};

/// Reads and checks a bundle. Code::no_input where there is none, Code::data naming file and place where it is damaged.
SavedPipeline open_pipeline(const std::string& path, const Registry& registry);
SavedPipeline open_pipeline(const Bundle& bundle, const Registry& registry);

}  // namespace crisp
