/// Carries a project through: read, prepare, split, train, evaluate.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "core/run_info.h"
#include "detect/reasons.h"
#include "evaluate/evaluation.h"
#include "run/project.h"

namespace crisp {

/// The scored rows cut by the values of a column. Without labels every row counts as normal: then `false_positive` is
/// the number of rows found anomalous.
struct SlicedBy {
  std::string column;
  std::vector<Slice> slices;
};

/// The highest scores and why; a row that is there twice (a trip claimed for two vehicles) is shown once.
struct TopRows {
  std::vector<int64_t> rows;
  std::vector<std::vector<RowReason>> reasons;
};

struct RunResult {
  Project project;
  ReadReport reading;
  std::vector<ColumnInfo> input;  ///< the columns as read
  StepLog steps;               ///< raw rows to features, on all rows
  Table events;                ///< the rows before the last aggregation: what tracks are drawn from
  int64_t train_rows = 0;
  int64_t test_groups = 0;     ///< groups tested, where impostors are mixed in
  std::vector<std::string> notes;
  std::optional<Pipeline> pipeline;
  TrainingRun training;        ///< of the model for all rows
  Scored scored;               ///< the test rows, impostors among them
  std::optional<Scored> observed;  ///< the test rows as they came, where impostors are mixed into `scored`
  TopRows top;                 ///< the most anomalous rows as they came
  TopRows impostor_top;        ///< the most anomalous of `scored`, where impostors are mixed in
  TopRows learned_top;         ///< the most anomalous of the training rows; empty where those are the test rows
  std::optional<Evaluation> evaluation;         ///< where there is a label
  std::vector<SlicedBy> slices;
  std::string data_fingerprint;                 ///< SHA-256 of the table as read: names, types, values
  std::vector<std::string> unmet;               ///< success criteria that were not met

  /// The rows that `top` counts in.
  const Scored& as_they_came() const { return observed ? *observed : scored; }
};

/// `clock` takes the phases: read, prepare, train, score, explain. `run`: where the fit leaves its checkpoints, and whether it shows
/// itself.
RunResult run_project(Exec& exec, const Project& project, PhaseClock& clock, TrainingRun run = {});
/// The same on a table that has been read already.
RunResult run_on_table(Exec& exec, const Project& project, const Table& raw, const ReadReport& reading,
                       PhaseClock& clock, TrainingRun run = {});

/// Compares scored rows with their labels; nothing where the label column or every label is absent. `notes` takes what
/// was left out, and why.
std::optional<Evaluation> evaluate_scored(const Scored& scored, const LabelPlan& label, std::vector<std::string>& notes);

/// Where there are labels, of the labelled rows only.
std::vector<SlicedBy> slice_scored(const Scored& scored, const std::optional<Evaluation>& evaluation,
                                   const std::vector<std::string>& columns);

/// Code::data where a file holds the names of columns and nothing else.
void require_rows(const Table& table, const std::string& path);

/// {"column": [{"value", "rows", "anomalies", ...}]}; figures of agreement only where the rows are labelled.
Json slices_json(const std::vector<SlicedBy>& sliced, bool labelled);
/// The document of --json: schema "crisp.run/1".
Json run_json(const RunResult& result);
/// How many models there are, and for what: "one for each of 30 values of sensor_id and one for the rest".
std::string models_text(const RunResult& result);
/// What a person reads on stdout.
std::string run_text(const RunResult& result, const std::string& report_path);
/// The offline HTML report.
std::string run_report(const RunResult& result, const PhaseClock& clock);

}  // namespace crisp
