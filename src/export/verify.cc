#include "export/verify.h"

#include <algorithm>
#include <cmath>
#include <numeric>

#include "cuda/error.h"
#include "train/windows.h"

namespace crisp {
namespace {

/// What the pipeline gives for the rows (of a forecast: windows of them) that it answers.
struct Truth {
  int64_t rows = 0;
  std::vector<double> scores;  ///< rows x outputs
};

/// The windows that begin at the rows `first`.
Matrix windows_of(const Matrix& rows, const std::vector<int64_t>& first, int64_t steps) {
  std::vector<int64_t> order(static_cast<size_t>(rows.rows()));
  std::iota(order.begin(), order.end(), int64_t{0});
  const WindowRows overlapping(rows, order, steps);
  Matrix copies;
  const MatrixView<const float> windows = overlapping.take(first, copies);
  Matrix out(windows.rows, windows.columns);
  for (int64_t i = 0; i < windows.rows; ++i) std::copy_n(windows.row(i), windows.columns, out.view().row(i));
  return out;
}

Truth truth_of(Exec& exec, const Exported& source, const ScriptModule& module, const Table& table) {
  const FittedRecipe& recipe = *source.recipe;
  StepLog unasked;
  const size_t tail = std::max(module.first, recipe.stateless_steps());
  const Table middle = recipe.run_steps(exec, table, module.first, tail, true, unasked);
  const std::vector<std::string> all_groups =
      source.per.empty() ? std::vector<std::string>() : middle.texts(source.per);
  const Matrix all =
      to_matrix(recipe.run_steps(exec, middle, tail, recipe.size(), true, unasked), source.features);
  std::vector<int64_t> answered;
  std::vector<std::string> groups;
  int64_t whole_rows = 0;  // one after the other
  for (int64_t i = 0; i < all.rows(); ++i) {
    const float* row = all.view().row(i);
    const bool whole = std::all_of(row, row + all.columns(), [&](float v) {
      return source.missing ? !std::isinf(v) : std::isfinite(v);
    });
    whole_rows = whole ? whole_rows + 1 : 0;
    if (whole_rows < std::max<int64_t>(1, source.steps)) continue;
    answered.push_back(source.steps > 0 ? i + 1 - source.steps : i);
    if (!all_groups.empty()) groups.push_back(all_groups[static_cast<size_t>(i)]);
  }
  Truth truth{static_cast<int64_t>(answered.size()), {}};
  if (truth.rows == 0) return truth;
  truth.scores = source.score(exec, source.steps > 0 ? windows_of(all, answered, source.steps) : all.take(answered), groups);
  return truth;
}

/// The module's columns as texts, for its own encode().
std::map<std::string, std::vector<std::string>> cells_of(const ScriptModule& module, const Table& table) {
  std::map<std::string, std::vector<std::string>> cells;
  for (const ColumnInfo& column : module.columns) {
    const bool texts = column.type == ColumnType::text || column.type == ColumnType::boolean;
    std::vector<std::string>& list = cells[column.name];
    if (texts) {
      list = table.texts(column.name);
      continue;
    }
    for (const double number : table.numbers(column.name))
      list.push_back(std::isnan(number) ? "" : concat(number));
  }
  return cells;
}

class Comparer {
 public:
  Comparer(const Exported& source, const Truth& truth, std::vector<std::vector<double>> answers)
      : source_(source),
        truth_(truth),
        answers_(std::move(answers)),
        width_(static_cast<size_t>(source.outputs)) {}

  Comparison run(int64_t rows) {
    const bool classes = source_.task == Task::classification;
    const std::vector<double>& scores = answers_[classes ? 1 : 0];
    CRISP_REQUIRE(scores.size() == static_cast<size_t>(rows) * width_, Code::bug, "the module gives ",
                  scores.size(), " numbers for ", rows, " rows");
    const double usual = usual_size();
    Comparison out;
    for (size_t row = 0; row < static_cast<size_t>(rows); ++row) {
      if (std::isnan(scores[row * width_])) {
        ++out.unanswered;
        continue;
      }
      CRISP_REQUIRE(out.rows < truth_.rows, Code::bug, "the module answers more than the ", truth_.rows,
                    " of ", rows, " rows that crisp answers");
      const double* expected = truth_.scores.data() + static_cast<size_t>(out.rows++) * width_;
      for (size_t k = 0; k < width_; ++k)
        out.largest = std::max(out.largest, difference(scores[row * width_ + k], expected[k], usual));
      CRISP_REQUIRE(out.largest <= kMostDifference, Code::bug, "row ", row + 1, ": the module gives ",
                    scores[row * width_], ", crisp ", expected[0], ": they differ by ", out.largest, ", and ",
                    kMostDifference, " is allowed");
      check_choice(row, expected);
    }
    CRISP_REQUIRE(out.rows == truth_.rows, Code::bug, "the module answers ", out.rows, " rows, crisp ",
                  truth_.rows, " of ", rows);
    return out;
  }

 private:
  double usual_size() const {
    if (source_.task == Task::classification) return 1.0 / static_cast<double>(width_);
    double sum = 0;
    for (const double score : truth_.scores) sum += std::fabs(score);
    return truth_.scores.empty() ? 0 : sum / static_cast<double>(truth_.scores.size());
  }

  static double difference(double given, double expected, double usual) {
    const double size = std::max(std::fabs(expected), usual);
    return given == expected ? 0 : std::fabs(given - expected) / size;
  }

  /// The class, or whether it is an anomaly, unless rounding decides it.
  void check_choice(size_t row, const double* expected) const {
    if (source_.task == Task::regression || source_.task == Task::forecast) return;
    if (source_.task == Task::anomaly) {
      const bool close =
          std::fabs(expected[0] - source_.cutoff) <= kMostDifference * std::fabs(source_.cutoff);
      CRISP_REQUIRE(close || (answers_[1][row] != 0) == (expected[0] > source_.cutoff), Code::bug, "row ",
                    row + 1, ": the module is of another opinion than crisp");
      return;
    }
    const double best = *std::max_element(expected, expected + width_);
    const auto chosen = static_cast<size_t>(answers_[0][row]);
    CRISP_REQUIRE(chosen < width_ && best - expected[chosen] <= kMostDifference, Code::bug, "row ", row + 1,
                  ": the module chooses class ", chosen, ", crisp another one");
  }

  const Exported& source_;
  const Truth& truth_;
  std::vector<std::vector<double>> answers_;
  size_t width_;
};

}  // namespace

void Comparison::add(const Comparison& more) {
  rows += more.rows;
  unanswered += more.unanswered;
  largest = std::max(largest, more.largest);
}

Comparison compare(Exec& exec, const Exported& source, const ScriptModule& module, const ScriptRunner& runner,
                   const Table& table) {
  if (table.rows() < source.steps) return {};  // no window
  const Truth truth = truth_of(exec, source, module, table);
  const int64_t windows = source.steps > 0 ? table.rows() - source.steps + 1 : table.rows();
  return Comparer(source, truth, runner.answer(cells_of(module, table))).run(windows);
}

}  // namespace crisp
