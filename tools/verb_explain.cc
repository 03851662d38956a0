/// crisp explain MODEL DATA: which columns a predicting model looks at, and what moved single rows.
#include <CLI/CLI.hpp>

#include <unistd.h>

#include <memory>

#include "core/atomic_file.h"
#include "core/log.h"
#include "core/output_directory.h"
#include "cuda/error.h"
#include "explain/explanation.h"
#include "read/write.h"
#include "report/terminal.h"
#include "run/run_project.h"
#include "tools/program.h"
#include "train/prediction_bundle.h"

namespace crisp {
namespace {

struct ExplainFlags {
  std::string model, data, output;
  ExplainPlan plan;
  bool force = false;
};

void refuse_detector(const Bundle& bundle, const ExplainFlags& flags) {
  if (predicts(bundle)) return;
  throw Error(Code::usage, concat("'", flags.model, "' is a detector: it says of each row itself which columns made it unusual"),
              concat("the column reasons of crisp predict ", flags.model, " ", flags.data, " holds them; crisp detect gives them for any table"));
}

/// report.html, shap.parquet, explain.json.
void write_explanation(const OutputDirectory& directory, const ExplainFlags& flags, const Explanation& explanation, const Json& document) {
  if (explanation.shapley) write_table(shapley_table(explanation), directory.file("shap.parquet"));
  write_file_atomically(directory.file("report.html"), explanation_report(explanation, flags.data));
  write_file_atomically(directory.file("explain.json"), to_text(document, 1) + "\n");
}

void explain(const Program& program, const ExplainFlags& flags) {
  require_model_first("explain", flags.model, flags.data);
  const Bundle bundle = Bundle::open(flags.model);
  refuse_detector(bundle, flags);
  refuse_model_as_data(flags.data);
  const SavedPredictor saved = open_predictor(bundle, program.registry);
  check_plan(flags.plan, saved.pipeline);
  std::unique_ptr<OutputDirectory> directory;
  if (!flags.output.empty()) directory = std::make_unique<OutputDirectory>(flags.output, flags.force);
  const auto exec = program.make_exec();
  const Table rows = read_table(saved.request(flags.data));
  require_rows(rows, flags.data);
  const Explanation explanation = explain_predictor(*exec, saved, rows, flags.plan);
  const Json document = explanation_json(explanation);
  if (directory) {
    write_explanation(*directory, flags, explanation, document);
    directory->keep();
    note("report: ", directory->file("report.html"));
  }
  program.print_json(document);
  program.print(explanation_text(explanation, report::terminal_style(STDOUT_FILENO)));
}

}  // namespace

void add_explain(CLI::App& app, Program& program) {
  auto flags = std::make_shared<ExplainFlags>();
  ExplainPlan& plan = flags->plan;
  CLI::App* verb = app.add_subcommand("explain", "Which columns a predicting model looks at, and what moved single rows");
  verb->add_option("MODEL", flags->model, "A run directory")->required();
  verb->add_option("DATA", flags->data, "Rows like those that it learned from; with their target for permutation importance")->required();
  verb->add_option("-o,--output", flags->output, "A folder for report.html, shap.parquet and explain.json")->check(blank_complaint);
  verb->add_option("--target", plan.target, "The column that holds the truth, where it has another name than in training")->check(blank_complaint);
  verb->add_option("--class", plan.answer_of, "Explain this class; default: the second of two, of more the one that each row is predicted")->check(blank_complaint);
  verb->add_option("--row", plan.rows, "Show this row of DATA by itself, counted from 1; may be repeated")->allow_extra_args(false);
  verb->add_option("--rows", plan.most_rows, "Look at so many rows at most, drawn by the seed")
      ->check(CLI::Range(int64_t{1}, int64_t{1} << 40))
      ->capture_default_str();
  verb->add_option("--repeats", plan.permutation.repeats, "Shuffle each column so often")->check(CLI::Range(1, 1000))->capture_default_str();
  verb->add_option("--metric", plan.permutation.metric, "What permutation importance judges by; default: roc_auc of classes, rmse of numbers");
  verb->add_option("--seed", plan.permutation.seed, "Of every draw")->capture_default_str();
  verb->add_flag("--force", flags->force, "Overwrite the folder");
  add_global_flags(*verb, program);
  verb->callback([&program, flags, verb] {
    flags->plan.permutation_wanted = verb->count("--metric") + verb->count("--repeats") + verb->count("--target") > 0;
    explain(program, *flags);
  });
}

}  // namespace crisp
