#include "evaluate/ranking.h"

#include <cmath>
#include <limits>

#include "cuda/error.h"
#include "evaluate/metrics.h"

namespace crisp {
namespace {

double apart(const RocPoint& a, const RocPoint& b) {
  return std::abs(a.false_positive_rate - b.false_positive_rate) +
         std::abs(a.true_positive_rate - b.true_positive_rate);
}

double apart(const PrecisionRecallPoint& a, const PrecisionRecallPoint& b) {
  return std::abs(a.recall - b.recall) + std::abs(a.precision - b.precision);
}

/// The points at least `step` from the one kept before, and the last one.
template <class Point>
std::vector<Point> spaced(const std::vector<Point>& points, double step) {
  std::vector<Point> kept;
  for (const Point& point : points) {
    if (kept.empty() || apart(kept.back(), point) >= step) kept.push_back(point);
  }
  if (apart(kept.back(), points.back()) > 0) kept.push_back(points.back());
  return kept;
}

/// Thinned by distance, not by rank: the steep beginnings of the curves stay whole.
template <class Point>
std::vector<Point> thinned(std::vector<Point> points, size_t most) {
  double step = 2.0 / static_cast<double>(most < 2 ? 1 : most - 1);  // a ROC curve is 2 long this way
  for (; points.size() > most && step < 2; step *= 1.25) points = spaced(points, step);
  return points;
}

}  // namespace

Ranking::Ranking(std::span<const uint8_t> truth, std::span<const double> scores) {
  CRISP_ASSERT(truth.size() == scores.size() && truth.size() <= std::numeric_limits<uint32_t>::max());
  const std::vector<size_t> order = by_falling_score(scores);
  places_.reserve(order.size());
  scores_.reserve(order.size());
  for (size_t i = 0; i < order.size(); ++i) {
    const bool last = i + 1 == order.size() || scores[order[i + 1]] != scores[order[i]];
    places_.push_back({static_cast<uint32_t>(order[i]), truth[order[i]] != 0, last});
    scores_.push_back(scores[order[i]]);
    positives_ += truth[order[i]] != 0;
  }
}

/// Calls step(positives so far, negatives so far) after every group of equal scores, from the highest score
/// down.
template <class Step>
void Ranking::walk(RowCounts counts, Step step) const {
  int64_t seen[2] = {0, 0};
  for (const Place& place : places_) {
    seen[place.positive] += count_of(counts, place.row);
    if (place.last_of_ties) step(seen[1], seen[0]);
  }
}

RankFigures Ranking::figures(RowCounts counts) const {
  double area = 0, precisions = 0;
  int64_t last_positives = 0, last_negatives = 0;
  walk(counts, [&](int64_t positives, int64_t negatives) {
    area +=
        static_cast<double>(negatives - last_negatives) * static_cast<double>(positives + last_positives) / 2;
    if (positives > last_positives)
      precisions += static_cast<double>(positives - last_positives) * share(positives, positives + negatives);
    last_positives = positives;
    last_negatives = negatives;
  });
  const double all_positives = static_cast<double>(last_positives),
               all_negatives = static_cast<double>(last_negatives);
  const bool both = last_positives > 0 && last_negatives > 0;
  return {both ? area / (all_positives * all_negatives) : kUndefined,
          last_positives > 0 ? precisions / all_positives : kUndefined};
}

std::vector<RocPoint> Ranking::roc_curve(size_t most) const {
  const int64_t negatives = std::ssize(places_) - positives_;
  std::vector<RocPoint> points{{0, 0}};
  if (positives_ == 0 || negatives == 0) return points;
  walk({}, [&](int64_t p, int64_t n) { points.push_back({share(n, negatives), share(p, positives_)}); });
  return thinned(std::move(points), most);
}

std::vector<PrecisionRecallPoint> Ranking::precision_recall_curve(size_t most) const {
  std::vector<PrecisionRecallPoint> points{{0, 1, std::numeric_limits<double>::infinity()}};
  if (positives_ == 0) return points;
  walk({}, [&](int64_t p, int64_t n) {
    points.push_back({share(p, positives_), share(p, p + n), scores_[static_cast<size_t>(p + n - 1)]});
  });
  return thinned(std::move(points), most);
}

}  // namespace crisp
