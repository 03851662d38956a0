/// Windows of rows in the order of time: what forecasts are made from.
#pragma once

#include <span>
#include <string>
#include <vector>

#include "core/json.h"
#include "table/matrix.h"

namespace crisp {

/// How far a forecast looks back and ahead, and what puts its rows in order.
struct ForecastPlan {
  int64_t horizon = 0;      ///< values ahead; 0: no forecast
  int64_t lookback = 0;     ///< rows of a window
  int64_t season = 1;       ///< rows after which a series comes again
  std::string time, group;  ///< the order of rows; what tells series apart, "": there is one

  explicit operator bool() const { return horizon > 0; }
  Json to_json() const;
  /// Inverse; Code::data for anything else.
  static ForecastPlan from_json(const Json& json);
};

/// The most rows of a window, and values ahead.
inline constexpr int64_t kMostLookback = 8192, kMostHorizon = 4096;

/// A table's rows, series after series, each in the order of time. A place is an index into `rows`.
struct SeriesOrder {
  std::vector<int64_t> rows;
  std::vector<int64_t> begins;  ///< the place where each series begins, and the end

  size_t count() const { return begins.size() - 1; }
  int64_t longest() const;
};

/// Code::data where a row has no time, or two rows of one series have the same.
SeriesOrder order_series(const Table& rows, const ForecastPlan& plan);

/// The time between neighbours that is usual, in the time column's unit (seconds), and how many neighbours are further apart.
struct TimeStep {
  double usual = 0;
  int64_t gaps = 0;
};
TimeStep time_step(const Table& rows, const std::string& time, const SeriesOrder& order);

/// Rows after which a series comes again, by its step in seconds: a day of shorter steps, a week of days, a year of weeks,
/// months or quarters; else 1.
int64_t usual_season(double step);
/// Two seasons, and no shorter than the horizon; 16 to 512.
int64_t usual_lookback(int64_t season, int64_t horizon);

/// The first places of all windows that lie in one series.
std::vector<int64_t> whole_windows(const SeriesOrder& order, int64_t lookback);
/// Those of them whose `horizon` next values in the series are all there. `values`: one a place; NaN: missing.
std::vector<int64_t> answered_windows(const SeriesOrder& order, const ForecastPlan& plan, std::span<const double> values);
/// The next values of the windows that begin at `first`, horizon each; NaN where missing or beyond the series.
std::vector<double> answers_of(const SeriesOrder& order, const ForecastPlan& plan, std::span<const double> values,
                               std::span<const int64_t> first);

/// Rows side by side without padding, so that windows overlap in them: window i is columns * lookback numbers from row i on.
class WindowRows {
 public:
  /// `rows` in the order of `order`.
  WindowRows(const Matrix& rows, const std::vector<int64_t>& order, int64_t lookback);

  /// The windows that begin at `first`, one a row: of neighbours where they lie, else copied into `copies`.
  MatrixView<const float> take(std::span<const int64_t> first, Matrix& copies) const;

 private:
  Matrix flat_;  // one row
  int64_t rows_, columns_, lookback_;
};

}  // namespace crisp
