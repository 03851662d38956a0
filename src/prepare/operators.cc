#include <algorithm>
#include <cmath>
#include <map>

#include "prepare/arrow_function.h"

namespace crisp {
namespace {

const std::map<std::string, std::string>& comparisons() {
  static const std::map<std::string, std::string> names = {{"==", "equal"},  {"!=", "not_equal"},
                                                           {"<", "less"},    {"<=", "less_equal"},
                                                           {">", "greater"}, {">=", "greater_equal"}};
  return names;
}

class Operator {
 public:
  Operator(Evaluation& on, const std::string& text, const Node& node, std::vector<Value> arguments)
      : on_(on), text_(text), node_(node), arguments_(std::move(arguments)) {}

  Value call() {
    const std::string& name = node_.name;
    if (comparisons().contains(name)) return compare(name, arguments_[0], arguments_[1]);
    if (name == "and" || name == "or") return logic(name == "and" ? "and_kleene" : "or_kleene");
    if (name == "not") return invert();
    if (name == "is missing") return make_value(arrow_call("is_null", {arguments_[0].data}));
    if (name == "is not missing") return make_value(arrow_call("is_valid", {arguments_[0].data}));
    if (name == "in") return membership();
    if (name == "between") return between();
    if (name == "unary -") return negate();
    return arithmetic(name);
  }

 private:
  [[noreturn]] void refuse(const Value& a, const Value& b) {
    std::string advice;
    if (a.type == ColumnType::boolean || b.type == ColumnType::boolean)
      advice = "if_else(flag, 1, 0) makes a number of a flag";
    if (a.type == ColumnType::text || b.type == ColumnType::text)
      advice = "number(x), text(x) and timestamp(x) convert";
    fail_at(text_, node_.span,
            concat("'", node_.name, "' does not take ", column_type_name(a.type), " and ",
                   column_type_name(b.type)),
            advice);
  }

  Value compare(const std::string& name, Value a, Value b) {
    if (!unify(a, b)) refuse(a, b);
    return make_value(arrow_call(comparisons().at(name), {a.data, b.data}));
  }

  Value flag(Value value) {
    if (value.untyped) return make_missing(ColumnType::boolean);
    if (value.type != ColumnType::boolean) {
      fail_at(text_, node_.span,
              concat("'", node_.name, "' needs true or false, and got ", column_type_name(value.type)),
              "compare it with something, as in x > 0");
    }
    return value;
  }

  Value logic(const char* function) {
    return make_value(arrow_call(function, {flag(arguments_[0]).data, flag(arguments_[1]).data}));
  }

  Value invert() { return make_value(arrow_call("invert", {flag(arguments_[0]).data})); }

  Value between() {
    const Value low = compare(">=", arguments_[0], arguments_[1]);
    const Value high = compare("<=", arguments_[0], arguments_[2]);
    return make_value(arrow_call("and_kleene", {low.data, high.data}));
  }

  /// One comparison an entry: lists in expressions are short.
  Value membership() {
    arrow::Datum found = compare("==", arguments_[0], arguments_[1]).data;
    for (size_t i = 2; i < arguments_.size(); ++i) {
      found = arrow_call("or_kleene", {found, compare("==", arguments_[0], arguments_[i]).data});
    }
    return make_value(found);
  }

  Value negate() {
    Value& value = arguments_[0];
    if (value.untyped) return value;
    if (!value.numeric()) refuse(value, value);
    return make_value(arrow_call("negate", {value.data}));
  }

  Value arithmetic(const std::string& name) {
    Value a = arguments_[0], b = arguments_[1];
    if (a.type == ColumnType::timestamp || b.type == ColumnType::timestamp) return with_time(name, a, b);
    if (a.untyped && b.untyped) return a;
    if (name == "+" && a.type == ColumnType::text && b.type == ColumnType::text) return join(a, b);
    if (!unify(a, b) || !a.numeric()) refuse(arguments_[0], arguments_[1]);
    if (name == "%") return remainder(a, b);
    if (name == "/" || name == "^") return real(name == "/" ? "divide" : "power", a, b);
    return plain(name, a, b);
  }

