/// How one column is scaled: for all rows, and for the rows of each group.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "core/json.h"
#include "kernels/scale/scale.h"

namespace crisp {

/// Groups of fewer values are scaled on the CPU: the way to a GPU takes longer than the work.
constexpr int64_t kDeviceGroup = 1 << 14;

/// How much a group is trusted.
struct GroupRule {
  int64_t min_rows = 3;  ///< groups with fewer values take the fallback
  double shrink = 5.0;   ///< the fallback weighs as much as so many values of the group
};

/// The scale of one column.
///
/// A group of n values with center c and spread s gets, with w = n / (n + shrink):
/// center = c, and scale = w s + (1 - w) S, where S is the median spread of all groups with min_rows values:
/// the usual spread inside a group. So a group whose few values happen to lie close together does not blow up
/// the next one. Groups under min_rows and groups never seen take the scale of all rows. The exponents of
/// power transforms are those of all rows.
struct ColumnScales {
  ScaleColumn shared;
  std::map<std::string, ScaleColumn> groups;

  const ScaleColumn& of(const std::string& group) const {
    const auto found = groups.find(group);
    return found == groups.end() ? shared : found->second;
  }
};

/// `values` of the column and the `group` of each (empty: no groups).
ColumnScales fit_column_scales(Exec& exec, ScaleMethod method, const std::vector<double>& values,
                               const std::vector<std::string>& group, const GroupRule& rule);

Json save_scale(const ScaleColumn& scale);
/// Code::data unless three finite numbers with a scale above 0.
ScaleColumn load_scale(const Json& json);

}  // namespace crisp
