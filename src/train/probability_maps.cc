#include "train/probability_maps.h"

#include <algorithm>
#include <cmath>

#include "cuda/exact_math.h"
#include "kernels/training/link_row.h"

namespace crisp {
namespace {

/// Rows that say the same as one.
std::vector<SaidRow> by_place(std::vector<SaidRow> rows) {
  std::stable_sort(rows.begin(), rows.end(), [](const SaidRow& a, const SaidRow& b) { return a.said < b.said; });
  std::vector<SaidRow> places;
  for (const SaidRow& row : rows) {
    if (places.empty() || places.back().said != row.said) {
      places.push_back({row.said, row.truth * row.weight, row.weight});
    } else {
      places.back().truth += row.truth * row.weight;
      places.back().weight += row.weight;
    }
  }
  for (SaidRow& place : places) place.truth /= place.weight;
  return places;
}

struct Block {
  double sum, weight;
  size_t places;
  double mean() const { return sum / weight; }
};

std::vector<Block> pooled(const std::vector<SaidRow>& places) {
  std::vector<Block> blocks;
  for (const SaidRow& place : places) {
    blocks.push_back({place.truth * place.weight, place.weight, 1});
    while (blocks.size() > 1 && blocks[blocks.size() - 2].mean() >= blocks.back().mean()) {
      const Block last = blocks.back();
      blocks.pop_back();
      blocks.back().sum += last.sum;
      blocks.back().weight += last.weight;
      blocks.back().places += last.places;
    }
  }
  return blocks;
}

/// A row of the logistic fit.
struct Target {
  double log_odds, target, weight;
};

double loss(const std::vector<Target>& rows, double slope, double intercept) {
  double sum = 0;
  for (const Target& row : rows) {
    const double score = slope * row.log_odds + intercept;
    sum += row.weight * (softplus(score) - row.target * score);
  }
  return sum;
}

std::vector<Target> with_targets(std::span<const SaidRow> rows) {
  double trues = 0, others = 0;
  for (const SaidRow& row : rows) (row.truth > 0.5 ? trues : others) += row.weight;
  const double high = (trues + 1) / (trues + 2), low = 1 / (others + 2);
  std::vector<Target> targets;
  for (const SaidRow& row : rows) targets.push_back({log_odds(row.said), row.truth > 0.5 ? high : low, row.weight});
  return targets;
}

/// Newton's direction; the ridge keeps a constant column of log-odds solvable.
struct Direction {
  double slope, intercept, descent;
};

Direction newton(const std::vector<Target>& rows, double slope, double intercept) {
  constexpr double kRidge = 1e-12;
  double gs = 0, gi = 0, hss = kRidge, hsi = 0, hii = kRidge;
  for (const Target& row : rows) {
    const double p = logistic(slope * row.log_odds + intercept);
    const double miss = row.weight * (p - row.target), curve = row.weight * p * (1 - p);
    gs += miss * row.log_odds;
    gi += miss;
    hss += curve * row.log_odds * row.log_odds;
    hsi += curve * row.log_odds;
    hii += curve;
  }
  const double determinant = hss * hii - hsi * hsi;
  const Direction step{-(hii * gs - hsi * gi) / determinant, -(hss * gi - hsi * gs) / determinant, 0};
  return {step.slope, step.intercept, gs * step.slope + gi * step.intercept};
}

}  // namespace

double RisingMap::operator()(double x) const {
  const auto above = std::upper_bound(from.begin(), from.end(), x) - from.begin();
  if (above == 0) return to.front();
  if (above == static_cast<std::ptrdiff_t>(from.size())) return to.back();
  const auto k = static_cast<size_t>(above);
  return to[k - 1] + (to[k] - to[k - 1]) * ((x - from[k - 1]) / (from[k] - from[k - 1]));
}

RisingMap fit_isotonic(std::vector<SaidRow> rows) {
  const std::vector<SaidRow> places = by_place(std::move(rows));
  RisingMap map;
  size_t next = 0;
  for (const Block& block : pooled(places)) {
    const double value = std::clamp(block.mean(), 0.0, 1.0);
    const size_t last = next + block.places - 1;
    for (size_t end : {next, last}) {
      if (!map.from.empty() && map.from.back() == places[end].said) continue;
      map.from.push_back(places[end].said);
      map.to.push_back(value);
    }
    next = last + 1;
  }
  return map;
}

double log_odds(double probability) {
  const double p = std::clamp(probability, kLeastProbability, 1 - kLeastProbability);
  return exact_log(p / (1 - p));
}

double LogisticMap::operator()(double x) const { return logistic(slope * log_odds(x) + intercept); }

LogisticMap fit_logistic_map(std::span<const SaidRow> rows) {
  constexpr int kMostSteps = 100;
  constexpr double kSmallest = 1e-10, kEnough = 1e-4;  // of a step; of the descent that a step must keep (Armijo)
  const std::vector<Target> targets = with_targets(rows);
  LogisticMap map;
  double now = loss(targets, map.slope, map.intercept);
  for (int k = 0; k < kMostSteps; ++k) {
    const Direction step = newton(targets, map.slope, map.intercept);
    if (!(step.descent < -1e-14 * now)) break;
    double share = 1;
    for (; share >= kSmallest; share /= 2) {
      const LogisticMap moved{map.slope + share * step.slope, map.intercept + share * step.intercept};
      const double then = loss(targets, moved.slope, moved.intercept);
      if (!(then < now + kEnough * share * step.descent)) continue;
      map = moved;
      now = then;
      break;
    }
    if (share < kSmallest) break;
  }
  return map;
}

}  // namespace crisp
