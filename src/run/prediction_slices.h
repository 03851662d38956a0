/// Judged predictions cut by the values of a column.
#pragma once

#include <optional>
#include <span>
#include <string>
#include <vector>

#include "evaluate/prediction_evaluation.h"
#include "report/text_table.h"
#include "train/prediction_pipeline.h"

namespace crisp {

struct PredictionSlice {
  std::string value;
  int64_t rows = 0;                                ///< with a truth
  std::optional<PredictionEvaluation> evaluation;  ///< without intervals; nothing where no row has a truth
};

struct PredictionSlices {
  std::string column;
  std::vector<PredictionSlice> slices;  ///< the 50 largest, then one named "(others)"
};

PredictionSlices slice_predictions(Exec& exec, const Target& target, const Predictions& predictions, std::span<const double> truth,
                                   const std::string& column);

Json prediction_slices_json(const std::vector<PredictionSlices>& sliced);
/// A row a value: rows, then the figures that say most.
report::TextTable prediction_slices_table(const PredictionSlices& sliced);

}  // namespace crisp
