/// Finds late mistakes early: a column that a project speaks of and that will not be there.
#pragma once

#include "run/project.h"

namespace crisp {

/// Runs the recipe's first part on no rows: it costs nothing and says which columns there will be. Code::config, placed in
/// the project file and naming the nearest column, for the first that will be missing; what the steps themselves miss is
/// said as it would be later.
void require_columns(Exec& exec, const Project& project, const Table& raw);

}  // namespace crisp
