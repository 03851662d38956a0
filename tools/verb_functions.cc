/// crisp functions: the expression language, with an example of every function.
#include <CLI/CLI.hpp>

#include <unistd.h>

#include "prepare/functions.h"
#include "report/terminal.h"
#include "tools/program.h"

namespace crisp {
namespace {

void list_functions(const Program& program) {
  Json list = Json::array();
  std::string text, group;
  report::TextTable table;
  table.columns = {"function", "result", "meaning", "example"};
  const report::TerminalStyle style = report::terminal_style(STDOUT_FILENO);
  const auto flush = [&] {
    if (!table.rows.empty()) text += report::heading(group, style) + report::render(table, style, 1000);
    table.rows.clear();
  };
  for (const FunctionInfo& function : function_reference()) {
    list.push_back({{"name", function.name}, {"group", function.group}, {"arguments", function.arguments},
                    {"result", function.result}, {"meaning", function.meaning}, {"example", function.example},
                    {"expected", function.expected}});
    if (function.group != group) flush();
    group = function.group;
    table.rows.push_back({concat(function.name, "(", function.arguments, ")"), function.result, function.meaning,
                          concat(function.example, " = ", function.expected)});
  }
  flush();
  program.print_json({{"schema", "crisp.functions/1"}, {"functions", std::move(list)}});
  program.print(text);
}

}  // namespace

void add_functions(CLI::App& app, Program& program) {
  CLI::App* verb = app.add_subcommand("functions", "List the functions of recipe expressions");
  add_global_flags(*verb, program);
  verb->callback([&program] { list_functions(program); });
}

}  // namespace crisp
