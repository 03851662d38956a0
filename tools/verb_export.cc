/// crisp export MODEL --format torchscript|triton -o OUT: a model for programs that know nothing of crisp.
#include <CLI/CLI.hpp>

#include <filesystem>

#include "core/format.h"
#include "core/log.h"
#include "cuda/error.h"
#include "export/export_model.h"
#include "tools/program.h"

namespace crisp {
namespace {

struct ExportFlags {
  std::string model, format = "torchscript", output, name, verify;
  bool force = false;
};

/// Letters, digits, - and _ of the run directory's name.
std::string repository_name(const ExportFlags& flags) {
  std::error_code ignored;
  const std::filesystem::path folder = std::filesystem::canonical(flags.model, ignored);
  std::string name = flags.name.empty() ? folder.filename().string() : flags.name;
  if (name == "manifest.json") name = folder.parent_path().filename().string();
  for (char& c : name) {
    const bool plain =
        (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' || c == '_';
    CRISP_REQUIRE(plain || flags.name.empty(), Code::usage, "--name may hold letters, digits, - and _");
    if (!plain) c = '_';
  }
  return name.empty() ? "model" : name;
}

void tell(const ExportFlags& flags, const ExportResult& result) {
  const ScriptModule& module = result.module;
  if (!module.left_out.empty()) {
    std::string steps;
    for (const std::string& step : module.left_out) steps += concat(steps.empty() ? "" : "; ", step);
    std::string columns;
    for (const ColumnInfo& column : module.columns)
      columns += concat(columns.empty() ? "" : ", ", column.name);
    note("these steps of the recipe do not travel: ", steps);
    note("the module takes the columns as they are after them: ", columns);
  }
  const Comparison& comparison = result.comparison;
  if (comparison.rows == 0) {
    warn("no row could be compared: give some with --verify DATA");
  } else {
    note("answers as crisp does: ", counted(comparison.rows, flags.verify.empty() ? "invented row" : "row"),
         ", the largest relative difference is ", comparison.largest);
  }
  note("written: ", result.path);
}

Json summary(const ExportFlags& flags, const ExportResult& result) {
  Json columns = Json::array();
  for (const ColumnInfo& column : result.module.columns) columns.push_back(column.name);
  return {{"schema", "crisp.export/1"},
          {"format", flags.format},
          {"output", result.path},
          {"columns", columns},
          {"left_out", result.module.left_out},
          {"verified",
           {{"rows", result.comparison.rows},
            {"unanswered", result.comparison.unanswered},
            {"largest_difference", result.comparison.largest}}}};
}

void run_export(const Program& program, const ExportFlags& flags) {
  ExportPlan plan{parse_export_format(flags.format), flags.output, "", flags.verify, flags.force};
  if (!flags.verify.empty()) {
    require_model_first("export", flags.model, flags.verify);
    refuse_model_as_data(flags.verify);
  }
  const Bundle bundle = Bundle::open(flags.model);
  plan.name = repository_name(flags);
  const auto exec = program.make_exec();
  const auto finish = [&](const Exported& source) {
    const ExportResult result = export_model(*exec, source, plan);
    tell(flags, result);
    program.print_json(summary(flags, result));
  };
  if (predicts(bundle)) {
    const SavedPredictor saved = open_predictor(bundle, program.registry);
    return finish(exported(saved));
  }
  const SavedPipeline saved = open_pipeline(bundle, program.registry);
  finish(exported(saved));
}

}  // namespace

void add_export(CLI::App& app, Program& program) {
  auto flags = std::make_shared<ExportFlags>();
  CLI::App* verb = app.add_subcommand("export", "Write a model for programs that know nothing of crisp");
  verb->add_option("MODEL", flags->model, "A run directory")->required();
  verb->add_option("--format", flags->format,
                   "torchscript: one file for LibTorch and PyTorch; triton: a model repository")
      ->capture_default_str();
  verb->add_option("-o,--output", flags->output,
                   "The file (torchscript), or the repository's folder (triton)")
      ->required()
      ->check(blank_complaint);
  verb->add_option("--verify", flags->verify,
                   "Rows to compare the file's answers on; without: invented ones");
  verb->add_option("--name", flags->name,
                   "The model's name in a Triton repository; the run directory's by default");
  verb->add_flag("--force", flags->force, "Overwrite what is there");
  add_global_flags(*verb, program);
  verb->callback([&program, flags] { run_export(program, *flags); });
}

}  // namespace crisp
