/// crisp evaluate MODEL DATA: how well a saved model does on labelled rows.
#include <CLI/CLI.hpp>

#include <unistd.h>

#include "cuda/error.h"
#include "report/numbers.h"
#include "report/terminal.h"
#include "run/run_project.h"
#include "tools/program.h"
#include "train/pipeline_bundle.h"

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

report::TextTable metrics_table(const Json& metrics) {
  report::TextTable table;
  table.columns = {"metric", "value"};
  for (const auto& [name, value] : metrics.items()) {
    if (value.is_number()) table.rows.push_back({name, report::number(value.get<double>(), 4)});
  }
  return table;
}

report::TextTable slices_table(const SlicedBy& by) {
  report::TextTable table;
  table.columns = {by.column, "rows", "accuracy", "found", "recognised"};
  for (const Slice& slice : by.slices) {
    table.rows.push_back({slice.value, report::count(slice.counts.rows()), report::percent(slice.counts.accuracy()),
                          report::percent(slice.counts.recall()), report::percent(slice.counts.specificity())});
  }
  return table;
}

/// "roc_auc>=0.8": Code::gate where it does not hold.
void check_gate(const std::string& gate, const Json& metrics) {
  const size_t sign = gate.find(">=");
  CRISP_REQUIRE(sign != std::string::npos, Code::usage, "--gate ", gate, ": expected METRIC>=VALUE");
  const std::string metric = gate.substr(0, sign), bound = gate.substr(sign + 2);
  double wanted = 0;
  const auto parsed = std::from_chars(bound.data(), bound.data() + bound.size(), wanted);
  CRISP_REQUIRE(parsed.ec == std::errc() && parsed.ptr == bound.data() + bound.size(), Code::usage, "--gate ", gate,
                ": '", bound, "' is not a number");
  CRISP_REQUIRE(metrics.contains(metric) && !metrics[metric].is_object(), Code::usage, "--gate ", gate, ": no metric '", metric, "'");
  const bool met = metrics[metric].is_number() && metrics[metric].get<double>() >= wanted;
  CRISP_REQUIRE(met, Code::gate, "gate not met: ", metric, " is ", to_text(metrics[metric]), ", wanted at least ", wanted);
}

void evaluate(const Program& program, const EvaluateFlags& flags) {
  const SavedPipeline saved = open_pipeline(flags.model, program.registry);
  const Pipeline& pipeline = saved.pipeline;
  const LabelPlan label = label_of(pipeline, flags);
  const auto exec = program.make_exec();
  const ReadRequest request = saved.request(flags.data);
  StepLog steps;
  const Scored scored = pipeline.score(*exec, read_table(request), steps);
  scored.rows.index_of(label.column);  // says which column is missing, and the nearest
  const auto evaluation = evaluate_scored(scored, label);
  CRISP_REQUIRE(evaluation->counts.positives() > 0, Code::data, "no row has '", label.anomaly, "' in the column '",
                label.column, "': --anomaly VALUE says which value stands for an anomaly");
  const auto slices = slice_scored(scored, evaluation, flags.slices);
  const Json metrics = evaluation->to_json();
  program.print_json({{"schema", "crisp.evaluate/1"}, {"metrics", metrics}, {"slices", slices_json(slices, true)}});
  const report::TerminalStyle style = report::terminal_style(STDOUT_FILENO);
  program.print(report::render(metrics_table(metrics), style));
  for (const SlicedBy& by : slices) program.print(report::heading(by.column, style) + report::render(slices_table(by), style));
  for (const std::string& gate : flags.gates) check_gate(gate, metrics);
}

}  // namespace

void add_evaluate(CLI::App& app, Program& program) {
  auto flags = std::make_shared<EvaluateFlags>();
  CLI::App* verb = app.add_subcommand("evaluate", "Measure a saved model on labelled rows");
  verb->add_option("MODEL", flags->model, "A run directory")->required();
  verb->add_option("DATA", flags->data, "Labelled rows")->required();
  verb->add_option("--label", flags->label, "The label column; default: the model's own");
  verb->add_option("--anomaly", flags->anomaly, "Its value for an anomaly; default 1");
  verb->add_option("--slice", flags->slices, "Cut the figures by this column; may be repeated")->allow_extra_args(false);
  verb->add_option("--gate", flags->gates, "METRIC>=VALUE, else exit code 1; may be repeated")->allow_extra_args(false);
  add_global_flags(*verb, program);
  verb->callback([&program, flags] { evaluate(program, *flags); });
}

}  // namespace crisp
