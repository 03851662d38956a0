/// crisp completion SHELL: the script that lets a shell complete verbs, flags and their values.
#include <CLI/CLI.hpp>

#include <map>

#include "core/file_io.h"
#include "tools/completion.h"
#include "tools/program.h"

namespace crisp {
namespace {

const std::vector<std::string> kShells = {"bash", "zsh", "fish"};

/// Values that are known, by the flag's long name. cuda:N is left out: to bash a colon ends a word.
std::map<std::string, std::vector<std::string>> known_values(const Program& program) {
  std::vector<std::string> models;
  for (const auto& learner : program.registry.all()) {
    if (!learner->tasks().empty()) models.push_back(learner->name());
  }
  return {{"--device", {"auto", "cpu", "cuda"}},
          {"--threshold", {"mean_std", "quantile", "contamination", "fixed"}},
          {"--model", std::move(models)}};
}

FlagWords flag_words(const CLI::Option& option,
                     const std::map<std::string, std::vector<std::string>>& known) {
  FlagWords out;
  for (const std::string& name : option.get_snames()) out.names.push_back(concat("-", name));
  for (const std::string& name : option.get_lnames()) out.names.push_back(concat("--", name));
  out.help = option.get_description();
  out.takes_value = option.get_expected_max() > 0 && option.get_type_size_max() > 0;
  out.file = option.check_lname("output");
  for (const auto& [name, values] : known) {
    if (option.check_name(name)) out.choices = values;
  }
  return out;
}

std::vector<VerbWords> verb_words(const CLI::App& app, const Program& program) {
  const auto known = known_values(program);
  std::vector<VerbWords> out;
  for (const CLI::App* verb : app.get_subcommands([](const CLI::App*) { return true; })) {
    VerbWords& words = out.emplace_back();
    words.name = verb->get_name();
    words.help = verb->get_description();
    for (const CLI::Option* option : verb->get_options()) {
      if (!option->get_positional())
        words.flags.push_back(flag_words(*option, known));
      else if (verb->get_name() == "completion")
        words.choices = kShells;
      else
        words.files = true;
    }
  }
  return out;
}

}  // namespace

void add_completion(CLI::App& app, Program& program) {
  auto shell = std::make_shared<std::string>();
  CLI::App* verb = app.add_subcommand("completion", "Print the completion script of a shell");
  verb->add_option("SHELL", *shell, "bash, zsh or fish")->required();
  verb->callback(
      [&app, &program, shell] { write_stdout(completion_script(*shell, verb_words(app, program))); });
}

}  // namespace crisp
