/// What is read from another library's model file.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "table/table.h"
#include "train/model.h"

namespace crisp {

/// A column as that library was given it.
struct ImportedColumn {
  std::string name;
  ColumnType type = ColumnType::real;
  std::vector<std::string> categories = {};  ///< the model reads code i + 1 for the i-th, and NaN for others; empty: a number is read
  std::vector<double> cuts = {};             ///< 64-bit thresholds: rows must pass FloatCuts of them
  bool zeros_missing = false;                ///< with cuts: zeros count as missing
};

struct ImportedModel {
  std::string library, objective;  ///< "XGBoost 3.2.0", "binary:logistic"
  std::unique_ptr<Model> model;
  Task task = Task::regression;    ///< or classification, of model->outputs() classes
  std::vector<ImportedColumn> columns;
  std::vector<std::string> notes;  ///< what people should know of it
};

}  // namespace crisp
