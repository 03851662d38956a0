/// What is in a table, column by column: counts, moments, quantiles, a histogram, the most frequent values,
/// and what a person should look at before learning from it.
#pragma once

#include <array>
#include <cmath>
#include <cstdint>
#include <string>
#include <vector>

#include "core/json.h"
#include "cuda/exec.h"
#include "read/read.h"
#include "read/table_scan.h"
#include "table/table.h"

namespace crisp {

constexpr std::array<double, 7> kProfilePercents = {1, 5, 25, 50, 75, 95, 99};
constexpr size_t kFrequentValues = 10;

struct ValueCount {
  std::string value;  ///< as written in CSV; texts beyond 200 characters end with an ellipsis
  int64_t count = 0;
};

/// Equal bins from low to high. A tail farther out than the width of the middle 98 % beyond it is counted,
/// not drawn.
struct ColumnHistogram {
  double low = 0, high = 0;
  std::vector<int64_t> counts;
  int64_t below = 0, above = 0;
};

struct ColumnProfile {
  std::string name;
  ColumnType type = ColumnType::text;
  int64_t count = 0;  ///< values that are there, infinite ones too
  int64_t missing = 0, infinite = 0, zeros = 0;
  /// Different values among them (texts are compared by a 64-bit hash; -0 is 0). Beyond kExactValues (65,536) an
  /// estimate with a standard error of half a percent.
  int64_t distinct = 0;
  bool distinct_exact = true;
  /// 1 - entropy / log(distinct): 0 where all values are equally frequent, near 1 where one of them rules; 0 where
  /// distinct is an estimate.
  double imbalance = 0;
  /// Most frequent first, at most kFrequentValues. Where distinct is an estimate: of those values that were frequent
  /// among the first 65,536 different ones, with exact counts.
  std::vector<ValueCount> frequent;

  // Of the finite values of integers, reals and timestamps (seconds since 1970 UTC); NaN elsewhere and for
  // none.
  double low = NAN, high = NAN;
  double mean = NAN;       ///< booleans too: the share of true
  double deviation = NAN;  ///< of the sample (n - 1)
  double skewness = NAN;   ///< m3 / m2^1.5
  double kurtosis = NAN;   ///< m4 / m2^2 - 3
  /// At kProfilePercents: exact, linear between neighbours (numpy's default).
  std::array<double, kProfilePercents.size()> quantiles{NAN, NAN, NAN, NAN, NAN, NAN, NAN};
  ColumnHistogram histogram;

  int64_t rows() const { return count + missing; }
  bool has_distribution() const { return !histogram.counts.empty(); }
};

/// Something to look at. `column` is empty where it is about the whole table.
struct Alert {
  std::string kind;  ///< in the words of ydata-profiling: CONSTANT, MISSING, ...
  std::string column, what, advice;
};

struct TableProfile {
  int64_t rows = 0;
  int64_t duplicates = 0;  ///< rows equal to an earlier one in every column (by a 64-bit hash)
  bool duplicates_exact = true;  ///< an estimate where more than a million rows differ
  std::vector<ColumnProfile> columns;
  std::vector<Alert> alerts;

  int64_t missing() const;
  double missing_share() const;  ///< of all cells
};

/// Goes over the rows three to eight times, in pieces: once for counts, moments, different values and duplicates, then
/// until every quantile is found, then for the histograms. Takes up to 32 MiB for the duplicates and 3 MiB a column,
/// however many rows there are. Results depend on neither threads nor device.
TableProfile profile_table(Exec& exec, const TableScan& scan);
TableProfile profile_table(Exec& exec, const Table& table);

/// The document of --json, `crisp.profile/1`.
Json profile_json(const TableProfile& profile, const std::string& path, const ReadReport& reading);
/// For the terminal on stdout.
std::string profile_text(const TableProfile& profile, const std::string& path, const ReadReport& reading);
/// One offline HTML page.
std::string profile_report(const TableProfile& profile, const std::string& path, const ReadReport& reading);

}  // namespace crisp
