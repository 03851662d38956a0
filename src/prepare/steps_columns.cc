#include <algorithm>

#include "cuda/error.h"
#include "prepare/arrow_grouping.h"
#include "prepare/column_pattern.h"
#include "prepare/row_wise.h"
#include "prepare/script_expression.h"
#include "prepare/steps.h"

namespace crisp {
namespace {

/// Calls body(). A column that has no TorchScript form may be one that nothing reads: what is wrong is told when it is read.
template <class Body>
void script_column(ScriptColumns& columns, const std::string& name, Body body) {
  try {
    body();
  } catch (Error& error) {
    if (error.code() != Code::unavailable) throw;
    error.add_context(concat("column '", name, "'"));
    columns.refuse(name, error);
  }
}

class Derive : public Step {
 public:
  explicit Derive(NamedExpressions columns) : columns_(std::move(columns)) {}

  std::string title() const override {
    std::vector<std::string> names;
    for (const auto& [name, expression] : columns_) names.push_back(name);
    return concat("derive ", listed(names));
  }

  Table apply(StepRun& run, const Table& table) const override {
    Table out = table;
    for (const size_t i : evaluation_order(columns_, table)) {
      const auto& [name, expression] = columns_[i];
      try {
        out = expression.derive(run.exec, out, name);
      } catch (Error& error) {
        error.add_context(concat("column '", name, "'"));
        throw;
      }
    }
    return out;
  }

  void update_categories(CategoryCounts& counts) const override {
    for (const auto& [name, expression] : columns_) counts.erase(name);
  }

  Reach reach() const override {
    const bool windows = std::any_of(columns_.begin(), columns_.end(), [](const auto& column) { return looks_at_other_rows(column.second); });
    return windows ? Reach::table : Reach::row;
  }
  void script(ScriptColumns& columns, const Table& table) const override {
    for (const size_t i : evaluation_order(columns_, table)) {
      const auto& [name, expression] = columns_[i];
      script_column(columns, name, [&] { columns.set(name, script_expression(columns, expression)); });
    }
  }

 private:
  NamedExpressions columns_;
};

class Select : public Step {
 public:
  explicit Select(std::vector<std::string> columns) : columns_(std::move(columns)) {}
  std::string title() const override { return concat("select ", listed(columns_)); }
  Table apply(StepRun&, const Table& table) const override {
    return table.select(columns_like(table, columns_));
  }
  void script(ScriptColumns&, const Table&) const override {}

 private:
  std::vector<std::string> columns_;
};

class Drop : public Step {
 public:
  explicit Drop(std::vector<std::string> columns) : columns_(std::move(columns)) {}
  std::string title() const override { return concat("drop ", listed(columns_)); }
  Table apply(StepRun&, const Table& table) const override {
    return table.without(columns_like(table, columns_));
  }
  void script(ScriptColumns&, const Table&) const override {}

 private:
  std::vector<std::string> columns_;
};

using Pairs = std::vector<std::pair<std::string, std::string>>;

/// A table of name = "text".
Pairs read_pairs(StepOptions& options, const char* example) {
  const Json& table = options.raw("columns");
  Pairs out;
  if (table.is_object()) {
    for (const auto& [name, value] : table.items()) {
      if (value.is_string()) out.emplace_back(name, value.get<std::string>());
    }
  }
  if (out.empty() || out.size() != table.size())
    fail(Code::config, "key 'columns' must be a table such as ", example);
  return out;
}

class Rename : public Step {
 public:
  explicit Rename(Pairs columns) : columns_(std::move(columns)) {}
  std::string title() const override {
    std::vector<std::string> parts;
    for (const auto& [to, from] : columns_) parts.push_back(concat(from, " to ", to));
    return concat("rename ", listed(parts));
  }
  Table apply(StepRun&, const Table& table) const override {
    std::vector<std::string> names = table.names();
    for (const auto& [to, from] : columns_) names[static_cast<size_t>(table.index_of(from))] = to;
    for (const auto& [to, from] : columns_) {
      if (std::count(names.begin(), names.end(), to) > 1)
        fail(Code::data, "two columns would be called '", to, "'");
    }
    return Table(check(table.arrow()->RenameColumns(names)));
  }
  void update_categories(CategoryCounts& counts) const override {
    CategoryCounts renamed;
    for (const auto& [to, from] : columns_) {
      if (auto moved = counts.extract(from)) renamed[to] = moved.mapped();
    }
    counts.merge(renamed);
  }
  void script(ScriptColumns& columns, const Table&) const override {
    columns.rename(columns_);
  }

