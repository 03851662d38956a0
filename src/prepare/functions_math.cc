#include <cmath>

#include "prepare/arrow_function.h"

namespace crisp {
namespace {

Value arrow_unary(Call& call, const char* function) {
  return make_value(arrow_call(function, {call[0].data}));
}

Value absolute(Call& c) { return arrow_unary(c, "abs"); }
Value square_root(Call& c) { return arrow_unary(c, "sqrt"); }
Value exponential(Call& c) { return arrow_unary(c, "exp"); }
Value natural_log(Call& c) { return arrow_unary(c, "ln"); }
Value log_2(Call& c) { return arrow_unary(c, "log2"); }
Value log_10(Call& c) { return arrow_unary(c, "log10"); }
Value log_1p(Call& c) { return arrow_unary(c, "log1p"); }
Value sine(Call& c) { return arrow_unary(c, "sin"); }
Value cosine(Call& c) { return arrow_unary(c, "cos"); }
Value tangent(Call& c) { return arrow_unary(c, "tan"); }
Value arc_sine(Call& c) { return arrow_unary(c, "asin"); }
Value arc_cosine(Call& c) { return arrow_unary(c, "acos"); }
Value arc_tangent(Call& c) { return arrow_unary(c, "atan"); }
Value arc_tangent_2(Call& c) { return make_value(arrow_call("atan2", {c[0].data, c[1].data})); }
Value power(Call& c) { return make_value(arrow_call("power", {c[0].data, c[1].data})); }

/// Whole numbers stay integers as they are; reals come out whole but real.
Value floor_of(Call& c) { return c[0].type == ColumnType::integer ? c[0] : arrow_unary(c, "floor"); }
Value ceil_of(Call& c) { return c[0].type == ColumnType::integer ? c[0] : arrow_unary(c, "ceil"); }

Value round_to(Call& c) {
  const int64_t digits = c.has(1) ? c.integer(1) : 0;
  if (digits > 15) fail(Code::config, "a real number has no more than 15 digits to round to");
  const arrow::compute::RoundOptions options(digits, arrow::compute::RoundMode::HALF_TOWARDS_INFINITY);
  return make_value(arrow_call("round", {c[0].data}, &options));
}

Value sign_of(Call& c) {
  return make_value(check(arrow::compute::Cast(arrow_call("sign", {c[0].data}), arrow::int64())));
}

/// Missing values are skipped, as the aggregates do; all missing gives missing.
Value extreme(Call& c, const char* function) {
  Value best = c[0];
  for (size_t i = 1; i < c.size(); ++i) {
    Value next = c[i];
    if (!unify(best, next)) fail(Code::config, "the arguments are of different types");
    const arrow::compute::ElementWiseAggregateOptions options(/*skip_nulls=*/true);
    best = make_value(arrow_call(function, {best.data, next.data}, &options));
  }
  return best;
}

Value smallest(Call& c) { return extreme(c, "min_element_wise"); }
Value largest(Call& c) { return extreme(c, "max_element_wise"); }

Value clip(Call& c) {
  const arrow::compute::ElementWiseAggregateOptions options(/*skip_nulls=*/false);
  const auto raised = arrow_call("max_element_wise", {c[0].data, c[1].data}, &options);
  return make_value(arrow_call("min_element_wise", {raised, c[2].data}, &options));
}

}  // namespace

std::vector<Function> math_functions() {
  const char* g = "math";
  return {
      make_function(g, "abs", "x:number", "as x", "distance from zero", "abs(-3)", "3", absolute),
      make_function(g, "sign", "x:number", "integer", "-1, 0 or 1", "sign(-0.5)", "-1", sign_of),
      make_function(g, "sqrt", "x:real", "real", "square root; missing below zero", "sqrt(16)", "4.0",
                    square_root),
      make_function(g, "exp", "x:real", "real", "e to the power x", "exp(0)", "1.0", exponential),
      make_function(g, "log", "x:real", "real", "natural logarithm; missing at and below zero", "log(1)",
                    "0.0", natural_log),
      make_function(g, "log2", "x:real", "real", "logarithm to base 2", "log2(8)", "3.0", log_2),
      make_function(g, "log10", "x:real", "real", "logarithm to base 10", "log10(1000)", "3.0", log_10),
      make_function(g, "log1p", "x:real", "real", "log(1 + x), exact for small x", "log1p(0)", "0.0", log_1p),
      make_function(g, "power", "x:real y:real", "real", "x to the power y; x ^ y is the same",
                    "power(2, 10)", "1024.0", power),
      make_function(g, "round", "x:number digits:count?", "as x",
                    "to so many digits after the point, halves away from zero", "round(2.345, 1)", "2.3",
                    round_to),
      make_function(g, "floor", "x:number", "as x", "next whole number below", "floor(-1.5)", "-2.0",
                    floor_of),
      make_function(g, "ceil", "x:number", "as x", "next whole number above", "ceil(1.2)", "2.0", ceil_of),
      make_function(g, "min", "a:any b:any more:any*", "as a",
                    "the smallest of several, missing ones skipped", "min(x, 3)", "1, 2, 3, 3", smallest),
      make_function(g, "max", "a:any b:any more:any*", "as a", "the largest of several, missing ones skipped",
                    "max(x, 3)", "3, 3, 4, 8", largest),
      make_function(g, "clip", "x:real low:real high:real", "real", "x held between low and high",
                    "clip(x, 2, 5)", "2.0, 2.0, 4.0, 5.0", clip),
      make_function(g, "sin", "x:real", "real", "sine of x radians", "sin(0)", "0.0", sine),
      make_function(g, "cos", "x:real", "real", "cosine of x radians", "cos(0)", "1.0", cosine),
      make_function(g, "tan", "x:real", "real", "tangent of x radians", "tan(0)", "0.0", tangent),
      make_function(g, "asin", "x:real", "real", "inverse sine, in radians", "asin(0)", "0.0", arc_sine),
      make_function(g, "acos", "x:real", "real", "inverse cosine, in radians", "acos(1)", "0.0", arc_cosine),
      make_function(g, "atan", "x:real", "real", "inverse tangent, in radians", "atan(0)", "0.0",
                    arc_tangent),
      make_function(g, "atan2", "y:real x:real", "real", "angle of the point (x, y), in radians",
                    "atan2(0, 1)", "0.0", arc_tangent_2),
  };
}

}  // namespace crisp
