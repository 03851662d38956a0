/// crisp models: what can be trained, with every parameter.
#include <CLI/CLI.hpp>

#include <unistd.h>

#include "core/format.h"
#include "report/terminal.h"
#include "tools/program.h"

namespace crisp {
namespace {

std::string text_of(const ParamValue& value) {
  if (const auto* flag = std::get_if<bool>(&value)) return *flag ? "true" : "false";
  if (const auto* whole = std::get_if<int64_t>(&value)) return concat(*whole);
  if (const auto* real = std::get_if<double>(&value)) return concat(*real);
  return std::get<std::string>(value);
}

std::string range_of(const Param& param) {
  if (!param.choices.empty()) {
    std::string text;
    for (const std::string& choice : param.choices) text += (text.empty() ? "" : ", ") + choice;
    return text;
  }
  const bool number = std::holds_alternative<int64_t>(param.fallback) || std::holds_alternative<double>(param.fallback);
  return number ? concat(format_number(param.low, 6), " to ", format_number(param.high, 6)) : std::string();
}

Json json_of(const Learner& learner) {
  Json params = Json::array();
  for (const Param& param : learner.params().params()) {
    params.push_back({{"name", param.name}, {"default", text_of(param.fallback)}, {"range", range_of(param)},
                      {"aliases", param.aliases}, {"help", param.help}});
  }
  return {{"name", learner.name()}, {"title", learner.title()}, {"task", task_names(learner.tasks())},
          {"aliases", learner.aliases()}, {"about", learner.about()}, {"parameters", std::move(params)}};
}

std::string describe(const Learner& learner, const report::TerminalStyle& style) {
  report::TextTable table;
  table.columns = {"parameter", "default", "range", "meaning"};
  for (const Param& param : learner.params().params()) {
    table.rows.push_back({param.name, text_of(param.fallback), range_of(param), param.help});
  }
  std::string text = report::heading(concat(learner.name(), " — ", learner.title(), " (", task_names(learner.tasks()), ")"), style);
  return text + learner.about() + "\n\n" + report::render(table, style);
}

void list_models(const Program& program) {
  Json list = Json::array();
  std::string text;
  for (const auto& learner : program.registry.all()) {
    if (learner->tasks().empty()) continue;
    list.push_back(json_of(*learner));
    text += describe(*learner, report::terminal_style(STDOUT_FILENO));
  }
  program.print_json({{"schema", "crisp.models/1"}, {"models", std::move(list)}});
  program.print(text);
}

}  // namespace

void add_models(CLI::App& app, Program& program) {
  CLI::App* verb = app.add_subcommand("models", "List the models and their parameters");
  add_global_flags(*verb, program);
  verb->callback([&program] { list_models(program); });
}

}  // namespace crisp