 private:
  Pairs columns_;
};

class Cast : public Step {
 public:
  explicit Cast(Pairs columns) : columns_(std::move(columns)) {}
  std::string title() const override {
    std::vector<std::string> parts;
    for (const auto& [name, type] : columns_) parts.push_back(concat(name, " to ", type));
    return concat("cast ", listed(parts));
  }
  Table apply(StepRun&, const Table& table) const override {
    Table out = table;
    for (const auto& [name, type] : columns_) out = cast_column(out, name, parse_column_type(type));
    return out;
  }
  void update_categories(CategoryCounts& counts) const override {
    for (const auto& [name, type] : columns_) {
      const ColumnType to = parse_column_type(type);
      if (to != ColumnType::integer && to != ColumnType::real) counts.erase(name);
    }
  }

  /// What cannot be cast is refused elsewhere, and is missing here.
  void script(ScriptColumns& columns, const Table&) const override {
    for (const auto& [name, type] : columns_)
      script_column(columns, name, [&] { script_cast(columns, name, parse_column_type(type)); });
  }

 private:
  static void script_cast(ScriptColumns& columns, const std::string& name, ColumnType to) {
    const ScriptValue from = columns.at(name);
    if (from.type == to) return;
    if (from.type == ColumnType::text || to == ColumnType::text)
      fail(Code::unavailable, "a cast from ", column_type_name(from.type), " to ", column_type_name(to), " has no TorchScript form");
    const std::string& x = from.code;
    columns.set(name, to,
                to == ColumnType::integer     ? concat(x, ".masked_fill(torch.trunc(", x, ") != ", x, ", float('nan'))")
                : to == ColumnType::boolean   ? concat("torch.where(torch.isnan(", x, "), ", x, ", (", x, " != 0.0).to(7))")
                : to == ColumnType::timestamp ? concat("torch.round(", x, " * 1000000.0) / 1000000.0")
                                              : concat(x, " + 0.0"));
  }

  static Table cast_column(const Table& table, const std::string& name, ColumnType type) {
    try {
      const auto array = convert(column_value(table, name), type).data.make_array();
      return Table(check(table.arrow()->SetColumn(table.index_of(name), arrow::field(name, array->type()),
                                                  std::make_shared<arrow::ChunkedArray>(array))));
    } catch (Error& error) {
      error.add_context(concat("column '", name, "'"));
      throw;
    }
  }
  Pairs columns_;
};

}  // namespace

StepPtr make_derive(StepOptions& options) {
  if (!options.has("name")) return std::make_unique<Derive>(options.expressions("columns"));
  return std::make_unique<Derive>(NamedExpressions{{options.text("name"), options.expression("as")}});
}

StepPtr make_select(StepOptions& options) { return std::make_unique<Select>(options.names("columns")); }
StepPtr make_drop(StepOptions& options) { return std::make_unique<Drop>(options.names("columns")); }

StepPtr make_rename(StepOptions& options) {
  return std::make_unique<Rename>(read_pairs(options, "{ speed = \"old_speed\" }"));
}

StepPtr make_cast(StepOptions& options) {
  Pairs columns = read_pairs(options, "{ speed = \"real\" }");
  for (const auto& [name, type] : columns) parse_column_type(type);
  return std::make_unique<Cast>(std::move(columns));
}

}  // namespace crisp
