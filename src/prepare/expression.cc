#include "prepare/expression.h"

#include <algorithm>

#include "prepare/arrow_function.h"

namespace crisp {
namespace {

void gather_columns(const Node& node, std::vector<std::string>& out) {
  if (node.kind == Node::Kind::column && std::find(out.begin(), out.end(), node.name) == out.end()) {
    out.push_back(node.name);
  }
  for (const auto& child : node.children) gather_columns(*child, out);
}

Value evaluate_on(Exec& exec, const Table& table, const Expression& expression) {
  Evaluation on(exec, table);
  try {
    return evaluate(on, expression.text(), expression.tree());
  } catch (Error& error) {
    if (error.code() == Code::data) error.add_context(concat("in '", expression.text(), "'"));
    throw;
  }
}

}  // namespace

Expression Expression::parse(const std::string& text) {
  arrow_start();
  return Expression(text, parse_expression(text));
}

std::vector<std::string> Expression::columns() const {
  std::vector<std::string> out;
  gather_columns(*tree_, out);
  return out;
}

std::vector<uint8_t> Expression::condition(Exec& exec, const Table& table) const {
  const Value value = evaluate_on(exec, table, *this);
  if (value.untyped || value.type != ColumnType::boolean) {
    fail_at(text_, {0, text_.size()},
            concat("a condition is needed, and this is ", column_type_name(value.type)),
            "compare it with something, as in x > 0");
  }
  return to_flags(value, table.rows());
}

Table Expression::derive(Exec& exec, const Table& table, const std::string& name) const {
  const Value value = spread(evaluate_on(exec, table, *this), table.rows());
  const auto array = value.data.make_array();
  const auto column = std::make_shared<arrow::ChunkedArray>(array);
  const auto field = arrow::field(name, array->type());
  const auto& inner = table.arrow();
  return Table(table.has(name) ? check(inner->SetColumn(table.index_of(name), field, column))
                               : check(inner->AddColumn(table.columns(), field, column)));
}

std::vector<size_t> evaluation_order(const NamedExpressions& list, const Table& table) {
  std::vector<size_t> order;
  std::vector<uint8_t> done(list.size(), 0);
  const auto waits = [&](size_t i) {
    const std::vector<std::string> reads = list[i].second.columns();
    for (size_t j = 0; j < list.size(); ++j) {
      const std::string& name = list[j].first;
      if (j != i && !done[j] && !table.has(name) &&
          std::find(reads.begin(), reads.end(), name) != reads.end())
        return true;
    }
    return false;
  };
  while (order.size() < list.size()) {
    size_t next = 0;
    while (next < list.size() && (done[next] || waits(next))) ++next;
    if (next == list.size()) fail(Code::config, "columns that are computed from each other");
    done[next] = 1;
    order.push_back(next);
  }
  return order;
}

}  // namespace crisp
