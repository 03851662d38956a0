#include <algorithm>
#include <charconv>
#include <cmath>
#include <map>
#include <set>

#include "cuda/error.h"
#include "kernels/segments/segment_statistics.h"
#include "prepare/aggregate_functions.h"
#include "prepare/arrow_function.h"
#include "prepare/steps.h"

namespace crisp {
namespace {

/// The rows of each group that is kept, one group after the other.
struct Segments {
  std::vector<int64_t> rows;
  std::vector<int64_t> offsets{0};
  std::vector<int64_t> firsts;
  int64_t groups() const { return static_cast<int64_t>(firsts.size()); }
};

/// The segment kernel's name of a numeric aggregate; nothing for the others.
std::optional<SegmentRequest> request_for(const AggregateCall& call) {
  switch (call.kind) {
    case Aggregate::sum:
      return SegmentRequest{SegmentStatistic::sum};
    case Aggregate::mean:
      return SegmentRequest{SegmentStatistic::mean};
    case Aggregate::deviation:
      return SegmentRequest{SegmentStatistic::deviation};
    case Aggregate::variance:
      return SegmentRequest{SegmentStatistic::variance};
    case Aggregate::low:
      return SegmentRequest{SegmentStatistic::low};
    case Aggregate::high:
      return SegmentRequest{SegmentStatistic::high};
    case Aggregate::median:
      return SegmentRequest{SegmentStatistic::percentile, 50.0};
    case Aggregate::percentile:
      return SegmentRequest{SegmentStatistic::percentile, call.parameter};
    case Aggregate::count_above:
      return SegmentRequest{SegmentStatistic::count_above, call.parameter};
    case Aggregate::count_below:
      return SegmentRequest{SegmentStatistic::count_below, call.parameter};
    default:
      return {};
  }
}

bool keeps_type(Aggregate kind) {
  return kind == Aggregate::sum || kind == Aggregate::low || kind == Aggregate::high;
}
bool counts(Aggregate kind) { return kind == Aggregate::count_above || kind == Aggregate::count_below; }

/// Computes the aggregate calls of one step over one table.
class Aggregation {
 public:
  Aggregation(Exec& exec, const Table& table, const Segments& segments)
      : on_(exec, table), segments_(segments) {}

  /// The values of each call, by its column name. Calls on one argument share its evaluation and its sorting.
  std::map<std::string, Value> compute(const std::vector<const AggregateCall*>& calls) {
    std::map<std::string, Value> out;
    std::map<std::string, std::vector<const AggregateCall*>> by_argument;
    for (const AggregateCall* call : calls) by_argument[call->argument_text].push_back(call);
    for (const auto& [text, list] : by_argument) {
      if (list[0]->argument == nullptr) {
        out.emplace(list[0]->column, from_integers(sizes()));
        continue;
      }
      const Value argument = spread(evaluate(on_, list[0]->expression, *list[0]->argument), on_.rows());
      compute_argument(argument, list, out);
    }
    return out;
  }

 private:
  void compute_argument(const Value& argument, const std::vector<const AggregateCall*>& calls,
                        std::map<std::string, Value>& out) {
    std::vector<const AggregateCall*> numeric;
    std::vector<SegmentRequest> requests;
    for (const AggregateCall* call : calls) {
      if (const auto request = request_for(*call)) {
        check_type(argument, *call);
        numeric.push_back(call);
        requests.push_back(*request);
      } else {
        out.emplace(call->column, other(argument, call->kind));
      }
    }
    if (numeric.empty()) return;
    const int64_t columns = static_cast<int64_t>(requests.size());
    std::vector<double> answers(static_cast<size_t>(segments_.groups() * columns));
    const std::vector<double> values = gathered(to_numbers(argument, on_.rows()));
    segment_statistics(on_.exec(), view(values), view(segments_.offsets), requests,
                       {answers.data(), segments_.groups(), columns, columns});
    for (int64_t k = 0; k < columns; ++k) {
      const AggregateCall& call = *numeric[static_cast<size_t>(k)];
      std::vector<double> column;
      for (int64_t g = 0; g < segments_.groups(); ++g)
        column.push_back(answers[static_cast<size_t>(g * columns + k)]);
      out.emplace(call.column, typed(from_numbers(column), call.kind, argument.type));
    }
  }

  template <class T>
  static ArrayView<const T> view(const std::vector<T>& values) {
    return {values.data(), static_cast<int64_t>(values.size())};
  }

