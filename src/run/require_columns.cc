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

void require_mentioned(const std::vector<ColumnMention>& uses, ColumnMention::Stage stage, const std::vector<std::string>& names) {
  for (const ColumnMention& use : uses) {
    if (use.stage == stage) require_column(use, names);
  }
}

void require_columns(Exec& exec, const Project& project, const Table& raw) {
  using Stage = ColumnMention::Stage;
  StepLog ignored;
  Table events;
  const Table rows = project.pipeline.recipe.run_stateless(exec, raw.slice(0, 0), ignored, &events);
  if (project.test_rows) project.test_rows->condition(exec, rows);
  if (!project.pipeline.features.empty()) choose_features(rows, project.pipeline.features, {});
  std::vector<std::string> names = rows.names();
  require_mentioned(project.uses, Stage::prepared, names);
  require_mentioned(project.uses, Stage::events, events.names());
  if (project.impostors) {
    names.push_back(project.impostors->label);
    names.push_back(concat("true_", project.impostors->group));
  }
  require_mentioned(project.uses, Stage::scored, names);
}

}  // namespace crisp
