#include <cmath>

#include "core/format.h"
#include "evaluate/prediction_page.h"
#include "explain/explanation.h"
#include "explain/explanation_charts.h"
#include "report/page.h"

namespace crisp {
namespace {

std::vector<report::KeyFigure> headlines(const Explanation& explanation) {
  std::vector<report::KeyFigure> figures{{"rows", format_count(explanation.rows), concat("of ", format_count(explanation.all_rows))}};
  if (explanation.permutation) {
    const PermutationImportance& found = *explanation.permutation;
    figures.push_back({found.metric->name, metric_text(*found.metric, found.before), concat(counted(found.rows, "row"), " with a truth")});
  }
  if (!explanation.shapley) return figures;
  const ShapleyValues& shapley = *explanation.shapley;
  if (shapley.classes.empty()) figures.push_back({"expected", format_number(shapley.expected[0], 4), shapley.of});
  figures.push_back({"additivity residual", format_number(shapley.residual, 2), "largest |expected + SHAP − margin|"});
  return figures;
}

void add_importance(report::Page& page, const Explanation& explanation) {
  report::Section& section = page.section("What counts", "importance");
  const auto add = [&](const char* title, const std::string& note, const std::function<Permuted(const ColumnImportance&)>& measure) {
    const report::BarChart chart = importance_bars(explanation.columns, title, note, measure);
    if (!chart.bars.empty()) section.chart(chart);
  };
  if (explanation.shapley) {
    add("Mean |SHAP|", concat("How far the column moves the ", explanation.shapley->of, ", mean over the rows."),
        [](const ColumnImportance& column) { return Permuted{column.shapley}; });
  }
  if (explanation.permutation) {
    add("Permutation importance", concat("How much worse ", explanation.permutation->metric->name,
                                         " becomes when the column's values are shuffled; mean and standard deviation."),
        [](const ColumnImportance& column) { return column.permuted; });
  }
  add("Gain", "What the splits by the column gained in training, added up.", [](const ColumnImportance& column) { return Permuted{column.gain}; });
  add("Splits", "How often trees part rows by the column.", [](const ColumnImportance& column) { return Permuted{column.splits}; });
  if (!explanation.notes.empty()) section.list(explanation.notes);
}

void add_shapley(report::Page& page, const Explanation& explanation) {
  const ShapleyValues& shapley = *explanation.shapley;
  report::Section& all = page.section("All rows", "rows");
  all.text(concat("Shapley values share out what moves a row's ", shapley.of,
                  " from what is expected among its columns: a value above 0 raises it. They say what the model does, not what causes what."));
  all.chart(beeswarm(explanation));
  report::Section& columns = page.section("Column by column", "columns");
  columns.text("The value of a column and what it does. Where the same value does different things, the colour shows the column beside it that explains "
               "most of the difference.");
  for (const report::Chart& chart : dependence_charts(explanation)) columns.chart(chart);
  report::Section& single = page.section("Single rows", "single");
  for (const ShownRow& row : explanation.shown) {
    report::WaterfallChart chart = waterfall(explanation, row.place);
    chart.title = concat("Row ", format_count(explanation.numbers[row.place]), row.why.empty() ? "" : ", ", row.why);
    chart.note = concat(shapley.of_row(row.place), " ", format_number(shapley.margin[row.place], 4), ", expected ", format_number(shapley.expected[row.place], 4));
    single.chart(chart);
  }
}

void add_rules(report::Page& page, const Explanation& explanation) {
  report::Section& section = page.section("Rules", "rules");
  for (size_t tree = 0; tree < explanation.rules.size(); ++tree) {
    if (explanation.rules.size() > 1) section.heading(concat("Tree ", tree + 1));
    section.list(explanation.rules[tree]);
  }
}

}  // namespace

std::string explanation_report(const Explanation& explanation, const std::string& data) {
  report::Page page("What the model looks at", concat(explanation.model, " on ", data));
  page.figures(headlines(explanation));
  add_importance(page, explanation);
  if (explanation.shapley) add_shapley(page, explanation);
  if (!explanation.rules.empty()) add_rules(page, explanation);
  return page.html();
}

}  // namespace crisp
