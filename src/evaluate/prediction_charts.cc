#include "evaluate/prediction_charts.h"

#include <algorithm>
#include <cmath>
#include <numeric>

#include "core/format.h"

namespace crisp {
namespace {

constexpr int64_t kShownClasses = 15;
const char* const kErrorLabel = "predicted − true";

bool two_classes(const PredictionEvaluation& evaluation) { return evaluation.classes.names.size() == 2; }

/// Where the answer of the model lies on the curves of two classes.
Confusion at_one_half(const PredictionEvaluation& evaluation) {
  return evaluation.classes.judged.confusion.one_against_rest(1);
}

std::string curve_note(const PredictionEvaluation& evaluation) {
  if (two_classes(evaluation))
    return concat("Found: '", evaluation.classes.names[1], "'. Each point is a possible cutoff.");
  const auto with =
      std::count_if(evaluation.classes.judged.classes.begin(), evaluation.classes.judged.classes.end(),
                    [](const ClassCurves& curves) { return !curves.roc.empty(); });
  return concat("Each class against all others", with < std::ssize(evaluation.classes.names)
                                                     ? concat("; the ", with, " most frequent of them.")
                                                     : ".");
}

/// Classes by falling support; the first `most` alone and the rest together as a last group. One group a
/// class.
std::vector<size_t> group_of_class(const ConfusionMatrix& matrix, int64_t most) {
  std::vector<int64_t> order(static_cast<size_t>(matrix.classes()));
  std::iota(order.begin(), order.end(), int64_t{0});
  std::stable_sort(order.begin(), order.end(),
                   [&](int64_t a, int64_t b) { return matrix.support(a) > matrix.support(b); });
  std::sort(order.begin(),
            order.begin() + std::min(most, matrix.classes()));  // those shown keep the order of the names
  std::vector<size_t> group(order.size());
  for (size_t i = 0; i < order.size(); ++i)
    group[static_cast<size_t>(order[i])] = std::min(i, static_cast<size_t>(most));
  return group;
}

/// Both ends of the values, each as far again outside: a line between them crosses the whole plot.
std::pair<double, double> beyond(const std::vector<double>& a, const std::vector<double>& b) {
  double low = a.empty() ? 0 : a.front(), high = low;
  for (const auto* values : {&a, &b}) {
    for (const double value : *values) low = std::min(low, value), high = std::max(high, value);
  }
  const double length = std::max(high - low, 1.0);
  return {low - length, high + length};
}

std::string shown_rows_note(const PredictionEvaluation& evaluation) {
  const int64_t shown = std::ssize(evaluation.numbers.truth);
  return shown < evaluation.rows
             ? concat(" ", format_count(shown), " of the ", format_count(evaluation.rows), " rows.")
             : "";
}

}  // namespace

report::RocChart roc_chart(const PredictionEvaluation& evaluation) {
  report::RocChart chart{"ROC curve", {}, {}, curve_note(evaluation)};
  for (const ClassCurves& curves : evaluation.classes.judged.classes) {
    if (curves.roc.empty()) continue;
    const bool two = two_classes(evaluation);
    report::RocSeries series{two ? "this model" : evaluation.classes.names[static_cast<size_t>(curves.index)],
                             {},
                             {},
                             curves.roc_auc};
    for (const RocPoint& point : curves.roc) {
      series.false_positive_rate.push_back(point.false_positive_rate);
      series.true_positive_rate.push_back(point.true_positive_rate);
    }
    chart.series.push_back(std::move(series));
  }
  if (two_classes(evaluation)) {
    const Confusion counts = at_one_half(evaluation);
    chart.operating_point = report::OperatingPoint{1 - counts.specificity(), counts.recall(), "at 0.5"};
  }
  return chart;
}

report::LineChart precision_recall_chart(const PredictionEvaluation& evaluation) {
  report::LineChart chart{"Precision over recall", "recall", "precision"};
  chart.note = curve_note(evaluation);
  chart.unit_square = true;
  for (const ClassCurves& curves : evaluation.classes.judged.classes) {
    if (curves.precision_recall.empty()) continue;
    const std::string name =
        two_classes(evaluation) ? "this model" : evaluation.classes.names[static_cast<size_t>(curves.index)];
    report::LineSeries series{concat(name, " (AP ", format_fixed(curves.average_precision, 3), ")")};
    for (const PrecisionRecallPoint& point : curves.precision_recall) {
      series.x.push_back(point.recall);
      series.y.push_back(point.precision);
    }
    chart.series.push_back(std::move(series));
  }
  if (two_classes(evaluation)) {
    const Confusion counts = at_one_half(evaluation);
    const double positives = share(counts.positives(), counts.rows());
    chart.references = {{0, positives, 1, positives, concat("chance (", format_fixed(positives, 3), ")")}};
    if (counts.true_positive > 0) chart.marks = {{counts.recall(), counts.precision(), "at 0.5"}};
  }
  return chart;
}

report::LineChart cutoff_chart(const PredictionEvaluation& evaluation) {
  report::LineChart chart{
      "Where to cut", "cutoff", "share", {{"precision", {}, {}}, {"recall", {}, {}}, {"F1", {}, {}}}};
  chart.unit_square = true;
  report::PointMark best{0, -1, "largest F1"};
  for (const PrecisionRecallPoint& point : evaluation.classes.judged.classes.front().precision_recall) {
    const double f1 = 2 * point.precision * point.recall / std::max(point.precision + point.recall, 1e-300);
    const double values[] = {point.precision, point.recall, f1};
    for (size_t s = 0; s < 3; ++s) {
      chart.series[s].x.push_back(point.cutoff);
      chart.series[s].y.push_back(values[s]);
    }
    if (f1 > best.y) best.x = point.cutoff, best.y = f1;
  }
  if (std::isfinite(best.x)) chart.marks = {best};
  chart.note = concat("If '", evaluation.classes.names[1],
                      "' were answered from this probability on; F1 is largest at ", format_number(best.x),
                      ". A cutoff chosen here is to be judged on other rows.");
  return chart;
}

report::HeatChart confusion_chart(const PredictionEvaluation& evaluation) {
  const ConfusionMatrix& matrix = evaluation.classes.judged.confusion;
  const int64_t shown = matrix.classes() > kShownClasses ? kShownClasses - 1 : matrix.classes();
  const std::vector<size_t> group = group_of_class(matrix, shown);
  const auto groups = static_cast<size_t>(std::min(shown + 1, matrix.classes()));
  std::vector<std::string> names(groups, "(others)");
  report::HeatChart chart{"Confusion table", "in truth", "model says"};
  chart.values.assign(groups, std::vector<double>(groups));
  for (size_t truth = 0; truth < group.size(); ++truth) {
    if (group[truth] < static_cast<size_t>(shown)) names[group[truth]] = evaluation.classes.names[truth];
    for (size_t answer = 0; answer < group.size(); ++answer) {
      const auto count = matrix.at(static_cast<int64_t>(truth), static_cast<int64_t>(answer));
      chart.values[group[truth]][group[answer]] += static_cast<double>(count);
    }
  }
  chart.row_labels = chart.column_labels = names;
  if (shown < matrix.classes())
    chart.note = concat("The ", shown, " most frequent classes; the ", matrix.classes() - shown,
                        " others are one row and column.");
  return chart;
}

report::LineChart calibration_chart(const PredictionEvaluation& evaluation) {
  const bool two = two_classes(evaluation);
  report::LineChart chart{"Calibration", two ? "probability said" : "largest probability said",
                          "share that came true"};
  chart.unit_square = chart.dots = true;
  chart.references = {{0, 0, 1, 1, "as said"}};
  report::LineSeries series{"this model"};
  for (const CalibrationBin& bin : evaluation.classes.judged.calibration) {
    series.x.push_back(bin.predicted);
    series.y.push_back(bin.actual);
  }
  chart.series = {series};
  chart.note =
      concat(two ? concat("Of '", evaluation.classes.names[1], "'. ") : "",
             "Each point is a group of rows by what the model said; below the diagonal it says too much.");
  return chart;
}

report::HistogramChart probability_chart(const PredictionEvaluation& evaluation) {
  const NamedHistogram& histogram = evaluation.classes.probabilities;
  const bool two = two_classes(evaluation);
  report::HistogramChart chart{two ? "What the model says of each class" : "How sure the model is"};
  chart.x_label = two ? concat("probability of '", evaluation.classes.names[1], "'") : "largest probability";
  chart.edges = histogram.edges;
  chart.shares = true;
  for (size_t i = 0; i < histogram.names.size(); ++i)
    chart.series.push_back({histogram.names[i], histogram.counts[i]});
  if (two) chart.cutoff = report::Cutoff{0.5, "answer changes at"};
  chart.note =
      two ? "Classes that lie apart are told apart." : "Rows answered right beside rows answered wrong.";
  return chart;
}

report::ScatterChart predicted_chart(const PredictionEvaluation& evaluation) {
  const NumberDetails& numbers = evaluation.numbers;
  report::ScatterChart chart{"True over predicted", "predicted", "true"};
  chart.series = {{"rows", numbers.predicted, numbers.truth}};
  chart.equal_axes = true;
  const auto [low, high] = beyond(numbers.truth, numbers.predicted);
  chart.references = {{low, low, high, high, "as predicted"}};
  chart.note = concat("Above the line the model said too little.", shown_rows_note(evaluation));
  return chart;
}

report::ScatterChart error_chart(const PredictionEvaluation& evaluation) {
  const NumberDetails& numbers = evaluation.numbers;
  report::ScatterChart chart{"Errors over prediction", "predicted", kErrorLabel};
  std::vector<double> errors;
  for (size_t i = 0; i < numbers.truth.size(); ++i) errors.push_back(numbers.predicted[i] - numbers.truth[i]);
  const auto [low, high] = beyond(numbers.predicted, {});
  chart.series = {{"rows", numbers.predicted, std::move(errors)}};
  chart.references = {{low, 0, high, 0, "no error"}};
  chart.note =
      concat("A slope or a funnel is something that the model has not learned.", shown_rows_note(evaluation));
  return chart;
}

report::HistogramChart error_histogram(const PredictionEvaluation& evaluation) {
  const NamedHistogram& histogram = evaluation.numbers.errors;
  report::HistogramChart chart{"Errors", kErrorLabel, "rows", histogram.edges};
  for (size_t i = 0; i < histogram.names.size(); ++i)
    chart.series.push_back({histogram.names[i], histogram.counts[i]});
  if (const MetricResult* bias = evaluation.find("mean_error"))
    chart.cutoff = report::Cutoff{bias->value, "mean"};
  return chart;
}

report::ScatterChart quantile_chart(const PredictionEvaluation& evaluation) {
  constexpr double kFar = 10;  // no quantile of a table lies farther out
  const NumberDetails& numbers = evaluation.numbers;
  report::ScatterChart chart{"Are the errors normal?", "normal quantile", kErrorLabel, {{"errors", {}, {}}}};
  for (const QuantilePoint& point : numbers.error_quantiles) {
    chart.series[0].x.push_back(point.normal);
    chart.series[0].y.push_back(point.value);
  }
  const QuantileLine& line = numbers.quantile_line;
  chart.references = {
      {-kFar, line.start - kFar * line.slope, kFar, line.start + kFar * line.slope, "normal"}};
  chart.note =
      "Sorted errors beside those of a normal distribution through their quartiles. Ends that turn away are "
      "rare, large errors.";
  return chart;
}

}  // namespace crisp
