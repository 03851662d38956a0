/// crisp evaluate MODEL DATA: how well a saved detector does on labelled rows, or a predicting model on rows with their target.
#include <CLI/CLI.hpp>

#include <unistd.h>

#include "cuda/error.h"
#include "core/format.h"
#include "core/log.h"
#include "evaluate/prediction_page.h"
#include "report/terminal.h"
#include "run/prediction_run.h"
#include "run/prediction_slices.h"
#include "run/run_project.h"
#include "tools/program.h"
#include "train/pipeline_bundle.h"
#include "train/prediction_bundle.h"

namespace crisp {
namespace {

struct EvaluateFlags {
  std::string model, data, label, anomaly;
  std::vector<std::string> slices, gates;
};

LabelPlan label_of(const Pipeline& pipeline, const EvaluateFlags& flags) {
  LabelPlan label = pipeline.label();
  if (!flags.label.empty()) label = {flags.label, "1", ""};
  if (!flags.anomaly.empty()) label = {label.column, flags.anomaly, ""};
  if (label.column.empty()) {
    throw Error(Code::usage, "the model knows no label column", "name it: --label COLUMN --anomaly VALUE");
  }
  return label;
}

report::TextTable metrics_table(const Evaluation& evaluation) {
  report::TextTable table;
  table.columns = {"metric", "value"};
  table.rows.push_back({"rows", format_count(evaluation.counts.rows())});
  for (const Metric& metric : all_metrics()) table.rows.push_back({metric.name, format_number(metric.value(evaluation), 4)});
  table.rows.push_back({"accuracy_always_normal", format_number(evaluation.counts.always_negative_accuracy(), 4)});
  return table;
}

report::TextTable slices_table(const SlicedBy& by) {
  report::TextTable table;
  table.columns = {by.column, "rows", "accuracy", "found", "recognised"};
  for (const Slice& slice : by.slices) {
    table.rows.push_back({slice.value, format_count(slice.counts.rows()), format_percent(slice.counts.accuracy()),
                          format_percent(slice.counts.recall()), format_percent(slice.counts.specificity())});
  }
  return table;
}

std::vector<Criterion> gates_of(const EvaluateFlags& flags) {
  std::vector<Criterion> gates;
  for (const std::string& gate : flags.gates) {
    try {
      gates.push_back(Criterion::parse(gate));
    } catch (Error& error) {
      error.add_context("--gate");
      throw;
    }
  }
  return gates;
}

template <class Judged>
void check_gates(const std::vector<Criterion>& gates, const Judged& evaluation) {
  std::string all;
  for (const Criterion& gate : gates) {
    const std::string complaint = gate.complaint(evaluation);
    if (!complaint.empty()) all += concat(all.empty() ? "" : "; ", complaint);
  }
  CRISP_REQUIRE(all.empty(), Code::gate, "gate not met: ", all);
}

/// Says which column will be missing, and the nearest, before the rows are prepared and scored.
void require_scored_columns(Exec& exec, const Pipeline& pipeline, const Table& rows, const LabelPlan& label,
                            const std::vector<std::string>& slices) {
  StepLog ignored;
  const Table none = pipeline.recipe().run_stateless(exec, rows.slice(0, 0), ignored);
  none.index_of(label.column);
  for (const std::string& slice : slices) none.index_of(slice);
}

void evaluate_detector(const Program& program, const EvaluateFlags& flags, const std::vector<Criterion>& gates,
                       const SavedPipeline& saved) {
  const Pipeline& pipeline = saved.pipeline;
  const LabelPlan label = label_of(pipeline, flags);
  const auto exec = program.make_exec();
  const ReadRequest request = saved.request(flags.data);
  StepLog steps;
  const Table rows = read_table(request);
  require_scored_columns(*exec, pipeline, rows, label, flags.slices);
  const Scored scored = saved.score(*exec, rows, steps);
  std::vector<std::string> notes;
  const auto evaluation = evaluate_scored(scored, label, notes);
  CRISP_REQUIRE(evaluation.has_value(), Code::data, flags.data, ": ", notes.back());
  const auto slices = slice_scored(scored, evaluation, flags.slices);
  program.print_json({{"schema", "crisp.evaluate/1"}, {"metrics", evaluation->to_json()},
                      {"slices", slices_json(slices, true)}, {"notes", notes}});
  const report::TerminalStyle style = report::terminal_style(STDOUT_FILENO);
  std::string text = report::render(metrics_table(*evaluation), style);
  for (const std::string& remark : notes) text += remark + "\n";
  for (const SlicedBy& by : slices) text += report::heading(by.column, style) + report::render(slices_table(by), style);
  program.print(text);
  check_gates(gates, *evaluation);
}

/// The rows and what their slices are cut by must be there before anything is predicted.
void require_target_columns(Exec& exec, const SavedPredictor& saved, const Table& rows, const std::vector<std::string>& slices) {
  StepLog ignored;
  const Table none = saved.input.telling_absent(rows, [&] {
    return saved.pipeline.recipe().run_stateless(exec, rows.slice(0, 0), ignored);
  });
  none.index_of(saved.pipeline.target().column());
  for (const std::string& slice : slices) none.index_of(slice);
}

void evaluate_predictor(const Program& program, const EvaluateFlags& flags, const std::vector<Criterion>& gates,
                        const SavedPredictor& saved) {
  if (!flags.label.empty() || !flags.anomaly.empty()) {
    throw Error(Code::usage, "--label and --anomaly are of detectors, and the model predicts a target",
                concat("leave them out: it is judged by its target ", saved.pipeline.target().column()));
  }
  const Target& target = saved.pipeline.target();
  const auto exec = program.make_exec();
  const Table rows = read_table(saved.request(flags.data));
  require_rows(rows, flags.data);
  require_target_columns(*exec, saved, rows, flags.slices);
  StepLog steps;
  const Predictions predictions = saved.predict(*exec, rows, steps);
  const std::vector<double> truth = saved.pipeline.truths(predictions);
  const auto evaluation = judge_predictions(*exec, target, predictions, truth);
  CRISP_REQUIRE(evaluation.has_value(), Code::data, flags.data, ": no row has a ", target.column(), " that the model knows");
  const int64_t unknown = target.unknown_classes(predictions.rows);
  if (unknown > 0) warn(counted(unknown, "row"), " left out of the figures: the model does not know their class");
  std::vector<PredictionSlices> slices;
  for (const std::string& column : flags.slices) slices.push_back(slice_predictions(*exec, target, predictions, truth, column));
  Json document = {{"schema", "crisp.evaluate/1"}, {"metrics", evaluation->to_json()},
                   {"slices", prediction_slices_json(slices)}, {"notes", evaluation->notes}};
  if (saved.pipeline.forecast()) document["by_step"] = to_json(score_forecasts(predictions.values, truth, predictions.outputs).steps);
  program.print_json(document);
  const report::TerminalStyle style = report::terminal_style(STDOUT_FILENO);
  std::string text = prediction_text(*evaluation, style);
  for (const PredictionSlices& by : slices) {
    text += report::heading(by.column, style) + report::render(prediction_slices_table(by), style);
  }
  program.print(text);
  check_gates(gates, *evaluation);
}

void evaluate(const Program& program, const EvaluateFlags& flags) {
  const std::vector<Criterion> gates = gates_of(flags);
  require_model_first("evaluate", flags.model, flags.data);
  const Bundle bundle = Bundle::open(flags.model);
  if (predicts(bundle)) return evaluate_predictor(program, flags, gates, open_predictor(bundle, program.registry));
  evaluate_detector(program, flags, gates, open_pipeline(bundle, program.registry));
}

}  // namespace

void add_evaluate(CLI::App& app, Program& program) {
  auto flags = std::make_shared<EvaluateFlags>();
  CLI::App* verb = app.add_subcommand("evaluate", "Measure a saved model on labelled rows");
  verb->add_option("MODEL", flags->model, "A run directory")->required();
  verb->add_option("DATA", flags->data, "Labelled rows")->required();
  verb->add_option("--label", flags->label, "The label column; default: the model's own")->check(blank_complaint);
  verb->add_option("--anomaly", flags->anomaly, "Its value for an anomaly; default 1")->check(blank_complaint);
  verb->add_option("--slice", flags->slices, "Cut the figures by this column; may be repeated")->allow_extra_args(false);
  verb->add_option("--gate", flags->gates, "METRIC>=VALUE, else exit code 1; may be repeated")->allow_extra_args(false);
  add_global_flags(*verb, program);
  verb->callback([&program, flags] { evaluate(program, *flags); });
}

}  // namespace crisp
