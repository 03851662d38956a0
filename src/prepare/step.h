/// One step of a recipe, and what is told about each.
#pragma once

#include <map>
#include <memory>
#include <string>
#include <vector>

#include "core/json.h"
#include "cuda/exec.h"
#include "table/table.h"

namespace crisp {

/// What a step did, for the report.
struct StepRecord {
  std::string step;   ///< "drop_missing"
  std::string title;  ///< "drop_missing latitude, longitude"
  int64_t rows_before = 0, rows_after = 0;
  int columns_before = 0, columns_after = 0;
  int64_t missing_before = 0, missing_after = 0;  ///< missing cells of all columns
  double seconds = 0;
  std::vector<std::string> notes;  ///< "3 rows with a missing value dropped"
  std::map<std::string, int64_t> unseen;  ///< rows whose category training did not have, by column
  Json to_json() const;
};
using StepLog = std::vector<StepRecord>;

/// Where a step runs, and where it leaves its notes.
struct StepRun {
  Exec& exec;
  std::vector<std::string>& notes;
  std::map<std::string, int64_t>& unseen;
};

/// Columns in which a code stands for a category, and how many codes (0 ... n - 1) each may hold.
using CategoryCounts = std::map<std::string, int64_t>;

class ScriptColumns;

/// What a step does to a row that comes alone.
enum class Reach {
  row,    ///< what becomes of a row depends on that row
  order,  ///< rows are chosen or moved by their place among others; those that stay keep their values
  table,  ///< values depend on other rows
};

/// What a fitted step learned from the training rows.
class FittedPart {
 public:
  virtual ~FittedPart() = default;
  virtual Table apply(StepRun& run, const Table& table) const = 0;
  virtual Json save() const = 0;
  /// Brings `counts`, true of the rows that it is given, to what is true of those that it gives.
  virtual void update_categories(CategoryCounts& counts) const = 0;
  /// apply() as TorchScript. `table` has the columns, and no rows. Code::unavailable where there is no such form.
  virtual void script(ScriptColumns& columns, const Table& table) const;
};

/// A step as written in a recipe; immutable. A stateless one has apply(), a fitted one fit() and load().
class Step {
 public:
  virtual ~Step() = default;
  virtual std::string title() const = 0;
  virtual bool fitted() const { return false; }
  /// Whether row i of the result is row i of the input. Only such steps may follow a fitted one.
  virtual bool keeps_rows() const { return true; }
  virtual Table apply(StepRun& run, const Table& table) const;
  virtual std::unique_ptr<FittedPart> fit(Exec& exec, const Table& train) const;
  /// The rows that `part` was fitted on, as a model is to learn from them. What part.apply() gives, unless that would
  /// tell a row's own target: then as a part would give them that was fitted without the row.
  virtual Table training_rows(StepRun& run, const FittedPart& part, const Table& train) const;
  /// Whether apply() would tell it: then a row to learn from cannot be prepared without the others.
  virtual bool tells_target() const { return false; }
  /// Inverse of FittedPart::save; Code::data for anything else.
  virtual std::unique_ptr<FittedPart> load(const Json& state) const;
  /// See FittedPart; for stateless steps. A step that only moves or removes columns and rows has nothing to say.
  virtual void update_categories(CategoryCounts&) const {}
  virtual Reach reach() const { return Reach::row; }
  /// Whether a table may go through it in pieces: nothing that it does or says depends on other rows.
  virtual bool in_pieces() const { return reach() == Reach::row; }
  /// See FittedPart; for stateless steps. One that only removes or sorts columns has nothing to say.
  virtual void script(ScriptColumns& columns, const Table& table) const;
};

}  // namespace crisp
