/// Histogram of one or more classes over the same bins, with a cutoff line.
#pragma once

#include <optional>
#include <span>
#include <string>
#include <vector>

#include "report/plot_marks.h"

namespace crisp::report {

struct HistogramSeries {
  std::string name = {};
  std::vector<double> counts = {};  ///< one per bin
};

struct HistogramChart {
  std::string title = {};
  std::string x_label = {};
  std::string y_label = "rows";
  std::vector<double> edges = {};  ///< ascending, one more than bins
  std::vector<HistogramSeries> series = {};
  std::optional<Cutoff> cutoff = {};
  bool shares = false;  ///< each class as percentages of itself: classes of unequal size become comparable
  std::string note = {};
};

std::string draw(const HistogramChart& chart, double detail = 1);

/// `bins` equal bins over the finite values of all `classes`. A long right tail (maximum beyond three times
/// the 99th percentile) is cut there when `cut_tail`; bin_counts() then adds what lies beyond to the last
/// bin.
std::vector<double> even_edges(const std::vector<std::vector<double>>& classes, int bins,
                               bool cut_tail = true);
/// How many finite values fall in each bin [edge, next edge); what lies outside is counted in the first or
/// last.
std::vector<double> bin_counts(std::span<const double> values, std::span<const double> edges);

}  // namespace crisp::report
