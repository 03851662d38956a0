/// What a predicting model looks at: which columns count, by several measures, and what moved single rows.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "core/json.h"
#include "explain/permutation.h"
#include "explain/shapley_values.h"
#include "report/terminal.h"

namespace crisp {

struct ExplainPlan {
  std::string target;         ///< the column that holds the truth, where it has another name than in training
  std::string answer_of;      ///< see shapley_values()
  PermutationPlan permutation;
  bool permutation_wanted = false;  ///< asked for: it is an error where it cannot be had
  int64_t most_rows = 10000;  ///< that are looked at
  std::vector<int64_t> rows;  ///< shown one by one, counted from 1; empty: the highest, the median and the lowest margin
};

/// One a column; what a measure does not tell is NaN.
struct ColumnImportance {
  InputColumn column = {};
  double shapley = kUndefined;  ///< mean |Shapley value|
  double gain = kUndefined, splits = kUndefined;
  Permuted permuted = {};
};

/// A row that is shown by itself.
struct ShownRow {
  size_t place = 0;      ///< among the rows
  std::string why = {};  ///< "the highest"; "" where it was asked for
};

struct Explanation {
  std::string model;                       ///< its title
  int64_t rows = 0, all_rows = 0;
  std::vector<int64_t> numbers;            ///< of the rows, see ExplainedRows
  Table table;                             ///< the rows
  std::vector<ColumnImportance> columns;   ///< the most important first
  std::optional<ShapleyValues> shapley;    ///< its columns are `columns`
  std::optional<PermutationImportance> permutation;  ///< without its columns
  std::vector<ShownRow> shown;
  std::vector<std::vector<std::string>> rules;  ///< of small trees, each leaf in a sentence
  std::vector<std::string> notes;          ///< what could not be had, and why
};

/// Code::usage before any work where the plan asks for what this model has not.
void check_plan(const ExplainPlan& plan, const PredictionPipeline& pipeline);
Explanation explain_predictor(Exec& exec, const SavedPredictor& saved, const Table& raw, const ExplainPlan& plan);

/// The document of --json: schema "crisp.explain/1".
Json explanation_json(const Explanation& explanation);
std::string explanation_text(const Explanation& explanation, const report::TerminalStyle& style);
/// `data`: the path of the rows.
std::string explanation_report(const Explanation& explanation, const std::string& data);
/// A row a row: its number, class (where each row has its own), margin, expected, and shap_<column> for each.
Table shapley_table(const Explanation& explanation);

}  // namespace crisp
