#include "prepare/recipe.h"

#include <algorithm>
#include <chrono>

#include "cuda/error.h"
#include "prepare/script_columns.h"
#include "prepare/steps.h"
#include "table/arrow_runtime.h"

namespace crisp {
namespace {

constexpr int kFormat = 1;
constexpr size_t kMaxSteps = 1000;

/// "recipe step 3 (filter)".
std::string place(const Json& source, size_t index) {
  const Json& keys = source[index];
  const bool named = keys.is_object() && keys.contains("step") && keys["step"].is_string();
  return concat("recipe step ", index + 1,
                named ? concat(" (", keys["step"].get<std::string>().substr(0, 40), ")") : "");
}

/// Calls body() and tells in which step an error happened.
template <class Body>
auto within(const Json& source, size_t index, Body body) {
  try {
    return body();
  } catch (Error& error) {
    error.add_context(place(source, index));
    throw;
  }
}

int64_t missing_cells(const Table& table) {
  int64_t missing = 0;
  for (const ColumnInfo& column : table.schema()) missing += column.missing;
  return missing;
}

/// Runs one step and records what it did.
template <class Body>
Table recorded(const Json& source, size_t index, const Step& step, const Table& table, StepLog& log,
               Body body) {
  StepRecord record;
  record.step = source[index]["step"].get<std::string>();
  record.title = step.title();
  record.rows_before = table.rows();
  record.columns_before = table.columns();
  record.missing_before = log.empty() ? missing_cells(table) : log.back().missing_after;
  const auto start = std::chrono::steady_clock::now();
  Table out = within(source, index, [&] { return body(record); });
  record.seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
  record.rows_after = out.rows();
  record.columns_after = out.columns();
  record.missing_after = missing_cells(out);
  log.push_back(std::move(record));
  return out;
}

[[noreturn]] void refuse_script(const std::string& what) {
  throw Error(Code::unavailable, concat(what, " has no TorchScript form"), "do it before the rows come to the recipe");
}

}  // namespace

Json StepRecord::to_json() const {
  return {{"step", step},
          {"title", title},
          {"rows_before", rows_before},
          {"rows_after", rows_after},
          {"columns_before", columns_before},
          {"columns_after", columns_after},
          {"missing_before", missing_before},
          {"missing_after", missing_after},
          {"seconds", seconds},
          {"notes", notes}};
}

Table Step::apply(StepRun&, const Table&) const { fail(Code::bug, title(), " has to be fitted first"); }
std::unique_ptr<FittedPart> Step::fit(Exec&, const Table&) const {
  fail(Code::bug, title(), " is not fitted");
}
Table Step::training_rows(StepRun& run, const FittedPart& part, const Table& train) const {
  return part.apply(run, train);
}
void Step::script(ScriptColumns&, const Table&) const { refuse_script(title()); }
void FittedPart::script(ScriptColumns&, const Table&) const { refuse_script("what it learned"); }
std::unique_ptr<FittedPart> Step::load(const Json&) const { fail(Code::bug, title(), " is not fitted"); }

Recipe Recipe::parse(const Json& steps) {
  arrow_start();
  if (!steps.is_array())
    throw Error(Code::config, "a recipe is a list of steps", "write each as [[recipe]] with step = \"...\"");
  if (steps.size() > kMaxSteps)
    fail(Code::config, "a recipe of ", steps.size(), " steps; the limit is ", kMaxSteps);
  Recipe recipe;
  recipe.source_ = steps;
  auto list = std::make_shared<std::vector<std::unique_ptr<Step>>>();
  for (size_t i = 0; i < steps.size(); ++i) {
    list->push_back(within(steps, i, [&] { return make_step(steps[i]); }));
  }
  while (recipe.stateless_ < list->size() && !(*list)[recipe.stateless_]->fitted()) ++recipe.stateless_;
  for (size_t i = recipe.stateless_; i < list->size(); ++i) {
    if ((*list)[i]->keeps_rows()) continue;
    throw Error(Code::config,
                concat(place(steps, i), ": a step that drops, adds or moves rows comes after a fitted one, ",
                       place(steps, recipe.stateless_)),
                "put it before the fitted steps");
  }
  recipe.steps_ = std::move(list);
  return recipe;
}

bool Recipe::in_pieces() const {
  return std::all_of(steps_->begin(), steps_->end(), [](const auto& step) { return step->in_pieces(); });
}

bool Recipe::tells_target() const {
  return std::any_of(steps_->begin(), steps_->end(), [](const auto& step) { return step->tells_target(); });
}

bool Recipe::keeps_rows() const {
  return std::all_of(steps_->begin(), steps_->end(), [](const auto& step) { return step->keeps_rows(); });
}

Table Recipe::run_stateless(Exec& exec, const Table& table, StepLog& log, Table* events) const {
  Table current = table;
  for (size_t i = 0; i < stateless_; ++i) {
    const Step& step = *(*steps_)[i];
    if (events && source_[i]["step"] == "aggregate") *events = current;
    current = recorded(source_, i, step, current, log, [&](StepRecord& record) {
      StepRun run{exec, record.notes, record.unseen};
      return step.apply(run, current);
    });
  }
  return current;
}

FittedRecipe Recipe::fit(Exec& exec, const Table& train, Table* prepared, StepLog* log) const {
  FittedRecipe fitted;
  fitted.recipe_ = *this;
  Table current = train;
  StepLog unasked;
  for (size_t i = stateless_; i < size(); ++i) {
    const Step& step = *(*steps_)[i];
    std::shared_ptr<const FittedPart> part;
    if (step.fitted()) part = within(source_, i, [&] { return step.fit(exec, current); });
    // Nobody reads the last step's output unless it is asked for.
    if (i + 1 < size() || prepared) {
      current = recorded(source_, i, step, current, log ? *log : unasked, [&](StepRecord& record) {
        StepRun run{exec, record.notes, record.unseen};
        return part ? step.training_rows(run, *part, current) : step.apply(run, current);
      });
    }
    fitted.parts_.push_back(std::move(part));
  }
  if (prepared) *prepared = std::move(current);
  return fitted;
}

Table FittedRecipe::run(Exec& exec, const Table& table, StepLog& log) const {
  return apply(exec, run_stateless(exec, table, log), log);
}

Table FittedRecipe::apply(Exec& exec, const Table& table, StepLog& log) const {
  return run_steps(exec, table, recipe_.stateless_, size(), false, log);
}

const FittedPart* FittedRecipe::part(size_t step) const {
  return step < recipe_.stateless_ ? nullptr : parts_[step - recipe_.stateless_].get();
}

Table FittedRecipe::run_steps(Exec& exec, const Table& table, size_t first, size_t last, bool every_row, StepLog& log) const {
  Table current = table;
  for (size_t i = first; i < last; ++i) {
    const Step& step = *(*recipe_.steps_)[i];
    if (every_row && step.reach() == Reach::order) continue;
    current = recorded(recipe_.source_, i, step, current, log, [&](StepRecord& record) {
      StepRun run{exec, record.notes, record.unseen};
      return part(i) ? part(i)->apply(run, current) : step.apply(run, current);
    });
  }
  return current;
}

size_t FittedRecipe::row_wise_from() const {
  size_t first = size();
  while (first > 0 && reach(first - 1) != Reach::table) --first;
  return first;
}

Table FittedRecipe::script_steps(Exec& exec, const Table& table, size_t first, size_t last, ScriptColumns& columns) const {
  Table current = table;
  StepLog unasked;
  for (size_t i = first; i < last; ++i) {
    const Step& step = *(*recipe_.steps_)[i];
    if (step.reach() == Reach::order) continue;
    within(recipe_.source_, i, [&] { part(i) ? part(i)->script(columns, current) : step.script(columns, current); });
    current = run_steps(exec, current, i, i + 1, true, unasked);
    columns.keep(current.schema());
  }
  return current;
}

CategoryCounts FittedRecipe::categories() const {
  CategoryCounts counts;
  for (size_t k = 0; k < parts_.size(); ++k) {
    if (parts_[k]) {
      parts_[k]->update_categories(counts);
    } else {
      (*recipe_.steps_)[recipe_.stateless_ + k]->update_categories(counts);
    }
  }
  return counts;
}

Json FittedRecipe::to_json() const {
  Json fitted = Json::array();
  for (const auto& part : parts_) {
    if (part) fitted.push_back(part->save());
  }
  return {{"format", kFormat}, {"steps", recipe_.source_}, {"fitted", std::move(fitted)}};
}

FittedRecipe FittedRecipe::from_json(const Json& json, const std::string& origin) {
  try {
    const bool shape = json.is_object() && json.contains("format") && json.contains("steps") &&
                       json.contains("fitted") && json["fitted"].is_array();
    if (!shape) fail(Code::data, "not a fitted recipe");
    if (json["format"] != kFormat)
      fail(Code::data, "format ", json["format"].dump().substr(0, 20), " is not known; this is ", kFormat);
    FittedRecipe out;
    out.recipe_ = Recipe::parse(json["steps"]);
    size_t state = 0;
    for (size_t i = out.recipe_.stateless_; i < out.recipe_.size(); ++i) {
      const Step& step = *(*out.recipe_.steps_)[i];
      out.parts_.push_back(nullptr);
      if (!step.fitted()) continue;
      if (state == json["fitted"].size()) fail(Code::data, "too few fitted states");
      out.parts_.back() = within(json["steps"], i, [&] { return step.load(json["fitted"][state++]); });
    }
    if (state != json["fitted"].size()) fail(Code::data, "too many fitted states");
    return out;
  } catch (const Error& error) {
    // In a saved file a wrong recipe is bad data, not somebody's configuration.
    throw Error(error.code() == Code::bug ? Code::bug : Code::data, concat(origin, ": ", error.what()),
                error.hint());
  }
}

}  // namespace crisp