  static void check_type(const Value& argument, const AggregateCall& call) {
    const bool extreme = call.kind == Aggregate::low || call.kind == Aggregate::high;
    const bool allowed = argument.numeric() || argument.type == ColumnType::boolean ||
                         (extreme && argument.type == ColumnType::timestamp);
    if (allowed) return;
    fail_at(call.expression, call.span,
            concat("this needs numbers, and its argument is ", column_type_name(argument.type)),
            "count, distinct, first and last take any type");
  }

  static Value typed(Value value, Aggregate kind, ColumnType argument) {
    if (counts(kind)) return convert(value, ColumnType::integer);
    if (!keeps_type(kind) || argument == ColumnType::real) return value;
    if (argument == ColumnType::timestamp) return timestamp_from_seconds(value);
    return convert(value, ColumnType::integer);
  }

  std::vector<double> gathered(const std::vector<double>& values) const {
    std::vector<double> out;
    out.reserve(segments_.rows.size());
    for (const int64_t row : segments_.rows) out.push_back(values[static_cast<size_t>(row)]);
    return out;
  }

  std::vector<int64_t> sizes() const {
    std::vector<int64_t> out;
    for (int64_t g = 0; g < segments_.groups(); ++g)
      out.push_back(segments_.offsets[g + 1] - segments_.offsets[g]);
    return out;
  }

  /// The aggregates that take any type.
  Value other(const Value& argument, Aggregate kind) const {
    const auto array = argument.data.make_array();
    if (kind == Aggregate::first || kind == Aggregate::last)
      return take_rows(argument, ends(*array, kind == Aggregate::last));
    if (kind == Aggregate::distinct) return from_integers(distinct(argument, *array));
    std::vector<int64_t> out = sizes();
    for (int64_t g = 0; g < segments_.groups(); ++g) {
      int64_t missing = 0;
      for (int64_t i = segments_.offsets[g]; i < segments_.offsets[g + 1]; ++i)
        missing += array->IsNull(segments_.rows[i]);
      out[static_cast<size_t>(g)] =
          kind == Aggregate::count ? out[static_cast<size_t>(g)] - missing : missing;
    }
    return from_integers(out);
  }

  std::vector<int64_t> ends(const arrow::Array& array, bool last) const {
    std::vector<int64_t> out;
    for (int64_t g = 0; g < segments_.groups(); ++g) {
      const int64_t size = segments_.offsets[g + 1] - segments_.offsets[g];
      int64_t found = -1;
      for (int64_t i = 0; i < size && found < 0; ++i) {
        const int64_t row =
            segments_.rows[last ? segments_.offsets[g + 1] - 1 - i : segments_.offsets[g] + i];
        if (!array.IsNull(row)) found = row;
      }
      out.push_back(found);
    }
    return out;
  }

  std::vector<int64_t> distinct(const Value& argument, const arrow::Array& array) const {
    const Grouping values = group_values({argument}, on_.rows());
    std::vector<int64_t> seen(static_cast<size_t>(values.groups()), -1), out;
    for (int64_t g = 0; g < segments_.groups(); ++g) {
      int64_t count = 0;
      for (int64_t i = segments_.offsets[g]; i < segments_.offsets[g + 1]; ++i) {
        const int64_t row = segments_.rows[i];
        int64_t& last = seen[static_cast<size_t>(values.code[static_cast<size_t>(row)])];
        if (!array.IsNull(row) && last != g) ++count, last = g;
      }
      out.push_back(count);
    }
    return out;
  }

  Evaluation on_;
  const Segments& segments_;
};

class AggregateStep : public Step {
 public:
  AggregateStep(std::vector<std::string> by, const NamedExpressions& outputs, int64_t min_rows)
      : by_(std::move(by)), min_rows_(min_rows) {
    std::vector<std::string> known = by_;
    for (const auto& [name, expression] : outputs) {
      if (std::find(known.begin(), known.end(), name) != known.end())
        fail(Code::config, "two outputs are called '", name, "'");
      known.push_back(name);
    }
    for (const auto& [name, expression] : outputs) {
      AggregateExpression split = split_aggregates(expression, known);
      outer_.emplace_back(name, std::move(split.outer));
      calls_.insert(calls_.end(), split.calls.begin(), split.calls.end());
    }
  }

  bool keeps_rows() const override { return false; }
  Reach reach() const override { return Reach::table; }
  std::string title() const override {
    return concat("aggregate ", by_.empty() ? "all rows" : "by " + listed(by_), " into ",
                  counted(static_cast<int64_t>(outer_.size()), "column"));
  }

