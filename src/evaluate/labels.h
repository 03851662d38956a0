/// What the label column says of each row: anomaly, normal, or nothing.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "table/table.h"
#include "train/pipeline_plan.h"

namespace crisp {

enum class Label : uint8_t { normal, anomaly, none };

struct Labels {
  std::string column;
  std::vector<Label> rows;                    ///< one a row of the table
  int64_t normal = 0, anomalies = 0, blank = 0;
  std::map<std::string, int64_t> neither;     ///< rows by a value that is none of the two that the plan names: no label
  std::map<std::string, int64_t> taken_normal;  ///< rows by value, where the plan names the anomaly alone

  /// What to know before the figures are believed: rows that are left out, and values that may not mean what they are
  /// taken for. One sentence each.
  std::vector<std::string> notes(const LabelPlan& plan) const;
};

/// A blank or missing label says nothing: it is not "normal". Numbers are compared as numbers ("1" is "1.0"), and 1 and 0 in
/// the plan also mean true and false of a boolean column. The column must be there.
Labels read_labels(const Table& rows, const LabelPlan& plan);

}  // namespace crisp
