/// crisp detect DATA: which rows of this table are unusual, and why. Nothing is saved but the answer.
#include <CLI/CLI.hpp>

#include "detect/answer.h"
#include "read/write.h"
#include "tools/table_flags.h"

namespace crisp {
namespace {

struct DetectFlags : TableFlags {
  std::string output;
};

void detect(const Program& program, const DetectFlags& flags) {
  const auto exec = program.make_exec();
  PhaseClock clock;
  // The published example's size; `train` keeps SageMaker's defaults.
  const Json defaults = flags.model == "random_cut_forest" || flags.model == "rcf"
                            ? Json{{"num_trees", 50}, {"num_samples_per_tree", 200}}
                            : Json::object();
  const RunResult result = run_table(*exec, program, flags, defaults, clock);
  if (!flags.output.empty()) write_table(answer_table(*exec, *result.pipeline, result.scored), flags.output);
  program.print_json(run_json(result));
  if (flags.output != "-") program.print(run_text(result, ""));
}

}  // namespace

void add_detect(CLI::App& app, Program& program) {
  auto flags = std::make_shared<DetectFlags>();
  CLI::App* verb = app.add_subcommand("detect", "Find the unusual rows of a table, and say why");
  add_table_flags(*verb, *flags);
  verb->add_option("-o,--output", flags->output, "Where the scored rows go, by ending; - is CSV on stdout");
  add_global_flags(*verb, program);
  verb->callback([&program, flags] { detect(program, *flags); });
}

}  // namespace crisp
