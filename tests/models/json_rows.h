/// Numbers of a test's JSON as models take them.
#pragma once

#include <algorithm>
#include <vector>

#include "core/json.h"
#include "table/matrix.h"

namespace crisp {

inline std::vector<float> floats(const Json& list) {
  std::vector<float> values;
  for (const Json& value : list) values.push_back(static_cast<float>(value.get<double>()));
  return values;
}

inline Matrix matrix(const Json& rows) {
  Matrix matrix(static_cast<int64_t>(rows.size()), static_cast<int64_t>(rows[0].size()));
  for (size_t i = 0; i < rows.size(); ++i) {
    const std::vector<float> row = floats(rows[i]);
    std::copy(row.begin(), row.end(), matrix.view().row(static_cast<int64_t>(i)));
  }
  return matrix;
}

}  // namespace crisp
