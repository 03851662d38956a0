#include <algorithm>

#include "prepare/arrow_function.h"

namespace crisp {
namespace {

const char* wanted(Want want) {
  switch (want) {
    case Want::any:
      return "a value";
    case Want::number:
    case Want::real:
      return "a number";
    case Want::text:
      return "text";
    case Want::boolean:
      return "true or false";
    case Want::timestamp:
      return "a timestamp";
    case Want::count:
      return "a constant integer of 0 or more";
    case Want::constant:
      return "a constant text";
  }
  return "";
}

bool fits(Want want, const Value& value) {
  switch (want) {
    case Want::any:
      return true;
    case Want::number:
    case Want::real:
      return value.numeric();
    case Want::text:
      return value.type == ColumnType::text;
    case Want::boolean:
      return value.type == ColumnType::boolean;
    case Want::timestamp:
      return value.type == ColumnType::timestamp;
    case Want::count:
      return value.constant() && value.type == ColumnType::integer && value.data.scalar()->is_valid &&
             constant_number(value) >= 0;
    case Want::constant:
      return value.constant() && value.type == ColumnType::text && value.data.scalar()->is_valid;
  }
  return false;
}

ColumnType type_for_null(Want want) {
  switch (want) {
    case Want::text:
      return ColumnType::text;
    case Want::boolean:
      return ColumnType::boolean;
    case Want::timestamp:
      return ColumnType::timestamp;
    default:
      return ColumnType::real;
  }
}

/// A constant text where a timestamp is wanted is read as one: `t > '2020-12-06'`.
bool read_as_timestamp(Value& value) {
  if (!value.constant() || value.type != ColumnType::text || !value.data.scalar()->is_valid) return false;
  const auto time = parse_timestamp(constant_text(value));
  if (time) value = make_timestamp(*time);
  return time.has_value();
}

class Evaluator {
 public:
  Evaluator(Evaluation& on, const std::string& expression) : on_(on), text_(expression) {}

  Value visit(const Node& node) {
    switch (node.kind) {
      case Node::Kind::literal:
        return literal(node);
      case Node::Kind::column:
        return column(node);
      case Node::Kind::call:
        break;
    }
    std::vector<Value> arguments;
    if (is_operator(node.name)) {
      for (const auto& child : node.children) arguments.push_back(visit(*child));
      return call_operator(on_, text_, node, std::move(arguments));
    }
    const Function& function = find(node);
    check_count(function, node);
    for (size_t i = 0; i < node.children.size(); ++i) {
      arguments.push_back(visit(*node.children[i]));
      check_argument(function, i, *node.children[i], arguments.back());
    }
    return apply(function, node, std::move(arguments));
  }

 private:
  Value literal(const Node& node) {
    if (const auto* flag = std::get_if<bool>(&node.value)) return make_constant(*flag);
    if (const auto* integer = std::get_if<int64_t>(&node.value)) return make_constant(*integer);
    if (const auto* real = std::get_if<double>(&node.value)) return make_constant(*real);
    if (const auto* text = std::get_if<std::string>(&node.value)) return make_constant(*text);
    return make_missing(ColumnType::real, true);
  }

  Value column(const Node& node) {
    if (!on_.table().has(node.name)) {
      const auto names = on_.table().names();
      std::string advice = did_you_mean(node.name, names);
      if (advice.empty() && !names.empty()) advice = "the columns are " + shortened(names);
      fail_at(text_, node.span, concat("unknown column '", node.name, "'"), advice);
    }
    return column_value(on_.table(), node.name);
  }

  static std::string shortened(const std::vector<std::string>& names) {
    std::string list;
    for (size_t i = 0; i < std::min<size_t>(names.size(), 10); ++i) list += (i > 0 ? ", " : "") + names[i];
    return names.size() > 10 ? list + ", ..." : list;
  }

