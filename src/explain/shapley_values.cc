#include "explain/shapley_values.h"

#include <algorithm>
#include <cmath>

#include "core/progress.h"
#include "cuda/error.h"
#include "evaluate/classification.h"

namespace crisp {
namespace {

constexpr int64_t kBlockNumbers = int64_t{4} << 20;  // 32 MB of values at a time
constexpr int64_t kLeastRows = 64;

std::vector<double> column_means(MatrixView<const float> rows) {
  std::vector<double> means(static_cast<size_t>(rows.columns));
  for (int64_t row = 0; row < rows.rows; ++row) {
    for (int64_t j = 0; j < rows.columns; ++j) means[static_cast<size_t>(j)] += static_cast<double>(rows.at(row, j));
  }
  for (double& mean : means) mean /= static_cast<double>(std::max<int64_t>(rows.rows, 1));
  return means;
}

std::string subject(const std::string& unit, const std::string& answer) { return unit.empty() ? answer : concat(unit, " of ", answer); }

/// Explains block after block of rows for the classes that were chosen.
class Explainer {
 public:
  Explainer(Exec& exec, const Explainable& model, const Target& target, const Matrix& features, const Predictions& predictions,
            const std::vector<InputColumn>& columns, int64_t chosen)
      : exec_(exec), model_(model), target_(target), rows_(features.view()), means_(column_means(rows_)), predictions_(predictions), columns_(columns),
        chosen_(chosen) {
    found_.unit = model.unit();
    found_.of = subject(found_.unit, !target.is_classes() ? target.column() : chosen < 0 ? "the predicted class" : target.classes()[static_cast<size_t>(chosen)]);
    found_.columns = columns.size();
    found_.mean_absolute.resize(columns.size());
  }

  ShapleyValues all() {
    const int64_t numbers = model_.margins() * (rows_.columns + 1);
    const int64_t block = std::max(kLeastRows, kBlockNumbers / numbers / kLeastRows * kLeastRows);
    Progress progress("Shapley values", rows_.rows);
    for (int64_t begin = 0; begin < rows_.rows; begin += block) {
      const int64_t count = std::min(block, rows_.rows - begin);
      explain({rows_.row(begin), count, rows_.columns, rows_.ld});
      progress.step(count);
    }
    for (double& sum : found_.mean_absolute) sum /= static_cast<double>(rows_.rows);
    return std::move(found_);
  }

 private:
  void explain(MatrixView<const float> rows) {
    const int64_t sums = model_.margins(), width = rows.columns + 1;
    std::vector<double> margins(static_cast<size_t>(rows.rows * sums)), values(static_cast<size_t>(rows.rows * sums * width));
    model_.margin(exec_, rows, {margins.data(), rows.rows, sums, sums});
    model_.shapley(exec_, rows, means_, {values.data(), rows.rows, sums * width, sums * width});
    for (int64_t row = 0; row < rows.rows; ++row) {
      const int64_t output = next_output();
      add(margins[static_cast<size_t>(row * sums + output)], values.data() + (row * sums + output) * width);
    }
  }

  /// Of the next row the sum that speaks of the class: the only one of two classes and of numbers.
  int64_t next_output() {
    if (model_.margins() == 1) return 0;
    if (chosen_ >= 0) return chosen_;
    const auto row = static_cast<int64_t>(found_.rows());
    const int64_t predicted = most_probable({predictions_.view().row(row), static_cast<size_t>(predictions_.outputs)});
    found_.classes.push_back(target_.classes()[static_cast<size_t>(predicted)]);
    return predicted;
  }

  /// One row's: a value a column of the model, then the expected sum.
  void add(double margin, const double* values) {
    // Where one sum speaks of two classes, the first has the same with another sign.
    const double sign = model_.margins() == 1 && chosen_ == 0 ? -1 : 1;
    double total = values[rows_.columns];
    for (int64_t j = 0; j < rows_.columns; ++j) total += values[j];
    found_.residual = std::max(found_.residual, std::fabs(total - margin));
    found_.margin.push_back(sign * margin);
    found_.expected.push_back(sign * values[rows_.columns]);
    for (size_t c = 0; c < columns_.size(); ++c) {
      double sum = 0;
      for (const int64_t j : columns_[c].features) sum += sign * values[j];
      found_.values.push_back(sum);
      found_.mean_absolute[c] += std::fabs(sum);
    }
  }

  Exec& exec_;
  const Explainable& model_;
  const Target& target_;
  const MatrixView<const float> rows_;
  const std::vector<double> means_;
  const Predictions& predictions_;
  const std::vector<InputColumn>& columns_;
  const int64_t chosen_;
  ShapleyValues found_;
};

}  // namespace

std::string ShapleyValues::of_row(size_t row) const { return classes.empty() ? of : subject(unit, classes[row]); }

int64_t class_to_explain(const Target& target, const std::string& name) {
  const std::vector<std::string>& classes = target.classes();
  if (name.empty()) return classes.size() == 2 ? 1 : -1;
  CRISP_REQUIRE(target.is_classes(), Code::usage, "--class ", name, ": the model predicts a number, no class");
  const auto found = std::find(classes.begin(), classes.end(), name);
  if (found != classes.end()) return found - classes.begin();
  const std::string nearest = nearest_name(name, classes);
  throw Error(Code::usage, concat("--class ", name, ": the model knows no such class of ", target.column()),
              nearest.empty() ? "crisp explain without --class explains the class that each row is predicted" : concat("did you mean '", nearest, "'?"));
}

ShapleyValues shapley_values(Exec& exec, const PredictionPipeline& pipeline, const Matrix& features, const Predictions& predictions,
                             const std::vector<InputColumn>& columns, const std::string& answer_of) {
  const Explainable* model = pipeline.model().explainable();
  CRISP_ASSERT(model != nullptr);
  return Explainer(exec, *model, pipeline.target(), features, predictions, columns, class_to_explain(pipeline.target(), answer_of)).all();
}

}  // namespace crisp
