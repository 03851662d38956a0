#include "evaluate/classification.h"

#include <algorithm>
#include <cmath>
#include <numeric>

#include "cuda/error.h"

namespace crisp {
namespace {

constexpr int kErrorBins = 15;
constexpr double kLeastProbability = 0x1p-52;
constexpr int64_t kMostClasses = 4096;  // a confusion matrix of 128 MiB

std::span<const double> row_of(const ClassPredictions& predictions, size_t row) {
  const MatrixView<const double>& matrix = predictions.probabilities;
  return {matrix.row(static_cast<int64_t>(row)), static_cast<size_t>(matrix.columns)};
}

void require_row(const ClassPredictions& predictions, size_t row) {
  const int64_t classes = predictions.probabilities.columns;
  const int32_t truth = predictions.truth[row];
  CRISP_REQUIRE(truth >= 0 && truth < classes, Code::data, "row ", row + 1, ": its true class ", truth,
                " is none of the ", classes, " classes");
  double sum = 0;
  const std::span<const double> given = row_of(predictions, row);
  for (size_t k = 0; k < given.size(); ++k) {
    CRISP_REQUIRE(given[k] >= 0 && given[k] <= 1, Code::data, "row ", row + 1,
                  ": the predicted probability of '", predictions.classes[k], "' is ", given[k],
                  ", expected 0 to 1");
    sum += given[k];
  }
  CRISP_REQUIRE(std::abs(sum - 1) <= 1e-3, Code::data, "row ", row + 1,
                ": the predicted probabilities add up to ", sum, ", expected 1");
}

double log_loss_of(std::span<const double> probabilities, int32_t truth) {
  const double given = probabilities[static_cast<size_t>(truth)];
  return -std::log(std::clamp(given, kLeastProbability, 1 - kLeastProbability));
}

double brier_of(std::span<const double> probabilities, int32_t truth) {
  double sum = 0;
  for (size_t k = 0; k < probabilities.size(); ++k) {
    const double off = probabilities[k] - (static_cast<int32_t>(k) == truth ? 1 : 0);
    sum += off * off;
  }
  return probabilities.size() == 2 ? sum / 2 : sum;
}

Ranking ranking_of(const ClassPredictions& predictions, int64_t k) {
  std::vector<uint8_t> truth(predictions.truth.size());
  std::vector<double> scores(truth.size());
  for (size_t i = 0; i < truth.size(); ++i) {
    truth[i] = predictions.truth[i] == k;
    scores[i] = row_of(predictions, i)[static_cast<size_t>(k)];
  }
  return Ranking(truth, scores);
}

/// The classes that are ranked: of two the second, whose ranking is the first's turned round; else all.
std::vector<int64_t> ranked_classes(int64_t classes) {
  if (classes == 2) return {1};
  std::vector<int64_t> all(static_cast<size_t>(classes));
  std::iota(all.begin(), all.end(), int64_t{0});
  return all;
}

/// What each row adds to the figures that are sums over rows.
class RowParts {
 public:
  explicit RowParts(const ClassPredictions& predictions)
      : classes_(predictions.probabilities.columns), calibration_(answers(predictions)) {
    for (size_t i = 0; i < predictions.truth.size(); ++i) {
      const auto given = row_of(predictions, i);
      const int32_t truth = predictions.truth[i];
      rows_.push_back({truth, static_cast<int32_t>(most_probable(given)), log_loss_of(given, truth),
                       brier_of(given, truth)});
    }
  }

  ConfusionMatrix confusion(RowCounts counts) const {
    ConfusionMatrix matrix(classes_);
    for_counted_rows(counts, rows_.size(),
                     [&](size_t i, int64_t count) { matrix.add(rows_[i].truth, rows_[i].answer, count); });
    return matrix;
  }

  void sum_losses(RowCounts counts, ClassificationFigures& figures) const {
    double log_loss = 0, brier = 0;
    int64_t rows = 0;
    for_counted_rows(counts, rows_.size(), [&](size_t i, int64_t count) {
      log_loss += static_cast<double>(count) * rows_[i].log_loss;
      brier += static_cast<double>(count) * rows_[i].brier;
      rows += count;
    });
    figures.log_loss = log_loss / static_cast<double>(rows);
    figures.brier = brier / static_cast<double>(rows);
    figures.ece = calibration_.expected_error(counts);
  }

 private:
  static Calibration answers(const ClassPredictions& predictions) {
    std::vector<double> said(predictions.truth.size());
    std::vector<uint8_t> right(said.size());
    for (size_t i = 0; i < said.size(); ++i) {
      const int64_t answer = most_probable(row_of(predictions, i));
      said[i] = row_of(predictions, i)[static_cast<size_t>(answer)];
      right[i] = answer == predictions.truth[i];
    }
    return Calibration(said, right, kErrorBins);
  }

