/// How far forecasts are off, by how far ahead they look.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "core/json.h"

namespace crisp {

/// Of so many values with a truth; NaN where there is none.
struct ForecastScore {
  int64_t values = 0;
  double mae = 0, rmse = 0;
};

struct ForecastScores {
  ForecastScore overall;
  std::vector<ForecastScore> steps;  ///< one a value ahead
};

/// `values` and `truth`: rows x horizon. Origins roll: each row is one, whatever the others answer. A truth of NaN is none.
ForecastScores score_forecasts(std::span<const double> values, std::span<const double> truth, int64_t horizon);

/// {"values": ..., "mae": ..., "rmse": ...}, and a list of such.
Json to_json(const ForecastScore& score);
Json to_json(const std::vector<ForecastScore>& steps);

}  // namespace crisp
