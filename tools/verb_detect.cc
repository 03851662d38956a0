/// crisp detect DATA: which rows of this table are unusual, and why. Nothing is saved but the answer.
#include <CLI/CLI.hpp>

#include "detect/answer.h"
#include "read/write.h"
#include "tools/table_flags.h"

namespace crisp {
namespace {

struct DetectFlags : TableFlags {
  std::string output;
  bool force = false;
};

void detect(const Program& program, const DetectFlags& flags) {
  require_new_output(flags.output, flags.force);
  const auto exec = program.make_exec();
  PhaseClock clock;
  // The published example's size; `train` keeps SageMaker's defaults.
  const Json defaults = program.registry.at(flags.model).name() == "random_cut_forest"
                            ? Json{{"num_trees", 50}, {"num_samples_per_tree", 200}}
                            : Json::object();
  const RunResult result = run_table(*exec, program, flags, defaults, clock);
  // With --json stdout carries the one document.
  const bool rows_to_stdout = flags.output == "-" && program.json;
  if (!flags.output.empty() && !rows_to_stdout) write_table(answer_table(*exec, *result.pipeline, result.scored), flags.output);
  program.print_json(run_json(result));
  if (flags.output != "-") program.print(run_text(result, ""));
}

}  // namespace

void add_detect(CLI::App& app, Program& program) {
  auto flags = std::make_shared<DetectFlags>();
  CLI::App* verb = app.add_subcommand("detect", "Find the unusual rows of a table, and say why");
  add_table_flags(*verb, *flags);
  verb->add_option("-o,--output", flags->output, "Where the scored rows go, by ending; - is CSV on stdout");
  verb->add_flag("--force", flags->force, "Overwrite the output file");
  add_global_flags(*verb, program);
  verb->callback([&program, flags] { detect(program, *flags); });
}

}  // namespace crisp
