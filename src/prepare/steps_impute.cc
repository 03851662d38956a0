#include <algorithm>
#include <cmath>

#include "cuda/error.h"
#include "kernels/segments/segment_statistics.h"
#include "prepare/arrow_grouping.h"
#include "prepare/categories.h"
#include "prepare/column_pattern.h"
#include "prepare/fitted_state.h"
#include "prepare/script_columns.h"
#include "prepare/steps.h"

namespace crisp {
namespace {

constexpr const char* kMicroseconds = "microseconds";

/// What fills one column: a number, text, true or false, or {"microseconds": n} for a timestamp.
struct Filling {
  std::string column;
  Json value;
  bool indicator = false;  // NAME_missing says which cells were filled

  std::string indicator_name() const { return column + "_missing"; }
};

/// The column with `value`, which is of its type, where it is missing.
Table with_filled(const Table& table, const std::string& name, const Value& value) {
  const auto filled = arrow_call("coalesce", {column_value(table, name).data, value.data}).make_array();
  return Table(check(table.arrow()->SetColumn(table.index_of(name), arrow::field(name, filled->type()),
                                              std::make_shared<arrow::ChunkedArray>(filled))));
}

Value constant_of(const Json& saved, ColumnType type) {
  if (type == ColumnType::timestamp) return make_timestamp(saved[kMicroseconds].get<int64_t>());
  return type == ColumnType::boolean ? make_constant(saved.get<bool>()) : make_constant(saved.get<std::string>());
}

Table with_filled_numbers(const Table& table, const Filling& filling) {
  const double value = filling.value.get<double>();
  const bool whole = value == std::floor(value) && std::abs(value) < 0x1p53;
  if (table.type(filling.column) == ColumnType::integer && whole)
    return with_filled(table, filling.column, make_constant(static_cast<int64_t>(value)));
  std::vector<double> numbers = table.numbers(filling.column);
  std::replace_if(
      numbers.begin(), numbers.end(), [](double v) { return std::isnan(v); }, value);
  return table.with_numbers(filling.column, numbers);
}

ColumnType filling_type(const Json& value) {
  if (value.is_string()) return ColumnType::text;
  if (value.is_boolean()) return ColumnType::boolean;
  return value.is_object() ? ColumnType::timestamp : ColumnType::real;
}

class Fillings : public FittedPart {
 public:
  explicit Fillings(std::vector<Filling> fillings) : fillings_(std::move(fillings)) {}

  Table apply(StepRun& run, const Table& table) const override {
    Table out = table;
    int64_t cells = 0;
    for (const Filling& filling : fillings_) {
      const std::vector<uint8_t> missing = table.missing(filling.column);
      const int64_t count = std::count(missing.begin(), missing.end(), uint8_t{1});
      cells += count;
      if (count > 0) out = filled(out, filling, count == table.rows());
      if (filling.indicator) out = with_indicator(out, filling, missing);
    }
    if (cells > 0) run.notes.push_back(counted(cells, "missing value") + " filled");
    return out;
  }

  Json save() const override {
    Json columns = Json::array(), values = Json::array(), indicators = Json::array();
    for (const Filling& filling : fillings_) {
      columns.push_back(filling.column);
      values.push_back(filling.value);
      indicators.push_back(filling.indicator);
    }
    return {{"columns", columns}, {"values", values}, {"indicators", indicators}};
  }

  /// A code stays one where a code is filled in.
  void update_categories(CategoryCounts& counts) const override {
    for (const Filling& filling : fillings_) {
      if (filling.indicator) counts.erase(filling.indicator_name());
      const auto found = counts.find(filling.column);
      if (found == counts.end()) continue;
      const double value = filling.value.is_number() ? filling.value.get<double>() : -1.0;
      if (value != std::floor(value) || value < 0.0 || value >= static_cast<double>(found->second)) counts.erase(found);
    }
  }

  void script(ScriptColumns& columns, const Table&) const override {
    for (const Filling& filling : fillings_) {
      ScriptValue value = columns.at(filling.column);
      const std::string missing = columns.script().let(concat("torch.isnan(", value.code, ")"));
      value.code = columns.script().let(concat(value.code, ".masked_fill(", missing, ", ", script_number(script_filling(filling, value)), ")"));
      columns.set(filling.column, value);
      if (filling.indicator) columns.set(filling.indicator_name(), ColumnType::integer, concat(missing, ".to(7)"));
    }
  }

