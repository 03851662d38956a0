/// Line charts: one or more series over a common axis, curves in the unit square, and the ROC curve.
#pragma once

#include <limits>
#include <optional>
#include <string>
#include <vector>

#include "report/plot_marks.h"

namespace crisp::report {

/// Values that are not finite break the line.
struct LineSeries {
  std::string name = {};
  std::vector<double> x = {}, y = {};
};

struct LineChart {
  std::string title = {};
  std::string x_label = {}, y_label = {};
  std::vector<LineSeries> series = {};
  bool from_zero = false;  ///< the vertical axis starts at 0
  std::string note = {};
  bool unit_square = false;  ///< both axes from 0 to 1, in a square: rates and shares
  bool dots = false;         ///< the points are shown, too
  std::vector<ReferenceLine> references = {};
  std::vector<PointMark> marks = {};
  std::optional<Cutoff> cutoff = {};
};

std::string draw(const LineChart& chart, double detail = 1);

struct RocSeries {
  std::string name = {};  ///< shown with its area: "crisp (AUC 0.84)"
  std::vector<double> false_positive_rate = {},
                      true_positive_rate = {};  ///< ascending, from (0, 0) to (1, 1)
  double auc = std::numeric_limits<double>::quiet_NaN();
};

struct OperatingPoint {
  double false_positive_rate = 0, true_positive_rate = 0;
  std::string text = "at the cutoff";
};

struct RocChart {
  std::string title = {};
  std::vector<RocSeries> series = {};
  std::optional<OperatingPoint> operating_point = {};
  std::string note = {};
};

std::string draw(const RocChart& chart, double detail = 1);

}  // namespace crisp::report
