#include "tests/evaluate/sample_predictions.h"

#include <cmath>

#include "cuda/random.h"
#include "evaluate/prediction_page.h"
#include "report/chart_learning.h"

namespace crisp {
namespace {

double normal(uint64_t stream, int64_t i) {
  return normal_quantile(random_uniform(7, stream, static_cast<uint64_t>(i)) + 0x1p-54);
}

/// Class k has a share of rows that falls with k.
int32_t class_of(int64_t row, int64_t classes) {
  const double u = random_uniform(7, 0, static_cast<uint64_t>(row));
  return static_cast<int32_t>(static_cast<double>(classes) * u * u);
}

Json sample_history() {
  Json history = Json::array();
  for (int epoch = 1; epoch <= 40; ++epoch) {
    const double fit = std::exp(-epoch / 9.0), over = 0.0009 * (epoch - 24) * (epoch > 24);
    history.push_back({{"epoch", epoch},
                       {"train_loss", 0.31 + 0.4 * fit + 0.004 * normal(40, epoch)},
                       {"rate", 0.001 * 0.5 * (1 + std::cos(3.14159 * epoch / 40))},
                       {"validation_loss", 0.34 + 0.38 * fit + over + 0.006 * normal(41, epoch)},
                       {"train_roc_auc", 0.94 - 0.2 * fit},
                       {"validation_roc_auc", 0.92 - 0.18 * fit - over + 0.003 * normal(42, epoch)}});
  }
  return history;
}

}  // namespace

PredictionEvaluation sample_classes(Exec& exec, int64_t classes, int64_t rows) {
  std::vector<int32_t> truth;
  std::vector<double> probabilities;
  std::vector<std::string> names;
  if (classes == 2) names = {"<=50K", ">50K"};
  for (int64_t k = 0; classes != 2 && k < classes; ++k)
    names.push_back(concat(k % 3 == 0 ? "spruce " : k % 3 == 1 ? "lodgepole pine " : "fir ", k + 1));
  for (int64_t i = 0; i < rows; ++i) {
    truth.push_back(class_of(i, classes));
    double sum = 0;
    std::vector<double> row;
    for (int64_t k = 0; k < classes; ++k)
      sum += row.emplace_back(std::exp(1.1 * normal(static_cast<uint64_t>(1 + k), i) +
                                       (k == truth.back() ? 1.9 : 0) -
                                       0.9 * static_cast<double>(k) / static_cast<double>(classes)));
    for (const double part : row) probabilities.push_back(part / sum);
  }
  return evaluate_classes(exec, {truth, {probabilities.data(), rows, classes, classes}, names});
}

PredictionEvaluation sample_numbers(Exec& exec, int64_t rows) {
  std::vector<double> truth, predicted;
  for (int64_t i = 0; i < rows; ++i) {
    const double level = 80 + 50 * normal(30, i), spread = 4 + 0.1 * std::abs(level);
    predicted.push_back(level);
    truth.push_back(std::max(0.0, level + spread * normal(31, i) * (i % 20 == 0 ? 3 : 1)));
  }
  return evaluate_numbers(exec, {truth, predicted});
}

report::Page sample_prediction_page(const std::string& which) {
  Exec exec;
  const PredictionEvaluation evaluation = which == "numbers" ? sample_numbers(exec, 12'000)
                                          : which == "two"   ? sample_classes(exec, 2, 9000)
                                          : which == "three" ? sample_classes(exec, 3, 3000)
                                                             : sample_classes(exec, 24, 20'000);
  report::Page page("A model judged", "Made-up predictions");
  page.figures(key_figures(evaluation));
  add_prediction_sections(page, evaluation);
  report::Section& training = page.section("Training");
  training.text("How the loss and the watched figure went over the epochs.");
  for (const report::LineChart& chart : report::learning_charts(sample_history(), {{"best_epoch", 24}}))
    training.chart(chart);
  return page;
}

}  // namespace crisp
