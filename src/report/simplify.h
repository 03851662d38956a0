/// Fewer points for the same picture.
#pragma once

#include <span>
#include <vector>

#include "report/svg.h"

namespace crisp::report {

/// The points of a line that matter at `tolerance` pixels: no dropped point lies farther from the line
/// through its kept neighbours (Douglas and Peucker 1973, without recursion). First and last stay. Cost O(n
/// log n) on tracks, O(n²) at worst, so callers cap n. Points must be finite.
std::vector<Point> simplified(std::span<const Point> points, double tolerance);

/// At most about `most` points, evenly thinned, first and last kept: a cap before simplified().
std::vector<Point> every_nth(std::span<const Point> points, size_t most);

}  // namespace crisp::report
