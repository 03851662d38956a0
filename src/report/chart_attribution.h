/// Why a row scored as it did: one diverging bar a feature, and the waterfall from a base value to the score.
#pragma once

#include <string>
#include <vector>

namespace crisp::report {

/// One feature's part of an anomaly score: `high` because the value is unusually large, `low` because it is
/// unusually small. Both are >= 0 (a signed contribution goes to one of the two).
struct Reason {
  std::string feature = {};
  double high = 0, low = 0;
  std::string value = {};  ///< the feature's value with its unit: "582 mph"
  std::string usual = {};  ///< what is usual: "median 11.2"
};

struct AttributionChart {
  std::string title = {};
  std::vector<Reason> reasons = {};  ///< in order of size
  size_t most = 10;  ///< what comes after, and what would be too small to see, is summed in a last bar
  std::string note = {};
};

std::string draw(const AttributionChart& chart, double detail = 1);

struct WaterfallStep {
  std::string label = {};
  double change = 0;
  std::string value = {};
};

struct WaterfallChart {
  std::string title = {};
  double start = 0;
  std::string start_label = "base", end_label = "score";
  std::vector<WaterfallStep> steps = {};
  std::string note = {};
};

std::string draw(const WaterfallChart& chart, double detail = 1);

}  // namespace crisp::report
