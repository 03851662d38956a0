#include <algorithm>
#include <array>
#include <numbers>

#include "cuda/error.h"
#include "prepare/arrow_grouping.h"
#include "prepare/column_pattern.h"
#include "prepare/script_expression.h"
#include "prepare/steps.h"

namespace crisp {
namespace {

/// A part of a date is a function of the expression language. Periodic parts begin at `first` and repeat after `period`.
struct DatePart {
  const char* name;
  int first, period;
};
constexpr std::array<DatePart, 7> kParts = {{{"year", 0, 0},
                                             {"month", 1, 12},
                                             {"day", 1, 31},
                                             {"weekday", 1, 7},
                                             {"hour", 0, 24},
                                             {"minute", 0, 60},
                                             {"day_of_year", 1, 366}}};

const DatePart& part_named(const std::string& name) {
  return *std::find_if(kParts.begin(), kParts.end(), [&](const DatePart& part) { return name == part.name; });
}

class DateParts : public Step {
 public:
  DateParts(std::vector<std::string> columns, std::vector<std::string> parts, bool cyclic)
      : columns_(std::move(columns)), parts_(std::move(parts)), cyclic_(cyclic) {}

  std::string title() const override { return concat("date parts ", listed(parts_, 7), " of ", listed(columns_)); }

  Table apply(StepRun& run, const Table& table) const override {
    Table out = table;
    for (const std::string& name : columns_like(table, columns_)) {
      const Table alone = as_time(table, name);
      for (const std::string& part : parts_) add(run, alone, name, part_named(part), out);
    }
    return out;
  }

  void script(ScriptColumns& columns, const Table& table) const override {
    for (const std::string& name : columns_like(table, columns_)) {
      ScriptColumns alone(columns.script(), {});
      alone.set("t", columns.at(name));
      for (const std::string& part : parts_) {
        for (const NewColumn& column : new_columns(name, part_named(part)))
          columns.set(column.name, script_expression(alone, Expression::parse(column.expression)));
      }
    }
  }

 private:
  /// The column as timestamps, alone and under a plain name, because any name may stand in the table.
  static Table as_time(const Table& table, const std::string& name) {
    try {
      const auto times = convert(column_value(table, name), ColumnType::timestamp).data.make_array();
      return Table(arrow::Table::Make(arrow::schema({arrow::field("t", times->type())}), {times}));
    } catch (Error& error) {
      error.add_context(concat("column '", name, "'"));
      throw;
    }
  }

  struct NewColumn {
    std::string name, expression;  ///< of the timestamp t
  };

  /// The columns that a part of column `name` becomes.
  std::vector<NewColumn> new_columns(const std::string& name, const DatePart& part) const {
    const std::string value = concat(part.name, "(timestamp(t))");
    if (!cyclic_ || part.period == 0) return {{concat(name, "_", part.name), value}};
    const double turn = 2.0 * std::numbers::pi / part.period;
    std::vector<NewColumn> waves;
    for (const char* wave : {"sin", "cos"}) {
      waves.push_back({concat(name, "_", part.name, "_", wave), concat(wave, "(", turn, " * (", value, " - ", part.first, "))")});
    }
    return waves;
  }

  void add(StepRun& run, const Table& alone, const std::string& name, const DatePart& part, Table& out) const {
    for (const NewColumn& column : new_columns(name, part)) {
      if (out.has(column.name)) {
        throw Error(Code::data, concat("the table has a column '", column.name, "' already"), "rename or drop it before this step");
      }
      try {
        const Table derived = Expression::parse(column.expression).derive(run.exec, alone, column.name);
        const auto& inside = derived.arrow();
        const int at = derived.index_of(column.name);
        out = Table(check(out.arrow()->AddColumn(out.columns(), inside->field(at), inside->column(at))));
      } catch (Error& error) {
        error.add_context(concat("column '", name, "'"));
        throw;
      }
    }
  }

  std::vector<std::string> columns_, parts_;
  bool cyclic_;
};

}  // namespace

StepPtr make_date_parts(StepOptions& options) {
  std::vector<std::string> columns = options.names("columns");
  std::vector<std::string> known;
  for (const DatePart& part : kParts) known.emplace_back(part.name);
  std::vector<std::string> parts = options.names("parts");
  for (const std::string& part : parts) {
    if (std::find(known.begin(), known.end(), part) == known.end())
      throw Error(Code::config, concat("key 'parts': '", part, "' is not one of ", listed(known, 20)), did_you_mean(part, known));
  }
  const bool cyclic = options.flag("cyclic", false);
  return std::make_unique<DateParts>(std::move(columns), std::move(parts), cyclic);
}

}  // namespace crisp