  Value plain(const std::string& name, const Value& a, const Value& b) {
    const std::string function = name == "+" ? "add" : name == "-" ? "subtract" : "multiply";
    if (a.type == ColumnType::real) return only_finite(make_value(arrow_call(function, {a.data, b.data})));
    auto result = arrow::compute::CallFunction(function + "_checked", {a.data, b.data});
    if (!result.ok()) {
      fail_at(text_, node_.span, "the result does not fit a 64-bit integer",
              "multiply one side by 1.0 to compute in reals");
    }
    return make_value(*result);
  }

  Value real(const char* function, const Value& a, const Value& b) {
    const Value x = convert(a, ColumnType::real), y = convert(b, ColumnType::real);
    return only_finite(make_value(arrow_call(function, {x.data, y.data})));
  }

  Value join(const Value& a, const Value& b) {
    return make_value(
        arrow_call("binary_join_element_wise", {a.data, b.data, make_constant(std::string()).data}));
  }

  /// The sign of the divisor, as in Python: -1 % 24 is 23.
  Value remainder(const Value& a, const Value& b) {
    Call call{on_, {a, b}};
    std::vector<double> x = call.numbers(0);
    const std::vector<double> y = call.numbers(1);
    for (size_t i = 0; i < x.size(); ++i) {
      const double rest = std::fmod(x[i], y[i]);
      x[i] = rest != 0 && (rest < 0) != (y[i] < 0) ? rest + y[i] : rest;
    }
    const Value result = call.result(x);
    return a.type == ColumnType::integer ? convert(result, ColumnType::integer) : result;
  }

  /// timestamp - timestamp is seconds; timestamp +- seconds is a timestamp.
  Value with_time(const std::string& name, Value a, Value b) {
    const bool swap = name == "+" && b.type == ColumnType::timestamp && a.type != ColumnType::timestamp;
    if (swap) std::swap(a, b);
    if (name == "-" && (b.type == ColumnType::timestamp || b.type == ColumnType::text) && unify(a, b)) {
      return seconds_between(a, b);
    }
    if ((name != "+" && name != "-") || (!b.numeric() && !b.untyped)) refuse(arguments_[0], arguments_[1]);
    const auto whole = check(arrow::compute::Cast(timestamp_from_seconds(b).data, arrow::int64()));
    const auto ticks = check(arrow::compute::Cast(a.data, arrow::int64()));
    const auto sum = arrow_call(name == "+" ? "add_checked" : "subtract_checked", {ticks, whole});
    return make_value(check(arrow::compute::Cast(sum, arrow_type(ColumnType::timestamp))));
  }

  /// In whole microseconds first: seconds since 1970 as doubles would lose some of them.
  Value seconds_between(const Value& a, const Value& b) {
    const auto ticks_a = check(arrow::compute::Cast(a.data, arrow::int64()));
    const auto ticks_b = check(arrow::compute::Cast(b.data, arrow::int64()));
    const Value ticks = make_value(arrow_call("subtract_checked", {ticks_a, ticks_b}));
    return real("divide", ticks, make_constant(1e6));
  }

  Evaluation& on_;
  const std::string& text_;
  const Node& node_;
  std::vector<Value> arguments_;
};

}  // namespace

bool is_operator(const std::string& name) {
  static const std::vector<std::string> names = {
      "+", "-",  "*",   "/",  "%",   "^",       "==", "!=",      "<",          "<=",
      ">", ">=", "and", "or", "not", "unary -", "in", "between", "is missing", "is not missing"};
  return std::find(names.begin(), names.end(), name) != names.end();
}

Value call_operator(Evaluation& on, const std::string& expression, const Node& node,
                    std::vector<Value> arguments) {
  return Operator(on, expression, node, std::move(arguments)).call();
}

}  // namespace crisp
