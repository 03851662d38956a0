/// How well scored rows agree with their labels: the figures, their names, and what may be asked of them.
#pragma once

#include <span>
#include <string>
#include <vector>

#include "evaluate/criterion.h"
#include "evaluate/labels.h"
#include "evaluate/metrics.h"

namespace crisp {

/// Rows without a label count nowhere.
struct Evaluation {
  std::vector<Label> labels;         ///< one a scored row
  std::vector<std::string> notes;    ///< what was left out, and what could not be given
  std::vector<uint8_t> truth;        ///< of the labelled rows, in order: 1 = anomaly
  std::vector<double> scores;        ///< of the labelled rows
  Confusion counts;
  double roc_auc = 0, average_precision = 0;
  Json to_json() const;
};

/// `scores` and `predicted` are those of the rows that `labels` speaks of.
Evaluation evaluate_labels(const Labels& labels, const LabelPlan& plan, std::span<const double> scores,
                           std::span<const uint8_t> predicted);

/// One figure by the name that project files, --gate and --json know it by; NaN where it is not defined.
struct Metric {
  const char* name;
  double (*value)(const Evaluation&);
};

/// Every figure that can be asked for.
std::span<const Metric> all_metrics();
std::vector<std::string> metric_names();

}  // namespace crisp
