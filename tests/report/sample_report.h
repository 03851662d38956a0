/// A full report of the kind that a run writes, from synthetic numbers: shows how to call src/report.
#pragma once

#include <string>

#include "report/page.h"

namespace crisp::report {

/// `trips` panels of anomalous trips, each with `fixes` positions: more make the page larger than its budget.
Page sample_page(int trips = 4, int fixes = 600);

/// The same results as a terminal shows them.
std::string sample_terminal(bool colour, size_t width);

}  // namespace crisp::report
