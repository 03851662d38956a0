#include <algorithm>

#include "cuda/error.h"
#include "prepare/arrow_grouping.h"
#include "prepare/column_pattern.h"
#include "prepare/steps.h"

namespace crisp {
namespace {

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

 private:
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
