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
  /// Different values among them: exact (texts are compared by a 64-bit hash; -0 is 0).
  int64_t distinct = 0;
  /// 1 - entropy / log(distinct): 0 where all values are equally frequent, near 1 where one of them rules.
  double imbalance = 0;
  std::vector<ValueCount> frequent;  ///< most frequent first, at most kFrequentValues

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
  std::vector<ColumnProfile> columns;
  std::vector<Alert> alerts;

  int64_t missing() const;
  double missing_share() const;  ///< of all cells
};

/// Beside the table it takes 8 bytes a row for the duplicates, then 16 to 24 bytes a row for each column at
/// work, one or two a thread and at most 1 GiB together unless a single column takes more. Results depend on
/// neither threads nor device.
TableProfile profile_table(Exec& exec, const Table& table);

/// The document of --json, `crisp.profile/1`.
Json profile_json(const TableProfile& profile, const std::string& path, const ReadReport& reading);
/// For the terminal on stdout.
std::string profile_text(const TableProfile& profile, const std::string& path, const ReadReport& reading);
/// One offline HTML page.
std::string profile_report(const TableProfile& profile, const std::string& path, const ReadReport& reading);

}  // namespace crisp