  Table apply(StepRun& run, const Table& table) const override {
    const Segments segments = segment(run, table);
    std::vector<const AggregateCall*> calls;
    for (const AggregateCall& call : calls_) calls.push_back(&call);
    const std::map<std::string, Value> values = Aggregation(run.exec, table, segments).compute(calls);
    Table out = keys(table, segments, values);
    for (const size_t i : evaluation_order(outer_, out))
      out = outer_[i].second.derive(run.exec, out, outer_[i].first);
    std::vector<std::string> names = by_;
    for (const auto& [name, expression] : outer_) names.push_back(name);
    return out.select(names);
  }

 private:
  Segments segment(StepRun& run, const Table& table) const {
    const Grouping groups = group_rows(table, by_);
    Segments out;
    for (int64_t g = 0; g < groups.groups(); ++g) {
      if (groups.size(g) < min_rows_) continue;
      out.firsts.push_back(groups.first(g));
      out.rows.insert(out.rows.end(), groups.order.begin() + groups.offsets[g],
                      groups.order.begin() + groups.offsets[g + 1]);
      out.offsets.push_back(static_cast<int64_t>(out.rows.size()));
    }
    const int64_t dropped = groups.groups() - out.groups();
    if (dropped > 0) {
      run.notes.push_back(concat(counted(dropped, "group"), " under ", counted(min_rows_, "row"),
                                 " dropped, with ",
                                 counted(table.rows() - static_cast<int64_t>(out.rows.size()), "row")));
    }
    return out;
  }

  /// One row a group: its keys, and the aggregates as hidden columns.
  Table keys(const Table& table, const Segments& segments, const std::map<std::string, Value>& values) const {
    arrow::FieldVector fields;
    arrow::ChunkedArrayVector columns;
    const auto add = [&](const std::string& name, const Value& value) {
      columns.push_back(std::make_shared<arrow::ChunkedArray>(value.data.make_array()));
      fields.push_back(arrow::field(name, columns.back()->type()));
    };
    for (const std::string& name : by_) add(name, take_rows(column_value(table, name), segments.firsts));
    for (const auto& [name, value] : values) add(name, value);
    return Table(arrow::Table::Make(arrow::schema(fields), columns, segments.groups()));
  }

  std::vector<std::string> by_;
  int64_t min_rows_;
  NamedExpressions outer_;
  std::vector<AggregateCall> calls_;
};

std::string quoted(const std::string& name) {
  std::string out = "`";
  for (const char c : name) out += c == '`' ? "``" : std::string(1, c);
  return out + "`";
}

/// "p10" -> percentile(x, 10), "mean" -> mean(x).
std::string statistic_call(const std::string& take, const std::string& column) {
  static const std::vector<std::string> kNames = {"mean", "std",    "min",   "max",           "sum",
                                                  "var",  "median", "count", "count_missing", "distinct"};
  if (std::find(kNames.begin(), kNames.end(), take) != kNames.end())
    return concat(take, "(", quoted(column), ")");
  double percent = -1;
  const auto [stop, error] = std::from_chars(take.data() + 1, take.data() + take.size(), percent);
  if (take[0] != 'p' || error != std::errc() || stop != take.data() + take.size() ||
      !(percent >= 0 && percent <= 100)) {
    throw Error(Code::config, concat("unknown statistic '", take, "'"),
                concat("the statistics are ", listed(kNames, 20), ", p0 ... p100"));
  }
  return concat("percentile(", quoted(column), ", ", percent, ")");
}

/// statistics = [{ of = "speed", as = "speed", take = ["mean", "p10"] }]
void add_statistics(const Json& list, NamedExpressions& out) {
  if (!list.is_array()) fail(Code::config, "key 'statistics' must be a list of { of = ..., take = [...] }");
  for (const Json& item : list) {
    if (!item.is_object())
      fail(Code::config, "key 'statistics' must be a list of { of = ..., take = [...] }");
    Json keys = item;
    keys["step"] = "statistics";
    StepOptions options(keys);
    const std::string of = options.text("of"), as = options.text("as", of);
    for (const std::string& take : options.names("take")) {
      if (take.empty()) fail(Code::config, "key 'take' holds an empty name");
      out.emplace_back(concat(as, "_", take), Expression::parse(statistic_call(take, of)));
    }
    options.finish();
  }
}

}  // namespace

StepPtr make_aggregate(StepOptions& options) {
  std::vector<std::string> by = options.names_or_none("by");
  NamedExpressions outputs;
  if (options.has("columns")) outputs = options.expressions("columns");
  if (options.has("statistics")) add_statistics(options.raw("statistics"), outputs);
  const int64_t min_rows = options.integer("min_rows", 1, int64_t{1} << 40, 1);
  options.finish();
  if (outputs.empty()) fail(Code::config, "nothing to compute: give columns or statistics");
  return std::make_unique<AggregateStep>(std::move(by), outputs, min_rows);
}

}  // namespace crisp
