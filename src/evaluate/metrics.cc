#include "evaluate/metrics.h"

#include <algorithm>
#include <map>

#include "cuda/error.h"

namespace crisp {
namespace {

void count(Confusion& counts, bool truth, bool predicted) {
  if (truth) {
    ++(predicted ? counts.true_positive : counts.false_negative);
  } else {
    ++(predicted ? counts.false_positive : counts.true_negative);
  }
}

}  // namespace

double share(int64_t part, int64_t whole) {
  return whole == 0 ? kUndefined : static_cast<double>(part) / static_cast<double>(whole);
}

std::vector<size_t> by_falling_score(std::span<const double> scores) {
  // Sorted with their scores beside them: twice as fast as looking each score up.
  std::vector<std::pair<double, size_t>> rows;
  rows.reserve(scores.size());
  for (size_t i = 0; i < scores.size(); ++i) rows.emplace_back(scores[i], i);
  std::stable_sort(rows.begin(), rows.end(), [](const auto& a, const auto& b) { return a.first > b.first; });
  std::vector<size_t> order;
  order.reserve(rows.size());
  for (const auto& row : rows) order.push_back(row.second);
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
  return Ranking(truth, scores).figures().roc_auc;
}

double average_precision(std::span<const uint8_t> truth, std::span<const double> scores) {
  return Ranking(truth, scores).figures().average_precision;
}

std::vector<RocPoint> roc_curve(std::span<const uint8_t> truth, std::span<const double> scores, size_t most) {
  return Ranking(truth, scores).roc_curve(most);
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

}  // namespace crisp
