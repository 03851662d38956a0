#include <algorithm>
#include <cmath>

#include "cuda/error.h"
#include "prepare/script_columns.h"
#include "prepare/steps.h"

namespace crisp {
namespace {

/// The values that a column may have; missing ones pass.
struct Range {
  std::string column;
  std::string what;  ///< "latitude"
  double low, high;
};

class Check : public Step {
 public:
  Check(std::vector<Range> ranges, std::vector<std::string> not_blank, bool drop)
      : ranges_(std::move(ranges)), not_blank_(std::move(not_blank)), drop_(drop) {}

  bool keeps_rows() const override { return !drop_; }
  /// What it refuses is counted by rows of the whole table.
  bool in_pieces() const override { return drop_ && not_blank_.empty(); }
  std::string title() const override {
    std::vector<std::string> columns;
    for (const Range& range : ranges_) columns.push_back(range.column);
    columns.insert(columns.end(), not_blank_.begin(), not_blank_.end());
    return concat("check ", listed(columns));
  }

  Table apply(StepRun& run, const Table& table) const override {
    for (const std::string& name : not_blank_) refuse_blank(table, name);
    std::vector<uint8_t> keep(static_cast<size_t>(table.rows()), 1);
    for (const Range& range : ranges_) {
      const std::vector<double> numbers = table.numbers(range.column);
      int64_t bad = 0;
      for (size_t row = 0; row < numbers.size(); ++row) {
        if (std::isnan(numbers[row]) || (numbers[row] >= range.low && numbers[row] <= range.high)) continue;
        if (!drop_) refuse(range, row, numbers[row]);
        keep[row] = 0;
        ++bad;
      }
      if (bad > 0) {
        run.notes.push_back(concat(counted(bad, "row"), " with ", range.what, " outside ", range.low, " to ",
                                   range.high, " dropped"));
      }
    }
    return keep_rows(table, keep);
  }

  /// A row that would be refused is not answered.
  void script(ScriptColumns& columns, const Table&) const override {
    for (const Range& range : ranges_) {
      const std::string& x = columns.at(range.column).code;
      columns.require_rows(columns.script().let(concat("torch.isnan(", x, ") | ((", x, " >= ", script_number(range.low), ") & (", x,
                                                       " <= ", script_number(range.high), "))")));
    }
  }

 private:
  static void refuse_blank(const Table& table, const std::string& name) {
    const std::vector<uint8_t> missing = table.missing(name);
    if (missing.empty() || std::find(missing.begin(), missing.end(), 0) != missing.end()) return;
    fail(Code::data, "column '", name, "' is blank in all ", counted(table.rows(), "row"));
  }

  [[noreturn]] static void refuse(const Range& range, size_t row, double value) {
    throw Error(Code::data,
                concat("row ", row + 1, ", column '", range.column, "': ", range.what, " ", value,
                       " is outside ", range.low, " to ", range.high),
                "correct the value, or drop such rows with policy = \"drop\"");
  }

  std::vector<Range> ranges_;
  std::vector<std::string> not_blank_;
  bool drop_;
};

void add_ranges(StepOptions& options, const std::string& key, double bound, std::vector<Range>& out) {
  for (const std::string& column : options.names_or_none(key)) out.push_back({column, key, -bound, bound});
}

/// range = { speed = [0, 200] }
void read_ranges(const Json& table, std::vector<Range>& out) {
  if (!table.is_object()) fail(Code::config, "key 'range' must be a table of column = [low, high]");
  for (const auto& [column, bounds] : table.items()) {
    const bool pair =
        bounds.is_array() && bounds.size() == 2 && bounds[0].is_number() && bounds[1].is_number();
    if (!pair || !(bounds[0].get<double>() <= bounds[1].get<double>())) {
      fail(Code::config, "key 'range.", column, "' must be [low, high]");
    }
    out.push_back({column, "value", bounds[0].get<double>(), bounds[1].get<double>()});
  }
}

}  // namespace

StepPtr make_check(StepOptions& options) {
  std::vector<Range> ranges;
  add_ranges(options, "latitude", 90, ranges);
  add_ranges(options, "longitude", 180, ranges);
  if (options.has("range")) read_ranges(options.raw("range"), ranges);
  std::vector<std::string> not_blank = options.names_or_none("not_blank");
  const bool drop = options.choice("policy", {"error", "drop"}, "error") == "drop";
  options.finish();
  if (ranges.empty() && not_blank.empty())
    fail(Code::config, "nothing to check: give latitude, longitude, range or not_blank");
  return std::make_unique<Check>(std::move(ranges), std::move(not_blank), drop);
}

}  // namespace crisp
