#include "prepare/aggregate_functions.h"

#include <algorithm>
#include <cmath>

#include "cuda/error.h"

namespace crisp {
namespace {

struct Entry {
  const char* name;
  size_t arguments;
  Aggregate kind;
  const char *shown, *result, *meaning, *example, *expected;
};

constexpr Entry kEntries[] = {
    {"count", 0, Aggregate::rows, "", "integer", "rows of the group", "count()", "4"},
    {"count", 1, Aggregate::count, "x", "integer", "values that are not missing", "count(speed)", "3"},
    {"count_missing", 1, Aggregate::count_missing, "x", "integer", "missing values", "count_missing(speed)",
     "1"},
    {"distinct", 1, Aggregate::distinct, "x", "integer", "different values", "distinct(vehicle)", "2"},
    {"first", 1, Aggregate::first, "x", "as x", "first value that is not missing", "first(vehicle)", "a"},
    {"last", 1, Aggregate::last, "x", "as x", "last value that is not missing", "last(x)", "8"},
    {"sum", 1, Aggregate::sum, "x", "as x", "sum; 0 without values", "sum(x)", "15"},
    {"mean", 1, Aggregate::mean, "x", "real", "mean", "mean(x)", "3.75"},
    {"std", 1, Aggregate::deviation, "x", "real", "sample standard deviation (n - 1)", "round(std(x), 6)",
     "3.095696"},
    {"var", 1, Aggregate::variance, "x", "real", "sample variance (n - 1)", "round(var(x), 6)", "9.583333"},
    {"min", 1, Aggregate::low, "x", "as x", "smallest value", "min(speed)", "0.5"},
    {"max", 1, Aggregate::high, "x", "as x", "largest value", "max(t)", "2020-12-06T09:06:40Z"},
    {"median", 1, Aggregate::median, "x", "real", "the middle value; between two of them, their mean",
     "median(x)", "3.0"},
    {"percentile", 2, Aggregate::percentile, "x, percent", "real",
     "value below which so many percent lie, linear between neighbours (numpy's default)",
     "percentile(x, 10)", "1.3"},
    {"count_above", 2, Aggregate::count_above, "x, bound", "integer", "values strictly above the bound",
     "count_above(x, 2)", "2"},
    {"count_below", 2, Aggregate::count_below, "x, bound", "integer", "values strictly below the bound",
     "count_below(x, 2)", "1"},
};

const Entry* find(const Node& node) {
  if (node.kind != Node::Kind::call) return nullptr;
  for (const Entry& entry : kEntries) {
    if (node.name == entry.name && node.children.size() == entry.arguments) return &entry;
  }
  return nullptr;
}

/// The same text for the same tree, however it was written.
std::string canonical(const Node& node) {
  switch (node.kind) {
    case Node::Kind::column:
      return concat("`", node.name, "`");
    case Node::Kind::literal: {
      if (const auto* flag = std::get_if<bool>(&node.value)) return concat(*flag);
      if (const auto* integer = std::get_if<int64_t>(&node.value)) return concat(*integer);
      if (const auto* real = std::get_if<double>(&node.value)) return concat(*real, "r");
      if (const auto* text = std::get_if<std::string>(&node.value))
        return concat(text->size(), "'", *text, "'");
      return "null";
    }
    case Node::Kind::call:
      break;
  }
  std::string out = node.name + "(";
  for (const auto& child : node.children) out += canonical(*child) + ",";
  return out + ")";
}

std::unique_ptr<Node> copy(const Node& node) {
  auto out = std::make_unique<Node>();
  out->kind = node.kind;
  out->name = node.name;
  out->value = node.value;
  out->span = node.span;
  out->depth = node.depth;
  for (const auto& child : node.children) out->children.push_back(copy(*child));
  return out;
}

class Splitter {
 public:
  Splitter(const std::string& text, const std::vector<std::string>& known) : text_(text), known_(known) {}

  std::unique_ptr<Node> rewrite(const Node& node) {
    if (const Entry* entry = find(node)) return replaced(*entry, node);
    check_outside(node);
    auto out = std::make_unique<Node>();
    out->kind = node.kind;
    out->name = node.name;
    out->value = node.value;
    out->span = node.span;
    for (const auto& child : node.children) out->children.push_back(rewrite(*child));
    return out;
  }

  std::vector<AggregateCall> calls;

 private:
  void check_outside(const Node& node) {
    if (node.kind != Node::Kind::column || std::find(known_.begin(), known_.end(), node.name) != known_.end())
      return;
    fail_at(text_, node.span, concat("column '", node.name, "' has many values in a group"),
            concat("say which: first(", node.name, "), mean(", node.name, "), ..."));
  }

  std::unique_ptr<Node> replaced(const Entry& entry, const Node& node) {
    AggregateCall call{entry.kind, text_, node.span, nullptr, "", 0.0, ""};
    if (entry.arguments > 0) {
      call.argument = copy(*node.children[0]);
      call.argument_text = canonical(*node.children[0]);
    }
    if (entry.arguments > 1) call.parameter = parameter(*node.children[1]);
    if (entry.kind == Aggregate::percentile && !(call.parameter >= 0 && call.parameter <= 100)) {
      fail_at(text_, node.children[1]->span, "a percentile lies from 0 to 100");
    }
    // No expression can name such a column: quoted names may hold anything but no table has a control sign in
    // one.
    call.column = concat("\x01", canonical(node));
    auto out = std::make_unique<Node>();
    out->kind = Node::Kind::column;
    out->name = call.column;
    out->span = node.span;
    calls.push_back(std::move(call));
    return out;
  }

  double parameter(const Node& node) {
    const bool negative = node.kind == Node::Kind::call && node.name == "unary -";
    const Node& number = negative ? *node.children[0] : node;
    double value = NAN;
    if (const auto* integer = std::get_if<int64_t>(&number.value)) value = static_cast<double>(*integer);
    if (const auto* real = std::get_if<double>(&number.value)) value = *real;
    if (number.kind != Node::Kind::literal || std::isnan(value))
      fail_at(text_, node.span, "a number is needed here");
    return negative ? -value : value;
  }

  const std::string& text_;
  const std::vector<std::string>& known_;
};

}  // namespace

std::vector<FunctionInfo> aggregate_reference() {
  std::vector<FunctionInfo> out;
  for (const Entry& e : kEntries)
    out.push_back({e.name, "aggregate", e.shown, e.result, e.meaning, e.example, e.expected});
  return out;
}

AggregateExpression split_aggregates(const Expression& expression, const std::vector<std::string>& known) {
  Splitter splitter(expression.text(), known);
  std::shared_ptr<const Node> outer = splitter.rewrite(expression.tree());
  return {Expression(expression.text(), std::move(outer)), std::move(splitter.calls)};
}

}  // namespace crisp
