/// crisp predict MODEL DATA: scores new rows with a saved model.
#include <CLI/CLI.hpp>

#include <algorithm>
#include <set>

#include "core/file_io.h"
#include "core/format.h"
#include "core/log.h"
#include "detect/answer.h"
#include "evaluate/metrics.h"
#include "prepare/row_wise.h"
#include "read/csv_writer.h"
#include "read/read.h"
#include "read/write.h"
#include "tools/program.h"
#include "train/pipeline_bundle.h"

namespace crisp {
namespace {

struct PredictFlags {
  std::string model, data, output = "-";
  bool force = false;
};

Json summary(const Pipeline& pipeline, const Scored& scored, const std::string& output) {
  const auto anomalies = std::count(scored.anomalous.begin(), scored.anomalous.end(), 1);
  return {{"schema", "crisp.predict/1"}, {"rows", scored.rows.rows()}, {"anomalies", anomalies},
          {"cutoff", pipeline.cutoff()}, {"output", output}};
}

/// Rows of groups that the models do not know are answered by the shared one: said, because it is less sure.
void tell_shared_groups(const Pipeline& pipeline, const Scored& scored) {
  std::set<std::string> unknown;
  int64_t rows = 0;
  for (const std::string& group : scored.groups) {
    if (pipeline.models().has_own(group)) continue;
    unknown.insert(group);
    ++rows;
  }
  if (rows == 0) return;
  note(counted(rows, "row"), " of ", counted(static_cast<int64_t>(unknown.size()), "value"), " of ", pipeline.per(),
       " without a model of their own took the shared one");
}

/// Rows that need no other rows, to be printed: scored as they come, however many there will be.
bool can_stream(const Program& program, const PredictFlags& flags, const Pipeline& pipeline) {
  return flags.output == "-" && !program.json && is_pipe(flags.data) && is_row_wise(pipeline.recipe());
}

void predict_stream(Exec& exec, const SavedPipeline& saved, const ReadRequest& request) {
  const Pipeline& pipeline = saved.pipeline;
  int64_t rows = 0, anomalies = 0;
  bool first = true;
  read_batches(request, [&](const Table& batch) {
    StepLog ignored;
    const Scored scored = saved.score(exec, batch, ignored);
    write_csv(answer_table(exec, pipeline, scored), ',', [](const std::string& piece) { write_stdout(piece); }, first);
    first = false;
    rows += scored.rows.rows();
    anomalies += std::count(scored.anomalous.begin(), scored.anomalous.end(), 1);
  });
  note(counted(rows, "row"), " scored, ", anomalies, " above the cutoff ", pipeline.cutoff());
}

void predict(const Program& program, const PredictFlags& flags) {
  require_new_output(flags.output, flags.force);
  require_model_first("predict", flags.model, flags.data);
  const SavedPipeline saved = open_pipeline(flags.model, program.registry);
  const Pipeline& pipeline = saved.pipeline;
  const auto exec = program.make_exec();
  const ReadRequest request = saved.request(flags.data);
  if (can_stream(program, flags, pipeline)) return predict_stream(*exec, saved, request);
  StepLog steps;
  const Scored scored = saved.score(*exec, read_table(request), steps);
  for (const StepRecord& step : steps) {
    for (const std::string& remark : step.notes) note(step.step, ": ", remark);
  }
  tell_shared_groups(pipeline, scored);
  const Table answer = answer_table(*exec, pipeline, scored);
  // With --json stdout carries the one document, so the rows need a file.
  if (flags.output != "-" || !program.json) write_table(answer, flags.output);
  program.print_json(summary(pipeline, scored, flags.output));
  const auto anomalies = std::count(scored.anomalous.begin(), scored.anomalous.end(), 1);
  note(counted(scored.rows.rows(), "row"), " scored, ", anomalies, " above the cutoff ", pipeline.cutoff());
}

}  // namespace

void add_predict(CLI::App& app, Program& program) {
  auto flags = std::make_shared<PredictFlags>();
  CLI::App* verb = app.add_subcommand("predict", "Score new rows with a saved model");
  verb->add_option("MODEL", flags->model, "A run directory")->required();
  verb->add_option("DATA", flags->data, "CSV, TSV, JSON lines, Parquet or Arrow; a folder, a glob, or - for stdin")->required();
  verb->add_option("-o,--output", flags->output, "Where the scored rows go, by ending; - is CSV on stdout")->capture_default_str();
  verb->add_flag("--force", flags->force, "Overwrite the output file");
  add_global_flags(*verb, program);
  verb->callback([&program, flags] { predict(program, *flags); });
}

}  // namespace crisp
