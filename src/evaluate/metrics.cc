#include "evaluate/metrics.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <map>
#include <numeric>

#include "cuda/error.h"

namespace crisp {
namespace {

constexpr double kUndefined = std::numeric_limits<double>::quiet_NaN();

double share(int64_t part, int64_t whole) {
  return whole == 0 ? kUndefined : static_cast<double>(part) / static_cast<double>(whole);
}

void count(Confusion& counts, bool truth, bool predicted) {
  if (truth) {
    ++(predicted ? counts.true_positive : counts.false_negative);
  } else {
    ++(predicted ? counts.false_positive : counts.true_negative);
  }
}

/// Calls step(positives so far, negatives so far) after every group of equal scores, from the highest score down.
template <class Step>
void walk_thresholds(std::span<const uint8_t> truth, std::span<const double> scores, Step step) {
  const std::vector<size_t> order = by_falling_score(scores);
  int64_t positives = 0, negatives = 0;
  for (size_t i = 0; i < order.size(); ++i) {
    ++(truth[order[i]] ? positives : negatives);
    if (i + 1 == order.size() || scores[order[i + 1]] != scores[order[i]]) step(positives, negatives);
  }
}

int64_t count_positives(std::span<const uint8_t> truth) {
  return std::count_if(truth.begin(), truth.end(), [](uint8_t value) { return value != 0; });
}

}  // namespace

std::vector<size_t> by_falling_score(std::span<const double> scores) {
  std::vector<size_t> order(scores.size());
  std::iota(order.begin(), order.end(), size_t{0});
  std::stable_sort(order.begin(), order.end(), [&](size_t a, size_t b) { return scores[a] > scores[b]; });
  return order;
}

double Confusion::accuracy() const { return share(true_positive + true_negative, rows()); }
double Confusion::recall() const { return share(true_positive, positives()); }
double Confusion::specificity() const { return share(true_negative, negatives()); }
double Confusion::precision() const { return share(true_positive, true_positive + false_positive); }
double Confusion::f1() const { return share(2 * true_positive, 2 * true_positive + false_positive + false_negative); }
double Confusion::balanced_accuracy() const { return (recall() + specificity()) / 2; }
double Confusion::always_negative_accuracy() const { return share(negatives(), rows()); }

Json Confusion::to_json() const {
  return {{"true_positive", true_positive},
          {"false_positive", false_positive},
          {"true_negative", true_negative},
          {"false_negative", false_negative}};
}

Confusion confusion(std::span<const uint8_t> truth, std::span<const uint8_t> predicted) {
  CRISP_ASSERT(truth.size() == predicted.size());
  Confusion counts;
  for (size_t i = 0; i < truth.size(); ++i) count(counts, truth[i] != 0, predicted[i] != 0);
  return counts;
}

double roc_auc(std::span<const uint8_t> truth, std::span<const double> scores) {
  CRISP_ASSERT(truth.size() == scores.size());
  double area = 0;
  int64_t last_positives = 0, last_negatives = 0;
  walk_thresholds(truth, scores, [&](int64_t positives, int64_t negatives) {
    area += static_cast<double>(negatives - last_negatives) * static_cast<double>(positives + last_positives) / 2;
    last_positives = positives;
    last_negatives = negatives;
  });
  if (last_positives == 0 || last_negatives == 0) return kUndefined;
  return area / (static_cast<double>(last_positives) * static_cast<double>(last_negatives));
}

double average_precision(std::span<const uint8_t> truth, std::span<const double> scores) {
  CRISP_ASSERT(truth.size() == scores.size());
  const int64_t all = count_positives(truth);
  if (all == 0) return kUndefined;
  double sum = 0;
  int64_t last = 0;
  walk_thresholds(truth, scores, [&](int64_t positives, int64_t negatives) {
    sum += share(positives - last, all) * share(positives, positives + negatives);
    last = positives;
  });
  return sum;
}

std::vector<RocPoint> roc_curve(std::span<const uint8_t> truth, std::span<const double> scores, size_t most) {
  const int64_t positives = count_positives(truth);
  const int64_t negatives = static_cast<int64_t>(truth.size()) - positives;
  std::vector<RocPoint> points{{0, 0}};
  if (positives == 0 || negatives == 0) return points;
  walk_thresholds(truth, scores, [&](int64_t p, int64_t n) { points.push_back({share(n, negatives), share(p, positives)}); });
  if (points.size() <= most) return points;
  std::vector<RocPoint> thinned;
  for (size_t i = 0; i < most; ++i) thinned.push_back(points[i * (points.size() - 1) / (most - 1)]);
  return thinned;
}

std::vector<Slice> slice_by(std::span<const std::string> values, std::span<const uint8_t> truth,
                            std::span<const uint8_t> predicted, size_t most) {
  std::map<std::string, Confusion> slices;
  for (size_t i = 0; i < values.size(); ++i) count(slices[values[i]], truth[i] != 0, predicted[i] != 0);
  std::vector<Slice> result;
  for (auto& [value, counts] : slices) result.push_back({value, counts});
  if (result.size() <= most) return result;
  std::stable_sort(result.begin(), result.end(),
                   [](const Slice& a, const Slice& b) { return a.counts.rows() > b.counts.rows(); });
  Confusion others;
  for (size_t i = most; i < result.size(); ++i) {
    others.true_positive += result[i].counts.true_positive;
    others.false_positive += result[i].counts.false_positive;
    others.true_negative += result[i].counts.true_negative;
    others.false_negative += result[i].counts.false_negative;
  }
  result.resize(most);
  result.push_back({"(others)", others});
  return result;
}

Json number_or_null(double value) { return std::isfinite(value) ? Json(value) : Json(nullptr); }

}  // namespace crisp
