/// The distribution that a model was trained on: what is usual, for reasons beside a score and for drift later.
#pragma once

#include <map>
#include <span>
#include <string>
#include <vector>

#include "core/json.h"
#include "table/table.h"

namespace crisp {

class Reference {
 public:
  /// Learns from the training rows as people read them: prepared, not yet scaled. `groups` may be empty.
  static Reference learn(const Table& rows, const std::vector<std::string>& features,
                         std::span<const std::string> groups);

  /// The median of a feature, within the group where it had rows, else over all; NaN for an all-missing column.
  double usual(size_t feature, const std::string& group) const;

  std::vector<std::string> names() const;
  Json to_json() const;
  static Reference from_json(const Json& json, size_t features);

 private:
  struct Column {
    std::string name;
    int64_t count = 0, missing = 0;
    std::vector<double> quantiles;  // at kLevels
  };
  std::vector<Column> columns_;
  std::map<std::string, std::vector<double>> group_medians_;
};

}  // namespace crisp
