/// Fits forests and single trees: random forest, extremely randomised trees, decision tree.
#pragma once

#include "cuda/exec.h"
#include "models/trees/forest_grower.h"
#include "models/trees/tree_model.h"
#include "train/training_run.h"

namespace crisp {

struct ForestPlan {
  ForestGrowth growth;
  int64_t trees = 100;
  bool bootstrap = true;       ///< each tree on as many rows as there are, drawn with replacement; else on all rows
  double max_samples = 1;      ///< of the bootstrap: up to 1 the share of the rows, above 1 their number
  bool oob_score = true;       ///< of the bootstrap: judge each row by the trees that did not draw it
  bool balanced = false;       ///< classes weigh alike
  int most_bins = kMostBins;
  uint64_t seed = 0;
};

/// Trees whose leaves hold the classes' shares or the mean target; the answer is their mean. A row of weight 0 is a row that is not there, a row of
/// weight 2 counts twice in every sum, once in every number of rows. run.facts: trees, leaves, depth, and oob_score where it was asked for.
/// Of several processes (run.peers) each grows some of the trees, on rows that all of them have; the first one's forest is that of one process, and
/// the others have their own trees alone. On a GPU the same forest; where a first tree is not the CPU's, one line says so and the CPU grows it.
TreeParts fit_forest(Exec& exec, const FitData& data, const ForestPlan& plan, TrainingRun& run);

}  // namespace crisp
