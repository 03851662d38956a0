#include "evaluate/regression.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <numeric>

#include "cuda/error.h"

namespace crisp {
namespace {

constexpr double kLeastTruth = 0x1p-52;

double mean(std::span<const double> values) {
  return std::accumulate(values.begin(), values.end(), 0.0) / static_cast<double>(values.size());
}

struct Sums {
  double error = 0, absolute = 0, square = 0, share_off = 0, truth = 0, truth_square = 0, largest = 0;
  int64_t rows = 0;
};

/// 1 - (squares of the errors) / (squares of the truth's distances from its mean).
double explained(const Sums& sums) {
  const double spread = sums.truth_square - sums.truth * sums.truth / static_cast<double>(sums.rows);
  // What is left of equal truths by rounding is no spread.
  return spread <= 1e-14 * sums.truth_square ? kUndefined : 1 - sums.square / spread;
}

}  // namespace

void require_number_predictions(const NumberPredictions& predictions) {
  CRISP_ASSERT(predictions.truth.size() == predictions.predicted.size());
  CRISP_REQUIRE(!predictions.truth.empty(), Code::data, "no rows to judge predictions by");
  for (size_t row = 0; row < predictions.truth.size(); ++row) {
    const double truth = predictions.truth[row], predicted = predictions.predicted[row];
    CRISP_REQUIRE(std::isfinite(predicted), Code::data, "row ", row + 1, ": the prediction is ", predicted,
                  ", expected a finite number");
    CRISP_REQUIRE(std::isfinite(truth), Code::data, "row ", row + 1, ": the true value is ", truth,
                  ", expected a finite number");
  }
}

PreparedRegression::PreparedRegression(const NumberPredictions& predictions)
    : by_error_(predictions.truth.size()) {
  CRISP_ASSERT(predictions.truth.size() <= std::numeric_limits<uint32_t>::max());
  const double centre = mean(predictions.truth);
  rows_.reserve(predictions.truth.size());
  for (size_t i = 0; i < predictions.truth.size(); ++i) {
    const double truth = predictions.truth[i], error = predictions.predicted[i] - truth;
    rows_.push_back({error, std::abs(error) / std::max(std::abs(truth), kLeastTruth), truth - centre});
    zero_truths_ += truth == 0;
  }
  std::iota(by_error_.begin(), by_error_.end(), 0u);
  std::sort(by_error_.begin(), by_error_.end(),
            [&](uint32_t a, uint32_t b) { return std::abs(rows_[a].error) < std::abs(rows_[b].error); });
}

RegressionFigures PreparedRegression::figures(RowCounts counts) const {
  Sums sums;
  for_counted_rows(counts, rows_.size(), [&](size_t i, int64_t count) {
    const Row& row = rows_[i];
    const auto times = static_cast<double>(count);
    sums.error += times * row.error;
    sums.absolute += times * std::abs(row.error);
    sums.square += times * row.error * row.error;
    sums.share_off += times * row.share_off;
    sums.truth += times * row.truth;
    sums.truth_square += times * row.truth * row.truth;
    sums.largest = std::max(sums.largest, std::abs(row.error));
    sums.rows += count;
  });
  if (sums.rows == 0) return {};
  const auto rows = static_cast<double>(sums.rows);
  RegressionFigures figures;
  figures.mae = sums.absolute / rows;
  figures.rmse = std::sqrt(sums.square / rows);
  figures.r2 = explained(sums);
  figures.mape = sums.share_off / rows;
  figures.median_absolute_error = median_absolute_error(counts, sums.rows);
  figures.max_error = sums.largest;
  figures.mean_error = sums.error / rows;
  return figures;
}

/// The middle of |error|, the mean of the two middle ones where the rows are even.
double PreparedRegression::median_absolute_error(RowCounts counts, int64_t rows) const {
  const int64_t low_rank = (rows - 1) / 2, high_rank = rows / 2;
  int64_t seen = 0;
  double low = kUndefined;
  for (const uint32_t row : by_error_) {
    seen += count_of(counts, row);
    const double error = std::abs(rows_[row].error);
    if (std::isnan(low) && seen > low_rank) low = error;
    if (seen > high_rank) return (low + error) / 2;
  }
  return kUndefined;
}

}  // namespace crisp
