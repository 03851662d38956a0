#include "run/require_columns.h"

#include <algorithm>

#include "cuda/error.h"
#include "train/features.h"

namespace crisp {
namespace {

void require_column(const ColumnMention& use, const std::vector<std::string>& names) {
  if (std::find(names.begin(), names.end(), use.column) != names.end()) return;
  constexpr size_t kShown = 12;
  std::string known;
  for (size_t i = 0; i < std::min(kShown, names.size()); ++i) known += concat(i ? ", " : "", names[i]);
  if (names.size() > kShown) known += ", ...";
  const std::string nearest = nearest_name(use.column, names);
  throw Error(Code::config, concat(use.where, ": there is no column '", use.column, "' after the recipe's steps"),
              nearest.empty() ? concat("the columns are ", known) : concat("did you mean '", nearest, "'?"));
}

}  // namespace

void require_columns(Exec& exec, const Project& project, const Table& raw) {
  StepLog ignored;
  Table events;
  const Table rows = project.pipeline.recipe.run_stateless(exec, raw.slice(0, 0), ignored, &events);
  if (project.test_rows) project.test_rows->condition(exec, rows);
  if (!project.pipeline.features.empty()) choose_features(rows, project.pipeline.features, {});
  std::vector<std::string> names = rows.names();
  for (const ColumnMention& use : project.uses) {
    if (use.stage == ColumnMention::Stage::prepared) require_column(use, names);
    if (use.stage == ColumnMention::Stage::events) require_column(use, events.names());
  }
  if (project.impostors) {
    names.push_back(project.impostors->label);
    names.push_back(concat("true_", project.impostors->group));
  }
  for (const ColumnMention& use : project.uses) {
    if (use.stage == ColumnMention::Stage::scored) require_column(use, names);
  }
}

}  // namespace crisp