 private:
  static double script_filling(const Filling& filling, const ScriptValue& column) {
    const ColumnType wanted = filling_type(filling.value);
    if ((wanted == ColumnType::text) != (column.type == ColumnType::text))
      fail(Code::data, "column '", filling.column, "' is ", column_type_name(column.type), ", and is filled with ", column_type_name(wanted));
    if (wanted == ColumnType::text) return static_cast<double>(column.words->code(filling.value.get<std::string>()));
    if (wanted == ColumnType::timestamp) return static_cast<double>(filling.value[kMicroseconds].get<int64_t>()) / 1e6;
    return wanted == ColumnType::boolean ? static_cast<double>(filling.value.get<bool>()) : filling.value.get<double>();
  }

  static Table filled(const Table& table, const Filling& filling, bool all) {
    const ColumnType wanted = filling_type(filling.value);
    const ColumnType now = table.type(filling.column);
    const bool numbers = wanted == ColumnType::real && now != ColumnType::text && now != ColumnType::timestamp;
    if (numbers) return with_filled_numbers(table, filling);
    if (wanted == now) return with_filled(table, filling.column, constant_of(filling.value, wanted));
    // A column without a single value has whatever type the reader gave it.
    if (all) return filled_anew(table, filling, wanted);
    fail(Code::data, "column '", filling.column, "' is ", column_type_name(now), ", and was ",
         wanted == ColumnType::real ? "numbers" : column_type_name(wanted), " among the training rows");
  }

  static Table filled_anew(const Table& table, const Filling& filling, ColumnType wanted) {
    const auto rows = static_cast<size_t>(table.rows());
    if (wanted == ColumnType::real) return table.with_numbers(filling.column, std::vector<double>(rows, filling.value.get<double>()));
    if (wanted == ColumnType::text) return table.with_texts(filling.column, std::vector<std::string>(rows, filling.value.get<std::string>()));
    if (wanted == ColumnType::boolean) return table.with_booleans(filling.column, std::vector<uint8_t>(rows, filling.value.get<bool>()));
    return table.with_timestamps(filling.column, std::vector<int64_t>(rows, filling.value[kMicroseconds].get<int64_t>()));
  }

  static Table with_indicator(const Table& table, const Filling& filling, const std::vector<uint8_t>& missing) {
    if (table.has(filling.indicator_name()))
      throw Error(Code::data, concat("the table has a column '", filling.indicator_name(), "' already"),
                  "rename or drop it before this step");
    return table.with_integers(filling.indicator_name(), {missing.begin(), missing.end()});
  }

  std::vector<Filling> fillings_;
};

/// The most frequent value, and of several the first in order.
Json mode_of(const Table& train, const std::string& name) {
  const ColumnType type = train.type(name);
  const DistinctValues values = distinct_values(train, name, type);
  CRISP_ASSERT(!values.keys.empty());
  const auto before = [&](size_t a, size_t b) {
    if (values.counts[a] != values.counts[b]) return values.counts[a] > values.counts[b];
    return values.numbers.empty() ? values.keys[a] < values.keys[b] : values.numbers[a] < values.numbers[b];
  };
  size_t best = 0;
  for (size_t i = 1; i < values.keys.size(); ++i) best = before(i, best) ? i : best;
  if (type == ColumnType::text) return values.keys[best];
  if (type == ColumnType::boolean) return values.numbers[best] != 0.0;
  if (type == ColumnType::timestamp) return {{kMicroseconds, static_cast<int64_t>(std::llround(values.numbers[best] * 1e6))}};
  return values.numbers[best];
}

class Impute : public Step {
 public:
  Impute(std::vector<std::string> columns, std::string method, Json value, bool indicator)
      : columns_(std::move(columns)), method_(std::move(method)), value_(std::move(value)), indicator_(indicator) {}
  std::string title() const override { return concat("impute ", listed(columns_), " by ", method_); }
  bool fitted() const override { return true; }

