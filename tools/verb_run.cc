/// crisp run PROJECT.toml: a whole project, from question to report.
#include <CLI/CLI.hpp>

#include <filesystem>

#include "cuda/error.h"
#include "table/fingerprint.h"
#include "tools/program.h"
#include "tools/together.h"
#include "tools/training.h"

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

void run_detector(const Program& program, const Project& project, const TrainingFlags& flags, const Processes& all) {
  const auto fit = [&](Exec& exec, TrainingRun run, PhaseClock& clock) { return run_project(exec, project, clock, std::move(run)); };
  train_detector(program, project, {fit, [&] { return table_fingerprint(read_table(project.data)); }}, flags, all);
}

void run(const Program& program, const RunFlags& flags) {
  require_project_file(flags.project);
  const ProjectFile file = ProjectFile::open(flags.project, flags.sets);
  TrainingFlags training = flags.training;
  if (training.output.empty()) training.output = file.output();
  const Processes all = find_processes();
  as_one_of(all, [&] {
    if (file.predicts()) return train_predictor(program, PredictionProject::read(file, program.registry), training, all);
    run_detector(program, Project::read(file, program.registry), training, all);
  });
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
  verb->callback([&program, flags] { run(program, *flags); });
}

}  // namespace crisp
