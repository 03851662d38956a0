/// A saved detector or predictor as an export sees it: what both have in common.
#pragma once

#include <functional>
#include <span>
#include <string>
#include <vector>

#include "core/torch_script.h"
#include "train/pipeline_bundle.h"
#include "train/prediction_bundle.h"

namespace crisp {

struct Exported {
  const FittedRecipe* recipe = nullptr;
  SavedInput input;
  std::vector<std::string> features;
  bool missing = false;             ///< whether the model takes missing values
  std::string per;                  ///< the column of groups; "": one model for all
  std::vector<std::string> groups;  ///< that have a model of their own
  Task task = Task::anomaly;
  std::vector<std::string> classes;
  double cutoff = 0;    ///< of detectors
  int64_t outputs = 1;  ///< numbers that the model gives for a row
  int64_t steps = 0;    ///< of a forecast: the rows of a window, which are one row of the model's; 0: none
  Json about, reference;
  std::function<std::string(TorchScript&, const std::string& rows, const std::string& group)> script;
  std::function<std::vector<double>(Exec&, const Matrix&, std::span<const std::string> groups)> score;
  std::function<ReadRequest(const std::string& path)> request;
};

/// `saved` must outlive what is given.
Exported exported(const SavedPipeline& saved);
Exported exported(const SavedPredictor& saved);

}  // namespace crisp
