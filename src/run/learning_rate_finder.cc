#include "run/learning_rate_finder.h"

#include <unistd.h>

#include <cmath>

#include "core/format.h"
#include "cuda/error.h"
#include "report/terminal.h"
#include "train/manifest.h"

namespace crisp {
namespace {

constexpr size_t kEvery = 4;  // points of the curve between two lines

/// Two figures are as much as a sweep can tell.
double rounded(double rate) {
  const double unit = std::pow(10, std::floor(std::log10(rate)) - 1);
  return std::round(rate / unit) * unit;
}

}  // namespace

FoundRate find_learning_rate(Exec& exec, const PredictionProject& project, const Registry& registry, PhaseClock& clock) {
  CRISP_REQUIRE(project.params.to_json().contains("learning_rate"), Code::config, project.learner->name(),
                " has no learning rate to find");
  TrainingRun run;
  run.find_rate = true;
  fit_prediction(exec, project, registry, run, clock);
  return {project.name, manifest_member(run.facts, "rate_sweep", &Json::is_object)};
}

Json found_rate_json(const FoundRate& found) {
  Json document{{"schema", "crisp.rate_sweep/1"}, {"project", found.name}};
  document.update(found.sweep);
  return document;
}

std::string found_rate_text(const FoundRate& found) {
  const report::TerminalStyle style = report::terminal_style(STDOUT_FILENO);
  const Json& suggestion = found.sweep["suggestion"];
  std::vector<report::TerminalBar> bars;
  const Json& curve = found.sweep["curve"];
  for (size_t i = 0; i < curve.size(); i += kEvery) {
    const double loss = curve[i]["smoothed"].get<double>();
    bars.push_back({format_number(curve[i]["rate"].get<double>(), 2), loss, format_number(loss, 4)});
  }
  std::string text = report::heading("Loss while the learning rate rises", style) + report::render_bars(bars, style) + "\n";
  if (suggestion.is_null()) return text + "The loss never fell: look at the columns' ranges (crisp profile).\n";
  return text + concat("It falls most steeply at --set learning_rate=", format_number(rounded(suggestion.get<double>())), "\n");
}

}  // namespace crisp
