/// The functions that make one value of a group's many: `mean(speed)`, `percentile(speed, 10)`.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "prepare/expression.h"
#include "prepare/functions.h"

namespace crisp {

enum class Aggregate {
  rows,
  count,
  count_missing,
  distinct,
  first,
  last,
  sum,
  mean,
  deviation,
  variance,
  low,
  high,
  median,
  percentile,
  count_above,
  count_below,
};

std::vector<FunctionInfo> aggregate_reference();

/// One call of an aggregate inside an expression.
struct AggregateCall {
  Aggregate kind;
  std::string expression;                ///< the whole text, for errors
  Span span;                             ///< of the call in it
  std::shared_ptr<const Node> argument;  ///< null for count()
  std::string argument_text;             ///< canonical: equal for equal arguments
  double parameter = 0.0;                ///< the percent, or the bound
  std::string column;                    ///< stands for the call in the rewritten expression
};

/// An expression whose aggregate calls have become columns, and those calls. Code::config for a column
/// outside of them that is not one of `known` (the keys and the other outputs).
struct AggregateExpression {
  Expression outer;
  std::vector<AggregateCall> calls;
};
AggregateExpression split_aggregates(const Expression& expression, const std::vector<std::string>& known);

}  // namespace crisp