  std::unique_ptr<FittedPart> fit(Exec& exec, const Table& train) const override {
    std::vector<Filling> fillings;
    for (const std::string& name : columns_like(train, columns_)) {
      const std::vector<uint8_t> missing = train.missing(name);
      const int64_t count = std::count(missing.begin(), missing.end(), uint8_t{1});
      if (method_ != "constant" && count == train.rows())
        fail(Code::data, "column '", name, "' is blank in all ", counted(train.rows(), "training row"));
      fillings.push_back({name, value_for(exec, train, name), indicator_ && count > 0});
    }
    return std::make_unique<Fillings>(std::move(fillings));
  }

  std::unique_ptr<FittedPart> load(const Json& state) const override {
    const std::vector<std::string> columns = state_names(state_field(state, "columns"));
    const Json& values = state_field(state, "values");
    const Json& indicators = state_field(state, "indicators");
    for (const Json* list : {&values, &indicators}) {
      if (!list->is_array() || list->size() != columns.size()) fail(Code::data, "the fitted state has not one value a column");
    }
    std::vector<Filling> fillings;
    for (size_t i = 0; i < columns.size(); ++i) {
      if (values[i].is_object()) {
        state_integer(state_field(values[i], kMicroseconds));
      } else if (!values[i].is_string() && !values[i].is_boolean()) {
        state_number(values[i]);
      }
      fillings.push_back({columns[i], values[i], state_flag(indicators[i])});
    }
    return std::make_unique<Fillings>(std::move(fillings));
  }

 private:
  Json value_for(Exec& exec, const Table& train, const std::string& name) const {
    const ColumnType type = train.type(name);
    if (method_ == "mode") return mode_of(train, name);
    if (method_ == "constant") return constant_for(name, type);
    if (type == ColumnType::text)
      throw Error(Code::data, concat("column '", name, "' is text, which has no ", method_), "method = \"mode\", or \"constant\"");
    const double answer = center(exec, train, name);
    if (type == ColumnType::timestamp) return {{kMicroseconds, static_cast<int64_t>(std::llround(answer * 1e6))}};
    return answer;
  }

  /// The value as the column's type; text is read as a timestamp where one is needed.
  Json constant_for(const std::string& name, ColumnType type) const {
    const bool numbers = type == ColumnType::integer || type == ColumnType::real;
    if ((numbers || type == ColumnType::boolean) && value_.is_number()) return value_;
    if (type == ColumnType::boolean && value_.is_boolean()) return value_;
    if (type == ColumnType::text && value_.is_string()) return value_;
    if (type == ColumnType::timestamp && value_.is_string()) {
      if (const auto time = parse_timestamp(value_.get<std::string>())) return {{kMicroseconds, *time}};
    }
    fail(Code::data, "column '", name, "' is ", column_type_name(type), ", and value = ", value_.dump().substr(0, 60), " is not");
  }

  double center(Exec& exec, const Table& train, const std::string& name) const {
    const std::vector<double> numbers = train.numbers(name);
    const int64_t offsets[] = {0, static_cast<int64_t>(numbers.size())};
    const SegmentRequest request[] = {method_ == "mean" ? SegmentRequest{SegmentStatistic::mean}
                                                        : SegmentRequest{SegmentStatistic::percentile, 50.0}};
    double answer = 0.0;
    segment_statistics(exec, {numbers.data(), offsets[1]}, {offsets, 2}, request, {&answer, 1, 1, 1});
    if (!std::isfinite(answer)) fail(Code::data, "column '", name, "': the ", method_, " of the training rows is not a finite number");
    return answer;
  }

  std::vector<std::string> columns_;
  std::string method_;
  Json value_;
  bool indicator_;
};

Json read_constant(StepOptions& options) {
  const Json& value = options.raw("value");
  if (value.is_number()) options.number("value", -1e300, 1e300);  // refuses what is not finite
  if (!value.is_number() && !value.is_string() && !value.is_boolean()) fail(Code::config, "key 'value' must be a number, a text, true or false");
  return value;
}

}  // namespace

StepPtr make_impute(StepOptions& options) {
  std::vector<std::string> columns = options.names("columns");
  std::string method = options.choice("method", {"median", "mean", "mode", "constant"}, "median");
  Json value = method == "constant" ? read_constant(options) : Json();
  const bool indicator = options.flag("indicator", false);
  return std::make_unique<Impute>(std::move(columns), std::move(method), std::move(value), indicator);
}

}  // namespace crisp
