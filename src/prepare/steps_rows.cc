#include <algorithm>

#include "cuda/error.h"
#include "prepare/arrow_grouping.h"
#include "prepare/column_pattern.h"
#include "prepare/row_wise.h"
#include "prepare/script_expression.h"
#include "prepare/steps.h"

namespace crisp {
namespace {

class Filter : public Step {
 public:
  explicit Filter(Expression where) : where_(std::move(where)) {}
  bool keeps_rows() const override { return false; }
  std::string title() const override { return concat("filter ", where_.text()); }
  Table apply(StepRun& run, const Table& table) const override {
    return keep_rows(table, where_.condition(run.exec, table));
  }
  Reach reach() const override { return looks_at_other_rows(where_) ? Reach::table : Reach::row; }
  void script(ScriptColumns& columns, const Table&) const override {
    columns.require_rows(columns.script().let(concat(script_expression(columns, where_).code, " == 1.0")));
  }

 private:
  Expression where_;
};

class DropMissing : public Step {
 public:
  explicit DropMissing(std::vector<std::string> columns) : columns_(std::move(columns)) {}
  bool keeps_rows() const override { return false; }
  std::string title() const override {
    return concat("drop_missing ", columns_.empty() ? "in any column" : listed(columns_));
  }

  Table apply(StepRun& run, const Table& table) const override {
    std::vector<uint8_t> keep(static_cast<size_t>(table.rows()), 1);
    for (const std::string& name : columns_.empty() ? table.names() : columns_like(table, columns_)) {
      const std::vector<uint8_t> missing = table.missing(name);
      const int64_t count = std::count(missing.begin(), missing.end(), 1);
      // Dropping every row would hide what is really wrong with the column.
      if (count == table.rows() && count > 0) {
        throw Error(Code::data, concat("column '", name, "' is blank in all ", counted(count, "row")),
                    "leave it out, or name the columns to look at: columns = [...]");
      }
      for (size_t i = 0; i < keep.size(); ++i) keep[i] &= missing[i] ^ 1;
    }
    Table out = keep_rows(table, keep);
    if (out.rows() < table.rows())
      run.notes.push_back(counted(table.rows() - out.rows(), "row") + " with a missing value dropped");
    return out;
  }

  void script(ScriptColumns& columns, const Table& table) const override {
    for (const std::string& name : columns_.empty() ? table.names() : columns_like(table, columns_))
      columns.require_rows(columns.script().let(concat("~torch.isnan(", columns.at(name).code, ")")));
  }

 private:
  std::vector<std::string> columns_;
};

class DropDuplicates : public Step {
 public:
  explicit DropDuplicates(std::vector<std::string> columns) : columns_(std::move(columns)) {}
  bool keeps_rows() const override { return false; }
  std::string title() const override {
    return concat("drop_duplicates ", columns_.empty() ? "over all columns" : "of " + listed(columns_));
  }
  Reach reach() const override { return Reach::order; }

  Table apply(StepRun& run, const Table& table) const override {
    const Grouping groups =
        group_rows(table, columns_.empty() ? table.names() : columns_like(table, columns_));
    if (groups.groups() == table.rows()) return table;
    std::vector<uint8_t> keep(static_cast<size_t>(table.rows()), 0);
    for (int64_t g = 0; g < groups.groups(); ++g) keep[static_cast<size_t>(groups.first(g))] = 1;
    run.notes.push_back(counted(table.rows() - groups.groups(), "duplicate row") + " dropped");
    return keep_rows(table, keep);
  }

 private:
  std::vector<std::string> columns_;
};

}  // namespace

Table keep_rows(const Table& table, const std::vector<uint8_t>& keep) {
  if (std::find(keep.begin(), keep.end(), 0) == keep.end()) return table;
  arrow::BooleanBuilder builder;
  check(builder.AppendValues(keep.data(), static_cast<int64_t>(keep.size())));
  return Table(arrow_call("filter", {table.arrow(), check(builder.Finish())}).table());
}

StepPtr make_filter(StepOptions& options) { return std::make_unique<Filter>(options.expression("where")); }

StepPtr make_drop_missing(StepOptions& options) {
  return std::make_unique<DropMissing>(options.names_or_none("columns"));
}

StepPtr make_drop_duplicates(StepOptions& options) {
  return std::make_unique<DropDuplicates>(options.names_or_none("columns"));
}

}  // namespace crisp
