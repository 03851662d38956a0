/// Another library's model as a bundle of ours.
#pragma once

#include <functional>
#include <span>
#include <string>
#include <vector>

#include "core/output_directory.h"
#include "train/imported.h"
#include "train/prediction_bundle.h"

namespace crisp {

/// Reads the bytes of a file; `origin` names it in messages (models/registry.h).
using ModelReader = std::function<ImportedModel(std::span<const uint8_t> file, const std::string& origin)>;

struct ImportPlan {
  std::string path;                   ///< the model's file
  std::string target = "target";      ///< what the column is called that it predicts: the file does not say
  std::vector<std::string> classes;   ///< their names, in the order of their numbers; none: "0", "1", ...
  std::string columns_of;             ///< a table whose columns have the names to be used where the library has changed them; "": none
};

struct ImportResult {
  ImportedModel model;
  PredictionPipeline pipeline;
  BundleFacts facts;
};

/// Reads the file and makes a pipeline of it that answers what the library answers: its recipe narrows numbers to 32 bits without
/// crossing a threshold, and gives categories their codes. Code::data naming what is wrong in the file; Code::config for names that
/// do not fit it.
ImportResult import_model(const Registry& registry, const ModelReader& reader, const ImportPlan& plan);
/// Writes the bundle, manifest last.
void write_import(const OutputDirectory& directory, const ImportResult& result);

}  // namespace crisp
