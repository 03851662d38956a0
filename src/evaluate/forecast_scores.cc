#include "evaluate/forecast_scores.h"

#include <cmath>

#include "core/json_number.h"
#include "cuda/error.h"
#include "evaluate/metrics.h"

namespace crisp {
namespace {

struct Sums {
  int64_t values = 0;
  double absolute = 0, squares = 0;

  void add(double error) {
    ++values;
    absolute += std::fabs(error);
    squares += error * error;
  }
  ForecastScore score() const {
    if (values == 0) return {0, NAN, NAN};
    const auto count = static_cast<double>(values);
    return {values, absolute / count, std::sqrt(squares / count)};
  }
};

}  // namespace

ForecastScores score_forecasts(std::span<const double> values, std::span<const double> truth, int64_t horizon) {
  CRISP_ASSERT(horizon > 0 && values.size() == truth.size() && values.size() % static_cast<size_t>(horizon) == 0);
  Sums all;
  std::vector<Sums> steps(static_cast<size_t>(horizon));
  for (size_t i = 0; i < values.size(); ++i) {
    if (std::isnan(truth[i])) continue;
    all.add(values[i] - truth[i]);
    steps[i % steps.size()].add(values[i] - truth[i]);
  }
  ForecastScores scores{all.score(), {}};
  for (const Sums& sums : steps) scores.steps.push_back(sums.score());
  return scores;
}

Json to_json(const ForecastScore& score) {
  return {{"values", score.values}, {"mae", number_or_null(score.mae)}, {"rmse", number_or_null(score.rmse)}};
}

Json to_json(const std::vector<ForecastScore>& steps) {
  Json list = Json::array();
  for (const ForecastScore& step : steps) list.push_back(to_json(step));
  return list;
}

}  // namespace crisp
