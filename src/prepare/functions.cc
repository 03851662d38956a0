#include "prepare/functions.h"

#include <cmath>

#include "prepare/aggregate_functions.h"
#include "prepare/arrow_function.h"

namespace crisp {
namespace {

Want parse_want(std::string_view word) {
  static const std::pair<const char*, Want> kWords[] = {
      {"any", Want::any},     {"number", Want::number},    {"real", Want::real},
      {"text", Want::text},   {"boolean", Want::boolean},  {"timestamp", Want::timestamp},
      {"count", Want::count}, {"constant", Want::constant}};
  for (const auto& [name, want] : kWords) {
    if (word == name) return want;
  }
  fail(Code::bug, "no kind of argument is called ", word);
}

Argument parse_argument(std::string_view word) {
  Argument out;
  const size_t colon = word.find(':');
  out.name = word.substr(0, colon);
  word.remove_prefix(colon + 1);
  out.optional = word.back() == '?';
  out.repeats = word.back() == '*';
  if (out.optional || out.repeats) word.remove_suffix(1);
  out.want = parse_want(word);
  return out;
}

std::string shown(const Argument& argument) {
  if (argument.optional) return "[" + argument.name + "]";
  return argument.repeats ? argument.name + "..." : argument.name;
}

std::vector<Function> gather() {
  std::vector<Function> all;
  for (auto part : {math_functions, text_functions, calendar_functions, choice_functions, geo_functions,
                    window_functions}) {
    for (Function& function : part()) all.push_back(std::move(function));
  }
  return all;
}

}  // namespace

Function make_function(const char* group, const char* name, const char* arguments, const char* result,
                       const char* meaning, const char* example, const char* expected, Value (*call)(Call&)) {
  Function out{{name, group, "", result, meaning, example, expected}, {}, call};
  std::string_view rest = arguments;
  while (!rest.empty()) {
    const size_t end = std::min(rest.find(' '), rest.size());
    out.arguments.push_back(parse_argument(rest.substr(0, end)));
    out.info.arguments += (out.info.arguments.empty() ? "" : ", ") + shown(out.arguments.back());
    rest.remove_prefix(std::min(end + 1, rest.size()));
  }
  return out;
}

const std::vector<Function>& all_functions() {
  static const std::vector<Function> functions = gather();
  return functions;
}

std::vector<FunctionInfo> function_reference() {
  std::vector<FunctionInfo> out;
  for (const Function& function : all_functions()) out.push_back(function.info);
  for (const FunctionInfo& info : aggregate_reference()) out.push_back(info);
  return out;
}

Table example_table() {
  const int64_t start = *parse_timestamp("2020-12-06T08:00:00Z");
  arrow::TimestampBuilder times(arrow_type(ColumnType::timestamp), arrow::default_memory_pool());
  for (const int64_t second : {0, 60, 30, 4000}) check(times.Append(start + second * 1'000'000));
  const auto t = check(times.Finish());
  Table table = Table().with_texts("vehicle", {"a", "a", "b", "a"}).with_integers("x", {1, 2, 4, 8});
  table =
      table.with_numbers("lat", {40.7, 40.8, 40.7, 41.0}).with_numbers("lon", {-74.0, -74.0, -73.9, -74.2});
  table = table.with_numbers("speed", {0.5, 12.25, std::nan(""), 30.0});
  const auto column = std::make_shared<arrow::ChunkedArray>(t);
  return Table(check(table.arrow()->AddColumn(2, arrow::field("t", t->type()), column)));
}

}  // namespace crisp