  struct Row {
    int32_t truth, answer;
    double log_loss, brier;
  };
  int64_t classes_;
  std::vector<Row> rows_;
  Calibration calibration_;
};

void add_confusion_figures(const ConfusionMatrix& matrix, ClassificationFigures& figures) {
  figures.accuracy = matrix.accuracy();
  figures.balanced_accuracy = matrix.balanced_accuracy();
  figures.mcc = matrix.matthews_correlation();
  const ClassAverages macro = matrix.macro_averages(), weighted = matrix.weighted_averages();
  figures.precision_macro = macro.precision, figures.recall_macro = macro.recall, figures.f1_macro = macro.f1;
  figures.precision_weighted = weighted.precision, figures.recall_weighted = weighted.recall,
  figures.f1_weighted = weighted.f1;
  if (matrix.classes() != 2) return;
  const Confusion second = matrix.one_against_rest(1);
  figures.precision = second.precision(), figures.recall = second.recall();
  figures.specificity = second.specificity(), figures.f1 = second.f1();
}

/// Means over the classes in the truth; `ranks` are those of ranked_classes().
void add_rank_figures(const std::vector<RankFigures>& ranks, const ConfusionMatrix& matrix,
                      ClassificationFigures& figures) {
  if (matrix.classes_in_truth() < 2) return;
  const std::vector<int64_t> classes = ranked_classes(matrix.classes());
  double found = 0, rows = 0;
  RankFigures plain{0, 0}, weighted{0, 0};
  for (size_t i = 0; i < classes.size(); ++i) {
    const auto support = static_cast<double>(matrix.support(classes[i]));
    if (support == 0) continue;
    plain.roc_auc += ranks[i].roc_auc, plain.average_precision += ranks[i].average_precision;
    weighted.roc_auc += support * ranks[i].roc_auc,
        weighted.average_precision += support * ranks[i].average_precision;
    found += 1, rows += support;
  }
  figures.roc_auc = plain.roc_auc / found, figures.average_precision = plain.average_precision / found;
  if (matrix.classes() == 2) return;
  figures.roc_auc_weighted = weighted.roc_auc / rows;
  figures.average_precision_weighted = weighted.average_precision / rows;
}

ClassificationFigures figures_of(const RowParts& rows, const std::vector<RankFigures>& ranks,
                                 RowCounts counts) {
  ClassificationFigures figures;
  const ConfusionMatrix matrix = rows.confusion(counts);
  add_confusion_figures(matrix, figures);
  add_rank_figures(ranks, matrix, figures);
  rows.sum_losses(counts, figures);
  return figures;
}

/// Whether class k is among the `most` most frequent (of equally frequent ones the first).
bool among_largest(const ConfusionMatrix& matrix, int64_t k, size_t most) {
  size_t larger = 0;
  for (int64_t other = 0; other < matrix.classes(); ++other) {
    larger += matrix.support(other) > matrix.support(k) ||
              (matrix.support(other) == matrix.support(k) && other < k);
  }
  return larger < most && matrix.support(k) > 0;
}

std::vector<CalibrationBin> calibration_curve(const ClassPredictions& predictions,
                                              const ClassificationPlan& plan) {
  std::vector<double> said;
  std::vector<uint8_t> came_true;
  for (size_t i = 0; i < predictions.truth.size(); ++i) {
    const auto given = row_of(predictions, i);
    const int64_t answer = given.size() == 2 ? 1 : most_probable(given);
    said.push_back(given[static_cast<size_t>(answer)]);
    came_true.push_back(predictions.truth[i] == answer);
  }
  return Calibration(said, came_true, plan.calibration_bins, plan.calibration_rule).bins();
}

}  // namespace

int64_t most_probable(std::span<const double> probabilities) {
  return std::max_element(probabilities.begin(), probabilities.end()) - probabilities.begin();
}

void require_class_predictions(const ClassPredictions& predictions) {
  const MatrixView<const double>& matrix = predictions.probabilities;
  CRISP_ASSERT(matrix.rows == std::ssize(predictions.truth) &&
               matrix.columns == std::ssize(predictions.classes));
  CRISP_REQUIRE(matrix.rows > 0 && matrix.columns > 0, Code::data, "no rows to judge predictions by");
  CRISP_REQUIRE(matrix.columns <= kMostClasses, Code::data, matrix.columns, " classes, expected at most ",
                kMostClasses);
  for (size_t row = 0; row < predictions.truth.size(); ++row) require_row(predictions, row);
}

struct RankedPredictions::Parts {
  RowParts rows;
  std::vector<Ranking> rankings;
};

RankedPredictions::RankedPredictions(const ClassPredictions& predictions)
    : parts_(new Parts{RowParts(predictions), {}}) {
  for (const int64_t k : ranked_classes(predictions.probabilities.columns))
    parts_->rankings.push_back(ranking_of(predictions, k));
}
RankedPredictions::~RankedPredictions() = default;
RankedPredictions::RankedPredictions(RankedPredictions&&) noexcept = default;

ClassificationFigures RankedPredictions::figures(RowCounts counts) const {
  std::vector<RankFigures> ranks;
  for (const Ranking& ranking : parts_->rankings) ranks.push_back(ranking.figures(counts));
  return figures_of(parts_->rows, ranks, counts);
}

Classification judge_classification(Exec& exec, const ClassPredictions& predictions,
                                    const ClassificationPlan& plan) {
  require_class_predictions(predictions);
  const RowParts rows(predictions);
  Classification judged;
  judged.confusion = rows.confusion({});
  const std::vector<int64_t> classes = ranked_classes(predictions.probabilities.columns);
  std::vector<RankFigures> ranks(classes.size());
  judged.classes.resize(classes.size());
  exec.threads().run(std::ssize(classes), [&](int64_t i) {
    const auto at = static_cast<size_t>(i);
    const Ranking ranking = ranking_of(predictions, classes[at]);
    ranks[at] = ranking.figures();
    judged.classes[at] = {classes[at], ranks[at].roc_auc, ranks[at].average_precision, {}, {}};
    if (!among_largest(judged.confusion, classes[at], plan.curves)) return;
    judged.classes[at].roc = ranking.roc_curve();
    judged.classes[at].precision_recall = ranking.precision_recall_curve();
  });
  judged.figures = figures_of(rows, ranks, {});
  judged.calibration = calibration_curve(predictions, plan);
  return judged;
}

}  // namespace crisp
