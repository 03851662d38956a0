/// crisp train DATA: a detector on a table, saved with its report.
#include <CLI/CLI.hpp>

#include "core/log.h"
#include "run/run_directory.h"
#include "tools/table_flags.h"

namespace crisp {
namespace {

struct TrainFlags : TableFlags {
  std::string output = "runs/model";
  bool force = false;
};

void train(const Program& program, const TrainFlags& flags) {
  OutputDirectory directory(flags.output, flags.force);
  const LogFile log(fresh_log(directory));
  const auto exec = program.make_exec();
  PhaseClock clock;
  const RunResult result = run_table(*exec, program, flags, Json::object(), clock);
  const Json document = run_json(result);
  write_run(*exec, directory, result, document, clock);
  program.print_json(document);
  program.print(run_text(result, directory.file("report.html")));
}

}  // namespace

void add_train(CLI::App& app, Program& program) {
  auto flags = std::make_shared<TrainFlags>();
  CLI::App* verb = app.add_subcommand("train", "Train a detector on a table and save it");
  add_table_flags(*verb, *flags);
  verb->add_option("-o,--output", flags->output, "The run directory")->capture_default_str();
  verb->add_flag("--force", flags->force, "Write into a folder that holds something");
  add_global_flags(*verb, program);
  verb->callback([&program, flags] { train(program, *flags); });
}

}  // namespace crisp
