/// Judging by cross-validation: each row is predicted by a pipeline that has not seen it.
#pragma once

#include "run/prediction_fit.h"
#include "train/split.h"

namespace crisp {

/// The folds' rows in the order of the table, in the classes of the whole.
struct FoldedRows {
  JudgedRows judged;
  RowList rows;  ///< of the table, as they stand in `judged`
  Predictions dummy;
  std::vector<FoldResult> folds;
};

/// Fits each split's training rows and predicts its test rows. A class that a fold's training rows lack gets the probability 0.
/// Of several processes the first one alone predicts; the others get nothing.
FoldedRows predict_folds(const ProjectFit& fit, const TargetRows& all, const std::vector<Split>& splits, Peers* peers);

}  // namespace crisp
