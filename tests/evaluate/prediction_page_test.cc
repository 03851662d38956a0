#include "evaluate/prediction_page.h"

#include <gtest/gtest.h>

#include <cmath>

#include "evaluate/prediction_charts.h"
#include "tests/evaluate/golden_predictions.h"
#include "tests/evaluate/sample_predictions.h"

namespace crisp {
namespace {

const report::TerminalStyle kPlain{false, true, 0};

std::string page_of(const PredictionEvaluation& evaluation) {
  report::Page page("title");
  page.figures(key_figures(evaluation));
  add_prediction_sections(page, evaluation);
  return page.html();
}

bool says(const std::string& text, const std::string& part) { return text.find(part) != std::string::npos; }

TEST(PredictionPage, NamesEveryFigureAndItsInterval) {
  Exec exec;
  for (const PredictionEvaluation& evaluation :
       {sample_classes(exec, 2, 400), sample_classes(exec, 4, 400), sample_numbers(exec, 300)}) {
    const std::string page = page_of(evaluation), text = prediction_text(evaluation, kPlain);
    for (const MetricResult& result : evaluation.metrics) {
      EXPECT_TRUE(says(page, result.metric->name)) << result.metric->name;
      EXPECT_TRUE(says(text, concat(result.metric->name))) << text;
      EXPECT_TRUE(says(text, metric_text(*result.metric, result.value)));
    }
    EXPECT_TRUE(says(text, "95 % intervals from 200 resamples"));
  }
}

TEST(PredictionPage, ShowsTheChartsOfTheTask) {
  Exec exec;
  const std::string two = page_of(sample_classes(exec, 2, 400)),
                    three = page_of(sample_classes(exec, 3, 400));
  for (const char* title :
       {"Confusion table", "ROC curve", "Precision over recall", "Calibration", "Where to cut"})
    EXPECT_TRUE(says(two, title)) << title;
  EXPECT_TRUE(says(three, "Most frequent mistakes"));
  EXPECT_FALSE(says(three, "Where to cut"));
  const std::string numbers = page_of(sample_numbers(exec, 300));
  for (const char* title : {"True over predicted", "Errors over prediction", "Are the errors normal?"})
    EXPECT_TRUE(says(numbers, title));
}

TEST(PredictionPage, IsSmallForManyRowsAndClasses) {
  Exec exec;
  EXPECT_LT(page_of(sample_classes(exec, 60, 5000)).size(), 400'000u);
  EXPECT_LT(page_of(sample_numbers(exec, 20'000)).size(), 200'000u);
}

TEST(PredictionPage, SurvivesWhatCannotBeDrawn) {
  Exec exec;
  const ClassRows one{{1, 1, 1}, {0.2, 0.8, 0.6, 0.4, 0.1, 0.9}, {"<script>no", "yes\x1b"}};
  const std::string page = page_of(evaluate_classes(exec, one.view()));
  EXPECT_FALSE(says(page, "<script>no"));
  EXPECT_FALSE(says(page, "Each point is a possible cutoff"));
  EXPECT_TRUE(says(page, "one class only"));
  EXPECT_TRUE(says(prediction_text(evaluate_classes(exec, one.view()), kPlain), "–"));
  EXPECT_FALSE(page_of(evaluate_classes(exec, ClassRows{{0, 0}, {1, 1}, {"only"}}.view())).empty());
  EXPECT_FALSE(page_of(evaluate_numbers(exec, NumberRows{{2}, {3}}.view())).empty());
  EXPECT_FALSE(page_of(evaluate_numbers(exec, NumberRows{{1e300, -1e300}, {-1e300, 1e300}}.view())).empty());
}

TEST(PredictionCharts, FoldTheSmallClassesOfManyIntoOne) {
  Exec exec;
  const PredictionEvaluation evaluation = sample_classes(exec, 30, 3000);
  const report::HeatChart chart = confusion_chart(evaluation);
  ASSERT_EQ(chart.row_labels.size(), 15u);
  EXPECT_EQ(chart.row_labels.front(), evaluation.classes.names.front());
  EXPECT_EQ(chart.row_labels.back(), "(others)");
  double rows = 0;
  for (const auto& row : chart.values) {
    for (const double value : row) rows += value;
  }
  EXPECT_EQ(rows, 3000);
}

TEST(PredictionCharts, MarkTheCutoffOfTheLargestF1) {
  Exec exec;
  const ClassRows rows{{0, 1, 0, 1}, {0.9, 0.1, 0.7, 0.3, 0.6, 0.4, 0.1, 0.9}, {"no", "yes"}};
  const report::LineChart chart = cutoff_chart(evaluate_classes(exec, rows.view()));
  ASSERT_EQ(chart.marks.size(), 1u);
  EXPECT_EQ(chart.marks[0].x, 0.3);  // both found, one of three alarms false
  EXPECT_NEAR(chart.marks[0].y, 0.8, 1e-15);
}

TEST(MistakeTable, BeginsWithTheMostFrequent) {
  Exec exec;
  const ClassRows rows{{0, 0, 0, 1, 2}, {0, 1, 0, 0, 1, 0, 1, 0, 0, 0, 0, 1, 0, 0, 1}, {"a", "b", "c"}};
  const report::TextTable table = mistake_table(evaluate_classes(exec, rows.view()));
  ASSERT_EQ(table.rows.size(), 2u);
  EXPECT_EQ(table.rows[0][0].text + table.rows[0][1].text + table.rows[0][2].text, "ab2");
  EXPECT_EQ(table.rows[0][3].text, "66.7 %");
}

}  // namespace
}  // namespace crisp
