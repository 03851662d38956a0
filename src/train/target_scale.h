/// Numbers to be predicted, brought to one scale for nets.
#pragma once

#include <memory>
#include <vector>

#include "train/model.h"
#include "train/row_stream.h"

namespace crisp {

/// What an output of one unit means.
struct TargetScale {
  double mean = 0, spread = 1;

  /// Mean and standard deviation of the targets, by their weights; a constant one keeps the unit 1.
  static TargetScale of(const LabelledRows& rows);
  Json to_json() const { return {{"mean", mean}, {"spread", spread}}; }
  /// Inverse; Code::data for anything that is not two finite numbers.
  static TargetScale from_json(const Json& json);
};

/// The same rows with targets of mean 0 and spread 1.
class ScaledTargets {
 public:
  ScaledTargets(const FitData& data, TargetScale scale);
  ScaledTargets(const ScaledTargets&) = delete;
  ScaledTargets& operator=(const ScaledTargets&) = delete;

  const FitData& data() const { return data_; }

 private:
  FitData data_;
  std::vector<float> train_, validation_;
  std::unique_ptr<const RowStream> stream_;
};

}  // namespace crisp