  const Function& find(const Node& node) {
    std::vector<std::string> names;
    for (const Function& function : all_functions()) {
      if (function.info.name == node.name) return function;
      names.push_back(function.info.name);
    }
    std::string advice = did_you_mean(node.name, names);
    if (advice.empty()) advice = "`crisp functions` lists them";
    fail_at(text_, node.span, concat("unknown function '", node.name, "'"), advice);
  }

  void check_count(const Function& function, const Node& node) {
    const auto required = std::count_if(function.arguments.begin(), function.arguments.end(),
                                        [](const Argument& a) { return !a.optional && !a.repeats; });
    const bool open = !function.arguments.empty() && function.arguments.back().repeats;
    const size_t given = node.children.size();
    if (given >= static_cast<size_t>(required) && (open || given <= function.arguments.size())) return;
    fail_at(text_, node.span, concat("wrong number of arguments for ", node.name, ": ", given, " given"),
            concat("it is ", node.name, "(", function.info.arguments, ")"));
  }

  void check_argument(const Function& function, size_t i, const Node& node, Value& value) {
    const Argument& argument = function.arguments[std::min(i, function.arguments.size() - 1)];
    if (value.untyped && argument.want != Want::any) value = make_missing(type_for_null(argument.want));
    if (argument.want == Want::timestamp) read_as_timestamp(value);
    if (!fits(argument.want, value)) {
      fail_at(text_, node.span,
              concat(function.info.name, " needs ", wanted(argument.want), " as ", argument.name,
                     ", and this is ", column_type_name(value.type)));
    }
    if (argument.want == Want::real) value = convert(value, ColumnType::real);
  }

  Value apply(const Function& function, const Node& node, std::vector<Value> arguments) {
    Call call{on_, std::move(arguments)};
    try {
      return only_finite(function.call(call));
    } catch (const Error& error) {
      // What a function refuses is refused at its place in the text; a bug of ours stays one.
      if (error.code() != Code::config && error.code() != Code::data) throw;
      if (!error.hint().empty()) throw;
      fail_at(text_, node.span, concat(node.name, ": ", error.message()));
    }
  }

  Evaluation& on_;
  const std::string& text_;
};

}  // namespace

bool unify(Value& a, Value& b) {
  if (a.untyped) a = make_missing(b.type, b.untyped);
  if (b.untyped) b = make_missing(a.type, a.untyped);
  if (a.type == b.type) return true;
  if (a.numeric() && b.numeric()) {
    a = convert(a, ColumnType::real);
    b = convert(b, ColumnType::real);
    return true;
  }
  if (a.type == ColumnType::timestamp) return read_as_timestamp(b);
  if (b.type == ColumnType::timestamp) return read_as_timestamp(a);
  return false;
}

const Grouping& Evaluation::groups(std::span<const Value> keys) {
  std::vector<std::shared_ptr<arrow::ArrayData>> identity;
  for (const Value& key : keys) identity.push_back(key.constant() ? nullptr : key.data.array());
  for (const auto& cached : cache_) {
    if (cached->keys == identity) return cached->grouping;
  }
  cache_.push_back(
      std::make_unique<Cached>(Cached{identity, group_values({keys.begin(), keys.end()}, rows())}));
  return cache_.back()->grouping;
}

int64_t Call::rows() const {
  const bool constant =
      std::all_of(arguments.begin(), arguments.end(), [](const Value& v) { return v.constant(); });
  return constant && !arguments.empty() ? 1 : on.rows();
}

const Grouping& Call::groups(size_t first) const {
  return on.groups(std::span(arguments).subspan(std::min(first, arguments.size())));
}

Value Call::result(const std::vector<double>& numbers) const {
  Value value = from_numbers(numbers);
  const bool constant =
      std::all_of(arguments.begin(), arguments.end(), [](const Value& v) { return v.constant(); });
  return constant && !arguments.empty() ? make_value(check(value.data.make_array()->GetScalar(0))) : value;
}

Value evaluate(Evaluation& on, const std::string& expression, const Node& node) {
  return Evaluator(on, expression).visit(node);
}

}  // namespace crisp
