/// The most anomalous rows of a report: what they are, why they stand out, and their tracks.
#pragma once

#include "report/page.h"
#include "run/run_project.h"

namespace crisp {

void add_top_panels(report::Section& section, const RunResult& result, const Scored& scored, const TopRows& top);

}  // namespace crisp
