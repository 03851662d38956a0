#include "prepare/arrow_function.h"

namespace crisp {
namespace {

Value if_else(Call& c) {
  Value yes = c[1], no = c[2];
  if (!unify(yes, no)) fail(Code::config, "both answers must be of one type");
  // A missing condition chooses the second answer, as filter drops a row whose condition is missing.
  const auto sure = arrow_call("coalesce", {c[0].data, make_constant(false).data});
  return make_value(arrow_call("if_else", {sure, yes.data, no.data}));
}

Value coalesce(Call& c) {
  Value best = c[0];
  for (size_t i = 1; i < c.size(); ++i) {
    Value next = c[i];
    if (!unify(best, next)) fail(Code::config, "the arguments are of different types");
    best = make_value(arrow_call("coalesce", {best.data, next.data}));
  }
  return best;
}

Value to_number(Call& c) { return convert(c[0], ColumnType::real); }
Value to_text(Call& c) { return convert(c[0], ColumnType::text); }

Value to_integer(Call& c) {
  if (c[0].type != ColumnType::real) return convert(c[0], ColumnType::integer);
  return convert(make_value(arrow_call("trunc", {c[0].data})), ColumnType::integer);
}

}  // namespace

std::vector<Function> choice_functions() {
  const char* g = "choice";
  return {
      make_function(g, "if_else", "condition:boolean yes:any no:any", "as yes",
                    "yes where the condition is true, else no (also where it is missing)",
                    "if_else(x > 3, 'high', 'low')", "low, low, high, high", if_else),
      make_function(g, "coalesce", "a:any b:any more:any*", "as a", "the first that is not missing",
                    "coalesce(speed, 0)", "0.5, 12.25, 0.0, 30.0", coalesce),
      make_function(g, "number", "x:any", "real", "text, flags or integers as a real number", "number('2.5')",
                    "2.5", to_number),
      make_function(g, "integer", "x:any", "integer", "as a whole number, the fraction cut off",
                    "integer(-2.7)", "-2", to_integer),
      make_function(g, "text", "x:any", "text", "any value as text", "text(x)", "1, 2, 4, 8", to_text),
  };
}

}  // namespace crisp
