#include "evaluate/confusion_matrix.h"

#include <algorithm>
#include <cmath>

namespace crisp {
namespace {

double zero_where_undefined(double value) { return std::isnan(value) ? 0 : value; }

/// The averages with `weight(class)` each.
template <class Weight>
ClassAverages averages(const ConfusionMatrix& matrix, Weight weight) {
  ClassAverages sums{0, 0, 0};
  double total = 0;
  for (int64_t k = 0; k < matrix.classes(); ++k) {
    const double w = weight(k);
    if (w == 0) continue;
    const Confusion counts = matrix.one_against_rest(k);
    sums.precision += w * zero_where_undefined(counts.precision());
    sums.recall += w * zero_where_undefined(counts.recall());
    sums.f1 += w * zero_where_undefined(counts.f1());
    total += w;
  }
  if (total == 0) return {};
  return {sums.precision / total, sums.recall / total, sums.f1 / total};
}

}  // namespace

ConfusionMatrix::ConfusionMatrix(int64_t classes)
    : classes_(classes),
      cells_(static_cast<size_t>(classes * classes)),
      support_(static_cast<size_t>(classes)),
      predicted_(static_cast<size_t>(classes)) {}

void ConfusionMatrix::add(int64_t truth, int64_t predicted, int64_t count) {
  cells_[index(truth, predicted)] += count;
  support_[static_cast<size_t>(truth)] += count;
  predicted_[static_cast<size_t>(predicted)] += count;
  rows_ += count;
}

int64_t ConfusionMatrix::classes_in_truth() const {
  int64_t found = 0;
  for (int64_t k = 0; k < classes_; ++k) found += support(k) > 0;
  return found;
}

Confusion ConfusionMatrix::one_against_rest(int64_t k) const {
  Confusion counts;
  counts.true_positive = at(k, k);
  counts.false_negative = support(k) - counts.true_positive;
  counts.false_positive = predicted(k) - counts.true_positive;
  counts.true_negative = rows() - counts.true_positive - counts.false_negative - counts.false_positive;
  return counts;
}

double ConfusionMatrix::accuracy() const {
  int64_t right = 0;
  for (int64_t k = 0; k < classes_; ++k) right += at(k, k);
  return share(right, rows());
}

double ConfusionMatrix::balanced_accuracy() const {
  double sum = 0;
  int64_t found = 0;
  for (int64_t k = 0; k < classes_; ++k) {
    if (support(k) == 0) continue;
    sum += share(at(k, k), support(k));
    ++found;
  }
  return found < 2 ? kUndefined : sum / static_cast<double>(found);
}

double ConfusionMatrix::majority_accuracy() const {
  int64_t most = 0;
  for (int64_t k = 0; k < classes_; ++k) most = std::max(most, support(k));
  return share(most, rows());
}

double ConfusionMatrix::matthews_correlation() const {
  // Doubles: squares of row counts leave int64 beyond 3e9 rows, and are exact up to 9e7.
  const auto all = static_cast<double>(rows());
  double right = 0, products = 0, truths = 0, answers = 0;
  for (int64_t k = 0; k < classes_; ++k) {
    const auto truth = static_cast<double>(support(k)), answer = static_cast<double>(predicted(k));
    right += static_cast<double>(at(k, k));
    products += truth * answer;
    truths += truth * truth;
    answers += answer * answer;
  }
  const double truth_spread = all * all - truths, answer_spread = all * all - answers;
  if (truth_spread <= 0) return kUndefined;
  return answer_spread <= 0 ? 0 : (right * all - products) / std::sqrt(truth_spread * answer_spread);
}

ClassAverages ConfusionMatrix::macro_averages() const {
  return averages(*this, [&](int64_t k) { return support(k) + predicted(k) > 0 ? 1.0 : 0.0; });
}

ClassAverages ConfusionMatrix::weighted_averages() const {
  return averages(*this, [&](int64_t k) { return static_cast<double>(support(k)); });
}

Json ConfusionMatrix::to_json() const {
  Json rows = Json::array();
  for (int64_t truth = 0; truth < classes_; ++truth) {
    Json row = Json::array();
    for (int64_t k = 0; k < classes_; ++k) row.push_back(at(truth, k));
    rows.push_back(std::move(row));
  }
  return rows;
}

}  // namespace crisp
