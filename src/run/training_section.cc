#include "run/training_section.h"

#include "report/chart_learning.h"

namespace crisp {

void add_training(report::Page& page, const TrainingRun& training) {
  const std::vector<report::LineChart> charts = report::learning_charts(training.history, training.facts);
  if (charts.empty() && training.facts.empty()) return;
  report::Section& section = page.section("Training");
  for (const report::LineChart& chart : charts) section.chart(chart);
  std::vector<std::pair<std::string, std::string>> facts;
  for (const auto& [name, value] : training.facts.items()) {
    facts.emplace_back(name, value.is_string() ? value.get<std::string>() : to_text(value));
  }
  if (!facts.empty()) section.pairs(facts);
}

}  // namespace crisp
