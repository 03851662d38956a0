/// crisp import MODEL -o DIR: a model of XGBoost or LightGBM as a bundle that every other verb takes.
#include <CLI/CLI.hpp>

#include "core/format.h"
#include "core/log.h"
#include "import/import_model.h"
#include "models/registry.h"
#include "tools/program.h"

namespace crisp {
namespace {

struct ImportFlags {
  ImportPlan plan;
  std::string output = "runs/model";
  bool force = false;
};

Json summary(const ImportFlags& flags, const ImportResult& result) {
  Json columns = Json::array();
  for (const ImportedColumn& column : result.model.columns) {
    columns.push_back({{"name", column.name}, {"type", column_type_name(column.type)}, {"categories", column.categories}});
  }
  return {{"schema", "crisp.import/1"}, {"library", result.model.library}, {"objective", result.model.objective},
          {"target", result.pipeline.target().to_json()}, {"columns", columns}, {"notes", result.model.notes}, {"output", flags.output}};
}

void import(const Program& program, const ImportFlags& flags) {
  OutputDirectory directory(flags.output, flags.force);
  const ImportResult result = import_model(program.registry, import_model_file, flags.plan);
  write_import(directory, result);
  directory.keep();
  for (const std::string& remark : result.model.notes) note(remark);
  program.print_json(summary(flags, result));
  const auto columns = static_cast<int64_t>(result.model.columns.size());
  note(result.model.library, ", ", result.model.objective, ", ", counted(columns, "column"), ": written to ", flags.output);
}

}  // namespace

void add_import(CLI::App& app, Program& program) {
  auto flags = std::make_shared<ImportFlags>();
  CLI::App* verb = app.add_subcommand("import", "Bring a model of XGBoost or LightGBM here, for predict, evaluate, explain and export");
  verb->add_option("MODEL", flags->plan.path, "XGBoost's .json or .ubj, LightGBM's text")->required();
  verb->add_option("-o,--output", flags->output, "The run directory")->capture_default_str();
  verb->add_option("--target", flags->plan.target, "The name of the column that it predicts")->capture_default_str()->check(blank_complaint);
  verb->add_option("--classes", flags->plan.classes, "The names of its classes, in order: no,yes; else 0, 1, ...")->delimiter(',');
  verb->add_option("--columns-of", flags->plan.columns_of, "A table that has the columns' names as you write them: LightGBM turns blanks into _");
  verb->add_flag("--force", flags->force, "Overwrite the run directory");
  add_global_flags(*verb, program);
  verb->callback([&program, flags] { import(program, *flags); });
}

}  // namespace crisp
