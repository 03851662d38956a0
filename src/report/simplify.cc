#include "report/simplify.h"

#include <algorithm>
#include <cmath>
#include <utility>

namespace crisp::report {
namespace {

// Distance to the piece between a and b, not to the endless line: tracks turn back on themselves.
double distance(const Point& p, const Point& a, const Point& b) {
  const double dx = b.x - a.x, dy = b.y - a.y, length = dx * dx + dy * dy;
  const double t = length > 0 ? std::clamp(((p.x - a.x) * dx + (p.y - a.y) * dy) / length, 0.0, 1.0) : 0;
  return std::hypot(p.x - a.x - t * dx, p.y - a.y - t * dy);
}

}  // namespace

std::vector<Point> simplified(std::span<const Point> points, double tolerance) {
  if (points.size() < 3) return {points.begin(), points.end()};
  std::vector<bool> keep(points.size(), false);
  keep.front() = keep.back() = true;
  std::vector<std::pair<size_t, size_t>> open{{0, points.size() - 1}};
  while (!open.empty()) {
    const auto [first, last] = open.back();
    open.pop_back();
    double worst = tolerance;
    size_t split = first;
    for (size_t i = first + 1; i < last; ++i) {
      const double off = distance(points[i], points[first], points[last]);
      if (off > worst) worst = off, split = i;
    }
    if (split == first) continue;
    keep[split] = true;
    open.push_back({first, split});
    open.push_back({split, last});
  }
  std::vector<Point> out;
  for (size_t i = 0; i < points.size(); ++i) {
    if (keep[i]) out.push_back(points[i]);
  }
  return out;
}

std::vector<Point> every_nth(std::span<const Point> points, size_t most) {
  if (most < 2 || points.size() <= most) return {points.begin(), points.end()};
  const size_t stride = (points.size() + most - 1) / most;
  std::vector<Point> out;
  for (size_t i = 0; i < points.size(); i += stride) out.push_back(points[i]);
  if ((points.size() - 1) % stride != 0) out.push_back(points.back());
  return out;
}

}  // namespace crisp::report
