/// A forecast's figures for people and programs.
#pragma once

#include "report/page.h"
#include "report/text_table.h"
#include "run/prediction_run.h"

namespace crisp {

/// Some steps ahead, up to eight: the model's errors, and those of going on as a season ago, and as the newest value.
report::TextTable forecast_table(const ForecastFigures& figures);
/// Two sections: forecasts beside what came, and errors by how far ahead.
void add_forecast_sections(report::Page& page, const ForecastFigures& figures, const std::string& target);
/// The plan, the errors of each step, and those of the baselines.
Json forecast_json(const ForecastFigures& figures);

}  // namespace crisp
