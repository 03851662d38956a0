/// An expression over the columns of a table: `speed > 3 and hour(timestamp) between 8 and 18`.
///
/// Types: integer and real mix as real; `/` and `^` always give a real; timestamp - timestamp is seconds,
/// timestamp + number adds seconds; text compared with a timestamp is read as one. A missing operand gives a
/// missing result, except in `and` and `or` where the other side may decide. A result that is not a finite
/// number (x / 0, log(0)) is missing.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "cuda/exec.h"
#include "prepare/expression_node.h"
#include "table/table.h"

namespace crisp {

class Expression {
 public:
  /// Code::config, pointing into the text, for anything that is not an expression.
  static Expression parse(const std::string& text);
  /// `tree` was made from `text`, which is for errors.
  Expression(std::string text, std::shared_ptr<const Node> tree)
      : text_(std::move(text)), tree_(std::move(tree)) {}

  const std::string& text() const { return text_; }
  const Node& tree() const { return *tree_; }
  /// Names of the columns it reads, each once.
  std::vector<std::string> columns() const;

  /// 1 where the expression is true (not where it is missing). Code::config unless it is a condition.
  std::vector<uint8_t> condition(Exec& exec, const Table& table) const;
  /// The table with the expression's values as column `name`, added at the end or replaced in its place.
  Table derive(Exec& exec, const Table& table, const std::string& name) const;

 private:
  std::string text_;
  std::shared_ptr<const Node> tree_;
};

/// Columns and the expressions that give them, in the order in which they can be computed: as listed, but
/// each after those of the list that it reads and that `table` does not have yet.
using NamedExpressions = std::vector<std::pair<std::string, Expression>>;
std::vector<size_t> evaluation_order(const NamedExpressions& list, const Table& table);

}  // namespace crisp
