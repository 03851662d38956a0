/// Columns that a project file speaks of.
#pragma once

#include <string>
#include <vector>

namespace crisp {

/// A column that the project file names. Whether it will be there is known once the data's columns are.
struct ColumnMention {
  enum class Stage {
    events,    ///< the rows before the last aggregation
    prepared,  ///< after the recipe's first part
    scored,    ///< the same, or what mixing impostors in adds
  };
  Stage stage;
  std::string column;
  std::string where;  ///< "project.toml:12: [report] slices"
};

/// Code::config for the first of `uses` at `stage` that is not among `names`, with its place and the nearest name.
void require_mentioned(const std::vector<ColumnMention>& uses, ColumnMention::Stage stage, const std::vector<std::string>& names);

}  // namespace crisp
