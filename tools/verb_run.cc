/// crisp run PROJECT.toml: a whole project, from question to report.
#include <CLI/CLI.hpp>

#include <filesystem>

#include "core/log.h"
#include "cuda/error.h"
#include "run/run_directory.h"
#include "tools/predictor_training.h"
#include "tools/together.h"
#include "tools/program.h"

namespace crisp {
namespace {

struct RunFlags {
  std::string project;
  std::vector<std::string> sets;
  TrainingFlags training;
};

/// A table, or the folder of a run, in the place of the project file: TOML's complaint would not say so.
void require_project_file(const std::string& path) {
  std::error_code ignored;
  const std::filesystem::path file(path);
  if (std::filesystem::is_directory(file, ignored)) {
    throw Error(Code::usage, concat("'", path, "' is a folder; a project file was expected"),
                "docs/projects.md describes project files; crisp predict MODEL DATA scores rows with a finished run");
  }
  for (const char* ending : {".csv", ".tsv", ".txt", ".gz", ".parquet", ".arrow", ".feather", ".jsonl", ".ndjson"}) {
    if (file.extension() != ending) continue;
    throw Error(Code::usage, concat("'", path, "' is a table; a project file (TOML) was expected"),
                concat("to look for unusual rows in it: crisp detect ", path));
  }
}

void run_detector(const Program& program, const Project& project, const TrainingFlags& flags) {
  // The folder comes first: an answer that cannot be written is not worth computing.
  OutputDirectory directory(flags.output, flags.force);
  const LogFile log(fresh_log(directory));
  const auto exec = program.make_exec();
  PhaseClock clock;
  const RunResult result = run_project(*exec, project, clock);
  const Json document = run_json(result);
  write_run(*exec, directory, result, document, clock);
  program.print_json(document);
  program.print(run_text(result, directory.file("report.html")));
  require_met(result.unmet);
}

void run(const Program& program, const RunFlags& flags, bool stops) {
  require_project_file(flags.project);
  const ProjectFile file = ProjectFile::open(flags.project, flags.sets);
  TrainingFlags training = flags.training;
  if (training.output.empty()) training.output = file.output();
  if (file.predicts()) {
    const Processes all = find_processes();
    return as_one_of(all, [&] { train_predictor(program, PredictionProject::read(file, program.registry), training, all); });
  }
  const Project project = Project::read(file, program.registry);
  if (stops) {
    throw Error(Code::usage, "--resume and --checkpoint-every go with a project that has a [target]",
                "a detector is trained in one go: leave them out");
  }
  run_detector(program, project, training);
}

}  // namespace

void add_run(CLI::App& app, Program& program) {
  auto flags = std::make_shared<RunFlags>();
  CLI::App* verb = app.add_subcommand("run", "Carry a project file through: read, prepare, train, evaluate, report");
  verb->add_option("PROJECT", flags->project, "The project file (TOML)")->required();
  verb->add_option("--set", flags->sets, "section.key=value, laid over the file; may be repeated")->allow_extra_args(false);
  verb->add_option("-o,--output", flags->training.output, "The run directory; default runs/NAME");
  add_training_flags(*verb, flags->training);
  add_global_flags(*verb, program);
  verb->callback([&program, flags, verb] {
    run(program, *flags, verb->count("--resume") + verb->count("--checkpoint-every") > 0);
  });
}

}  // namespace crisp
