/// A recipe: the steps from raw rows to features. Stateless steps come first; from the first fitted one on
/// (`scale`, `impute`, `encode`) they form the tail, which is fitted on training rows and saved. The tail keeps the rows as they
/// are: row i of its result is row i of its input.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "prepare/step.h"

namespace crisp {

class FittedRecipe;

class Recipe {
 public:
  /// `steps` is an array of tables, each with `step = "name"`. Code::config naming the step for any mistake
  /// in it.
  static Recipe parse(const Json& steps);

  size_t size() const { return steps_->size(); }
  /// What it was parsed from.
  const Json& source() const { return source_; }
  /// Steps before the first fitted one.
  size_t stateless_steps() const { return stateless_; }
  /// Whether a table may be prepared in pieces.
  bool in_pieces() const;
  /// Whether rows to learn from have to be prepared with those beside them.
  bool tells_target() const;
  /// Whether row i of the result is always row i of the input.
  bool keeps_rows() const;
  /// Runs the stateless steps in front. `events` takes the rows as they stood before the last `aggregate`
  /// step (the single events behind each row of the result), or no rows where there is none.
  Table run_stateless(Exec& exec, const Table& table, StepLog& log, Table* events = nullptr) const;
  /// Fits the tail on the training rows, which have gone through run_stateless(). `prepared` takes these rows as a
  /// model is to learn from them: FittedRecipe::apply() of them, except where that would tell a row's own target
  /// (`encode` by target: there each row has been encoded without it). `log` takes the tail's steps, if asked for
  /// together with `prepared`.
  FittedRecipe fit(Exec& exec, const Table& train, Table* prepared = nullptr, StepLog* log = nullptr) const;

 private:
  friend class FittedRecipe;
  Json source_;
  std::shared_ptr<const std::vector<std::unique_ptr<Step>>> steps_;
  size_t stateless_ = 0;
};

class FittedRecipe {
 public:
  bool keeps_rows() const { return recipe_.keeps_rows(); }
  /// The stateless steps, then the tail: raw rows to features.
  Table run(Exec& exec, const Table& table, StepLog& log) const;
  Table run_stateless(Exec& exec, const Table& table, StepLog& log, Table* events = nullptr) const {
    return recipe_.run_stateless(exec, table, log, events);
  }
  /// The tail alone, on rows that have gone through run_stateless().
  Table apply(Exec& exec, const Table& table, StepLog& log) const;

  size_t size() const { return recipe_.size(); }
  size_t stateless_steps() const { return recipe_.stateless_steps(); }
  /// "scale speed by robust".
  std::string title(size_t step) const { return (*recipe_.steps_)[step]->title(); }
  Reach reach(size_t step) const { return (*recipe_.steps_)[step]->reach(); }
  bool in_pieces() const { return recipe_.in_pieces(); }
  bool tells_target() const { return recipe_.tells_target(); }
  /// The first step from which on rows could come one by one.
  size_t row_wise_from() const;
  /// Steps [first, last) on rows that have gone through those before. `every_row`: leaves out steps that choose or move rows by
  /// their place among others (Reach::order).
  Table run_steps(Exec& exec, const Table& table, size_t first, size_t last, bool every_row, StepLog& log) const;
  /// Steps [first, last) as TorchScript; `table` has the columns that step `first` is given. Gives the columns after them.
  Table script_steps(Exec& exec, const Table& table, size_t first, size_t last, ScriptColumns& columns) const;

  /// The columns of codes that apply() gives, and how many codes each may hold: 0 ... n - 1.
  CategoryCounts categories() const;

  /// {"format": 1, "steps": [...], "fitted": [a state for each fitted step]}.
  Json to_json() const;
  /// Inverse of to_json(): applies equally. Code::data naming `origin` for anything else.
  static FittedRecipe from_json(const Json& json, const std::string& origin);

 private:
  friend class Recipe;
  const FittedPart* part(size_t step) const;
  Recipe recipe_;
  std::vector<std::shared_ptr<const FittedPart>>
      parts_;  ///< one for each step of the tail; null for a stateless one
};

}  // namespace crisp
