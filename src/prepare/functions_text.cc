#include "prepare/arrow_function.h"

namespace crisp {
namespace {

using arrow::compute::MatchSubstringOptions;

Value lower(Call& c) { return make_value(arrow_call("utf8_lower", {c[0].data})); }
Value upper(Call& c) { return make_value(arrow_call("utf8_upper", {c[0].data})); }
Value trim(Call& c) { return make_value(arrow_call("utf8_trim_whitespace", {c[0].data})); }

Value length(Call& c) {
  return make_value(check(arrow::compute::Cast(arrow_call("utf8_length", {c[0].data}), arrow::int64())));
}

Value match(Call& c, const char* function) {
  const MatchSubstringOptions options(constant_text(c[1]));
  return make_value(arrow_call(function, {c[0].data}, &options));
}

Value contains(Call& c) { return match(c, "match_substring"); }
Value starts_with(Call& c) { return match(c, "starts_with"); }
Value ends_with(Call& c) { return match(c, "ends_with"); }
Value matches(Call& c) { return match(c, "match_substring_regex"); }

Value replace(Call& c) {
  const arrow::compute::ReplaceSubstringOptions options(constant_text(c[1]), constant_text(c[2]));
  return make_value(arrow_call("replace_substring", {c[0].data}, &options));
}

/// Counted from 1, as in SQL.
Value substring(Call& c) {
  const int64_t from = c.integer(1);
  if (from < 1) fail(Code::config, "the first character is number 1");
  constexpr int64_t kMost = int64_t{1} << 31;
  const int64_t count = c.has(2) ? std::min(c.integer(2), kMost) : kMost;
  const arrow::compute::SliceOptions options(std::min(from, kMost) - 1, std::min(from, kMost) - 1 + count);
  return make_value(arrow_call("utf8_slice_codeunits", {c[0].data}, &options));
}

Value concatenate(Call& c) {
  std::vector<arrow::Datum> parts;
  for (const Value& argument : c.arguments) parts.push_back(convert(argument, ColumnType::text).data);
  parts.push_back(make_constant(std::string()).data);
  return make_value(arrow_call("binary_join_element_wise", parts));
}

}  // namespace

std::vector<Function> text_functions() {
  const char* g = "text";
  return {
      make_function(g, "lower", "s:text", "text", "small letters", "lower('Abc')", "abc", lower),
      make_function(g, "upper", "s:text", "text", "capital letters", "upper('Abc')", "ABC", upper),
      make_function(g, "trim", "s:text", "text", "without blanks at both ends", "trim(' ab ')", "ab", trim),
      make_function(g, "length", "s:text", "integer", "number of characters", "length('abc')", "3", length),
      make_function(g, "contains", "s:text part:constant", "boolean", "whether part stands in s",
                    "contains('abc', 'bc')", "true", contains),
      make_function(g, "starts_with", "s:text part:constant", "boolean", "whether s begins with part",
                    "starts_with(vehicle, 'a')", "true, true, false, true", starts_with),
      make_function(g, "ends_with", "s:text part:constant", "boolean", "whether s ends with part",
                    "ends_with('abc', 'bc')", "true", ends_with),
      make_function(g, "matches", "s:text pattern:constant", "boolean",
                    "whether the regular expression (RE2) is found in s", "matches('ab12', '^[a-z]+[0-9]+$')",
                    "true", matches),
      make_function(g, "replace", "s:text old:constant new:constant", "text",
                    "every old in s replaced by new", "replace('a-b-c', '-', '+')", "a+b+c", replace),
      make_function(g, "substring", "s:text from:count count:count?", "text",
                    "count characters from the from-th (1 is the first); to the end without count",
                    "substring('abcd', 2, 2)", "bc", substring),
      make_function(g, "concat", "a:any more:any*", "text", "all arguments as text, one after the other",
                    "concat(vehicle, '/', x)", "a/1, a/2, b/4, a/8", concatenate),
  };
}

}  // namespace crisp
