/// crisp predict MODEL DATA: scores new rows with a saved detector, or predicts their target.
#include <CLI/CLI.hpp>

#include <algorithm>
#include <set>

#include "core/file_io.h"
#include "core/format.h"
#include "core/log.h"
#include "cuda/error.h"
#include "detect/answer.h"
#include "evaluate/metrics.h"
#include "read/csv_writer.h"
#include "read/read.h"
#include "read/write.h"
#include "run/prediction_run.h"
#include "tools/program.h"
#include "train/pipeline_bundle.h"
#include "train/prediction_bundle.h"

namespace crisp {
namespace {

struct PredictFlags {
  std::string model, data, output = "-";
  bool force = false, probabilities = false, latest = false;
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
bool can_stream(const Program& program, const PredictFlags& flags, const FittedRecipe& recipe) {
  return flags.output == "-" && !program.json && is_pipe(flags.data) && recipe.in_pieces();
}

void tell_steps(const StepLog& steps) {
  for (const StepRecord& step : steps) {
    for (const std::string& remark : step.notes) note(step.step, ": ", remark);
  }
}

/// Prints batch after batch as CSV; answer(batch) gives the table of one.
template <class Answer>
void stream_answers(const ReadRequest& request, Answer answer) {
  bool first = true;
  read_batches(request, [&](const Table& batch) {
    write_csv(answer(batch), ',', [](const std::string& piece) { write_stdout(piece); }, first);
    first = false;
  });
}

void score_stream(Exec& exec, const SavedPipeline& saved, const ReadRequest& request) {
  int64_t rows = 0, anomalies = 0;
  stream_answers(request, [&](const Table& batch) {
    StepLog ignored;
    const Scored scored = saved.score(exec, batch, ignored);
    rows += scored.rows.rows();
    anomalies += std::count(scored.anomalous.begin(), scored.anomalous.end(), 1);
    return answer_table(exec, saved.pipeline, scored);
  });
  note(counted(rows, "row"), " scored, ", anomalies, " above the cutoff ", saved.pipeline.cutoff());
}

void score(Exec& exec, const Program& program, const PredictFlags& flags, const SavedPipeline& saved) {
  const Pipeline& pipeline = saved.pipeline;
  const ReadRequest request = saved.request(flags.data);
  if (can_stream(program, flags, pipeline.recipe())) return score_stream(exec, saved, request);
  StepLog steps;
  const Scored scored = saved.score(exec, read_table(request), steps);
  tell_steps(steps);
  tell_shared_groups(pipeline, scored);
  const Table answer = answer_table(exec, pipeline, scored);
  // With --json stdout carries the one document, so the rows need a file.
  if (flags.output != "-" || !program.json) write_table(answer, flags.output);
  program.print_json(summary(pipeline, scored, flags.output));
  const auto anomalies = std::count(scored.anomalous.begin(), scored.anomalous.end(), 1);
  note(counted(scored.rows.rows(), "row"), " scored, ", anomalies, " above the cutoff ", pipeline.cutoff());
}

/// The forecasts of the last row of each series alone.
void keep_latest(const ForecastPlan& plan, Predictions& predictions) {
  const SeriesOrder order = order_series(predictions.rows, plan);
  std::vector<int64_t> last;
  for (size_t s = 1; s < order.begins.size(); ++s) last.push_back(order.rows[static_cast<size_t>(order.begins[s] - 1)]);
  std::sort(last.begin(), last.end());
  Predictions kept{predictions.rows.take(last), predictions.outputs, {}, {}};
  for (const int64_t row : last) {
    const auto from = static_cast<std::ptrdiff_t>(row * predictions.outputs), to = from + predictions.outputs;
    kept.values.insert(kept.values.end(), predictions.values.begin() + from, predictions.values.begin() + to);
    kept.answers.insert(kept.answers.end(), predictions.answers.begin() + from, predictions.answers.begin() + to);
  }
  predictions = std::move(kept);
}

void predict_target(Exec& exec, const Program& program, const PredictFlags& flags, const SavedPredictor& saved) {
  const PredictionPipeline& pipeline = saved.pipeline;
  const Target& target = pipeline.target();
  const ReadRequest request = saved.request(flags.data);
  int64_t rows = 0;
  StepLog steps;
  const auto answer = [&](const Table& raw) {
    Predictions predictions = saved.predict(exec, raw, steps);
    if (flags.latest) keep_latest(pipeline.forecast(), predictions);
    rows += predictions.size();
    return prediction_table(target, predictions, pipeline.truths(predictions), flags.probabilities);
  };
  if (!pipeline.forecast() && can_stream(program, flags, pipeline.recipe())) {
    stream_answers(request, [&](const Table& batch) {
      Table table = answer(batch);
      steps.clear();
      return table;
    });
  } else {
    const Table table = answer(read_table(request));
    tell_steps(steps);
    if (flags.output != "-" || !program.json) write_table(table, flags.output);
    program.print_json({{"schema", "crisp.predict/1"}, {"rows", rows}, {"target", target.to_json()}, {"output", flags.output}});
  }
  note(counted(rows, "row"), " predicted");
}

void predict(const Program& program, const PredictFlags& flags) {
  require_new_output(flags.output, flags.force);
  require_model_first("predict", flags.model, flags.data);
  const Bundle bundle = Bundle::open(flags.model);
  if (predicts(bundle)) {
    const SavedPredictor saved = open_predictor(bundle, program.registry);
    CRISP_REQUIRE(!flags.probabilities || saved.pipeline.target().is_classes(), Code::usage, "--proba: the model predicts a number, no class");
    CRISP_REQUIRE(!flags.latest || saved.pipeline.forecast(), Code::usage, "--latest: the model is no forecast, and answers every row");
    return predict_target(*program.make_exec(), program, flags, saved);
  }
  CRISP_REQUIRE(!flags.latest, Code::usage, "--latest: the model is a detector, and scores every row");
  CRISP_REQUIRE(!flags.probabilities, Code::usage, "--proba: the model is a detector, and gives no probabilities");
  const SavedPipeline saved = open_pipeline(bundle, program.registry);
  score(*program.make_exec(), program, flags, saved);
}

}  // namespace

void add_predict(CLI::App& app, Program& program) {
  auto flags = std::make_shared<PredictFlags>();
  CLI::App* verb = app.add_subcommand("predict", "Score new rows with a saved model, or predict their target");
  verb->add_option("MODEL", flags->model, "A run directory")->required();
  verb->add_option("DATA", flags->data, "CSV, TSV, JSON lines, Parquet or Arrow; a folder, a glob, or - for stdin")->required();
  verb->add_option("-o,--output", flags->output, "Where the scored rows go, by ending; - is CSV on stdout")->capture_default_str();
  verb->add_flag("--proba", flags->probabilities, "The probability of each class, a column each: probability_CLASS");
  verb->add_flag("--latest", flags->latest, "Of a forecast the last row of each series only, not every row that has a window behind it");
  verb->add_flag("--force", flags->force, "Overwrite the output file");
  add_global_flags(*verb, program);
  verb->callback([&program, flags] { predict(program, *flags); });
}

}  // namespace crisp
