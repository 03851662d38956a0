/// The rows that are explained, and the way from them to the model's columns and answers.
#pragma once

#include <string>
#include <vector>

#include "train/prediction_bundle.h"

namespace crisp {

class ExplainedRows {
 public:
  /// Rows as they were given, where the preparation looks at each by itself and keeps all; else as they stand after its stateless steps. At most
  /// `most` of them, drawn by the seed, and those of `wanted` (counted from 1: Code::data where there is no such row); of a forecast all.
  ExplainedRows(Exec& exec, const SavedPredictor& saved, const Table& raw, int64_t most, const std::vector<int64_t>& wanted, uint64_t seed);

  const PredictionPipeline& pipeline() const { return pipeline_; }
  const Table& rows() const { return rows_; }
  bool as_given() const { return as_given_; }
  int64_t all() const { return all_; }                             ///< rows that they were drawn from
  const std::vector<int64_t>& numbers() const { return numbers_; }  ///< of each row among all, from 1

  /// What the model reads of such rows.
  Matrix features(Exec& exec, const Table& rows) const;
  Predictions predict(Exec& exec, const Table& rows) const;

  /// The names of columns that may be moved by themselves: not what orders a forecast.
  std::vector<std::string> columns() const;

 private:
  const PredictionPipeline& pipeline_;
  Table rows_;
  bool as_given_;
  int64_t all_;
  std::vector<int64_t> numbers_;
};

/// The rows with one column's values in another order: the same for the same `draw` of a seed.
Table shuffled(const Table& rows, const std::string& column, uint64_t seed, uint64_t draw);

}  // namespace crisp
