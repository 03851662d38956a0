#include "run/run_project.h"

#include <algorithm>
#include <set>

#include "core/format.h"
#include "core/interrupt.h"
#include "core/log.h"
#include "cuda/error.h"
#include "detect/answer.h"
#include "prepare/steps.h"
#include "run/require_columns.h"
#include "table/fingerprint.h"

namespace crisp {
namespace {

struct TrainTest {
  Table train, test;
};

/// Cuts prepared rows by the project's split; without one, the same rows train and are scored.
TrainTest split_rows(Exec& exec, const Project& project, const Table& rows) {
  if (!project.test_rows) return {rows, rows};
  const std::vector<uint8_t> tests = project.test_rows->condition(exec, rows);
  std::vector<uint8_t> trains(tests.size());
  std::transform(tests.begin(), tests.end(), trains.begin(), [](uint8_t test) { return test == 0; });
  TrainTest parts{keep_rows(rows, trains), keep_rows(rows, tests)};
  CRISP_REQUIRE(parts.train.rows() > 0 && parts.test.rows() > 0, Code::data, "[split] test = \"",
                project.test_rows->text(), "\" leaves ", counted(parts.train.rows(), "row"), " for training and ",
                parts.test.rows(), " for the test");
  return parts;
}

/// Code::data naming the step that took the last row.
void require_rows_left(const StepLog& steps, int64_t rows_read) {
  for (const StepRecord& step : steps) {
    if (step.rows_after > 0) continue;
    std::string notes;
    for (const std::string& remark : step.notes) notes += (notes.empty() ? "" : "; ") + remark;
    throw Error(Code::data,
                concat("no rows are left after the step ", step.title, " (", counted(rows_read, "row"), " read)"), notes);
  }
}

Table prepare(Exec& exec, RunResult& result, const Table& raw) {
  const Recipe& recipe = result.project.pipeline.recipe;
  note("preparing ", counted(raw.rows(), "row"), " in ", counted(static_cast<int64_t>(recipe.size()), "step"));
  Table rows = recipe.run_stateless(exec, raw, result.steps, &result.events);
  check_interrupt();
  require_rows_left(result.steps, raw.rows());
  return rows;
}

/// The rows to test: as they are, or with impostors mixed in.
Table test_rows(RunResult& result, const TrainTest& parts) {
  if (!result.project.impostors) return parts.test;
  const ImpostorPlan& plan = *result.project.impostors;
  const ImpostorTest mixed = mix_impostors(parts.test, parts.train.texts(plan.group), plan);
  result.test_groups = mixed.groups;
  const int64_t own_rows = mixed.rows.rows() - mixed.impostor_rows;
  const std::string strangers =
      mixed.impostor_rows == own_rows ? "as many" : concat("only ", format_count(mixed.impostor_rows));
  result.notes.push_back(concat(counted(own_rows, "test row"), " of ", counted(mixed.groups, "value"), " of ",
                                plan.group, ", and ", strangers, " of others claimed to be theirs (seed ", plan.seed, ")"));
  if (mixed.left_out_rows > 0) {
    result.notes.push_back(concat(counted(mixed.left_out_rows, "test row"), " left out: their ", plan.group, " has under ",
                                  counted(plan.min_train_rows, "training row")));
  }
  return mixed.rows;
}

void judge(RunResult& result) {
  for (const Criterion& criterion : result.project.criteria) {
    const std::string complaint = result.evaluation ? criterion.complaint(*result.evaluation)
                                                    : concat(criterion.metric, ": there is no label to measure it by");
    if (!complaint.empty()) result.unmet.push_back(complaint);
  }
}

/// Fixed-size view of a vector's memory.
}  // namespace

void require_rows(const Table& table, const std::string& path) {
  CRISP_REQUIRE(table.rows() > 0, Code::data, path, ": no rows, only the names of ", counted(table.columns(), "column"));
}

std::optional<Evaluation> evaluate_scored(const Scored& scored, const LabelPlan& label, std::vector<std::string>& notes) {
  if (label.column.empty() || !scored.rows.has(label.column)) return std::nullopt;
  Evaluation evaluation = evaluate_labels(read_labels(scored.rows, label), label, scored.scores, scored.anomalous);
  notes.insert(notes.end(), evaluation.notes.begin(), evaluation.notes.end());
  if (evaluation.counts.rows() == 0) return std::nullopt;
  return evaluation;
}

std::vector<SlicedBy> slice_scored(const Scored& scored, const std::optional<Evaluation>& evaluation,
                                   const std::vector<std::string>& columns) {
  std::vector<SlicedBy> slices;
  for (const std::string& column : columns) {
    std::vector<std::string> values = scored.rows.texts(column);
    // A column of whole numbers may have been read as reals: a slice keeps the name that it had in training.
    const bool real = scored.rows.type(column) == ColumnType::real;
    for (std::string& value : values) {
      if (real && value.ends_with(".0")) value.resize(value.size() - 2);
    }
    if (!evaluation) {
      slices.push_back({column, slice_by(values, std::vector<uint8_t>(values.size()), scored.anomalous)});
      continue;
    }
    std::vector<std::string> labelled;
    std::vector<uint8_t> answers;
    for (size_t i = 0; i < values.size(); ++i) {
      if (evaluation->labels[i] == Label::none) continue;
      labelled.push_back(std::move(values[i]));
      answers.push_back(scored.anomalous[i]);
    }
    slices.push_back({column, slice_by(labelled, evaluation->truth, answers)});
  }
  return slices;
}

namespace {

void train(Exec& exec, RunResult& result, const Table& rows) {
  const PipelinePlan& plan = result.project.pipeline;
  result.train_rows = rows.rows();
  note("training ", plan.fit.learner->title(), " on ", counted(rows.rows(), "row"));
  result.training.data_fingerprint = result.data_fingerprint;
  result.pipeline = Pipeline::fit(exec, plan, rows, result.steps, &result.training);
  check_interrupt();
}

TopRows top_rows(Exec& exec, const RunResult& result, const Scored& scored, int64_t most) {
  const auto& tracks = result.project.tracks;
  const auto wanted = static_cast<size_t>(most);
  const std::vector<std::string> names =
      tracks && scored.rows.has(tracks->by) ? scored.rows.texts(tracks->by) : std::vector<std::string>();
  std::set<std::string> shown;
  TopRows top;
  for (const size_t row : by_falling_score(scored.scores)) {
    if (top.rows.size() == wanted) break;
    if (names.empty() || shown.insert(names[row]).second) top.rows.push_back(static_cast<int64_t>(row));
  }
  top.reasons = explain_rows(exec, *result.pipeline, scored, top.rows);
  return top;
}

void score(Exec& exec, RunResult& result, const TrainTest& parts) {
  const Table rows = test_rows(result, parts);
  note("scoring ", counted(rows.rows(), "row"));
  StepLog repeated;  // the tail's steps stand in the log of the training rows already
  result.scored = result.pipeline->score_prepared(exec, rows, repeated);
  if (result.project.impostors) result.observed = result.pipeline->score_prepared(exec, parts.test, repeated);
  result.evaluation = evaluate_scored(result.scored, result.project.pipeline.label, result.notes);
  result.slices = slice_scored(result.scored, result.evaluation, result.project.slices);
  check_interrupt();
}

}  // namespace

RunResult run_on_table(Exec& exec, const Project& project, const Table& raw, const ReadReport& reading,
                       PhaseClock& clock, TrainingRun run) {
  RunResult result;
  result.training = std::move(run);
  result.project = project;
  result.reading = reading;
  for (const std::string& remark : reading.notes) note(remark);
  result.input = raw.schema();
  require_rows(raw, project.data.path);
  const auto timed = [&clock](const char* phase, auto body) {
    const PhaseClock::Phase running(clock, phase);
    return body();
  };
  require_columns(exec, project, raw);
  result.data_fingerprint = timed("fingerprint", [&] { return table_fingerprint(raw); });
  const TrainTest parts = timed("prepare", [&] { return split_rows(exec, project, prepare(exec, result, raw)); });
  timed("train", [&] { train(exec, result, parts.train); });
  timed("score", [&] { score(exec, result, parts); });
  timed("explain", [&] {
    const int64_t few = (project.top + 2) / 3;  // of the further lists
    result.top = top_rows(exec, result, result.as_they_came(), project.top);
    if (result.observed) result.impostor_top = top_rows(exec, result, result.scored, few);
    if (project.test_rows) result.learned_top = top_rows(exec, result, result.pipeline->training(), few);
  });
  judge(result);
  return result;
}

RunResult run_project(Exec& exec, const Project& project, PhaseClock& clock, TrainingRun run) {
  note("reading ", project.data.path);
  ReadReport reading;
  Table raw;
  {
    const PhaseClock::Phase running(clock, "read");
    raw = read_table(project.data, &reading);
  }
  check_interrupt();
  return run_on_table(exec, project, raw, reading, clock, std::move(run));
}

}  // namespace crisp
