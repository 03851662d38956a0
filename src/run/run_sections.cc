#include "run/run_sections.h"

#include "core/format.h"
#include "report/chart_learning.h"

namespace crisp {

void add_training(report::Page& page, const TrainingRun& training) {
  const std::vector<report::LineChart> charts = report::learning_charts(training.history, training.facts);
  if (charts.empty() && training.facts.empty()) return;
  report::Section& section = page.section("Training");
  for (const report::LineChart& chart : charts) section.chart(chart);
  std::vector<std::pair<std::string, std::string>> facts;
  std::vector<std::string> rules;
  for (const auto& [name, value] : training.facts.items()) {
    if (name == "rules") rules = value.get<std::vector<std::string>>();
    else facts.emplace_back(name, value.is_string() ? value.get<std::string>() : to_text(value));
  }
  if (!facts.empty()) section.pairs(facts);
  if (!rules.empty()) section.heading("The tree, rule by rule").list(rules);
}

void add_phases(report::Page& page, const PhaseClock& clock) {
  report::TextTable table;
  table.columns = {"phase", "time", "peak memory"};
  for (const Json& phase : clock.to_json()) {
    table.rows.push_back({phase["phase"].get<std::string>(), format_seconds(phase["seconds"].get<double>()),
                          format_bytes(static_cast<double>(phase["peak_memory_bytes"].get<int64_t>()))});
  }
  page.section("Time and memory").table(table);
}

}  // namespace crisp
