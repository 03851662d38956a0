/// What random forest, extra trees and decision tree have in common as learners.
#pragma once

#include "models/trees/forest_params.h"
#include "train/model.h"

namespace crisp {

class ForestLearner : public Learner {
 public:
  explicit ForestLearner(ForestKind kind);

  std::string name() const override { return kind_.name; }
  std::vector<Task> tasks() const override { return {Task::classification, Task::regression}; }
  FeatureNeeds needs() const override { return {.codes = true, .scaled = false, .missing = true}; }
  bool weighs_rows() const override { return true; }
  bool in_processes() const override { return !kind_.single; }
  const ParamTable& params() const override { return table_; }
  void check(const Params& params) const override { check_forest_params(kind_, params); }
  std::unique_ptr<Model> fit(Exec& exec, const FitData& data, const Params& params, uint64_t seed, TrainingRun& run) const override;
  std::unique_ptr<Model> load(const Tensors& weights, const Json& about) const override;

 private:
  ForestKind kind_;
  ParamTable table_;
};

}  // namespace crisp
