/// How the figures of a profile are written for people.
#pragma once

#include <string>
#include <utility>
#include <vector>

#include "profile/profile.h"

namespace crisp {

/// A value of the column: four figures, or the day (and the minute, where all lie within two days) of a
/// timestamp; "" for NaN. `brief` leaves out the year where the minute stands.
std::string value_text(const ColumnProfile& column, double value, bool brief = false);
/// A difference of such values: a duration for timestamps.
std::string spread_text(const ColumnProfile& column, double difference);

/// "p50" for 50.
std::string quantile_name(double percent);

/// Bars of a small drawing, at most `bars`: the histogram with neighbouring bins put together, else the most
/// frequent values in falling order.
std::vector<double> small_bars(const ColumnProfile& column, size_t bars);

/// "owner 87.0 %, other 13.0 %", at most `values` of them.
std::string frequent_text(const ColumnProfile& column, size_t values);

/// Where the table came from, and what its reader had to say.
std::vector<std::pair<std::string, std::string>> source_pairs(const std::string& path,
                                                              const ReadReport& reading);

/// "1,024", or "≈ 70,100" for an estimate.
std::string distinct_text(const ColumnProfile& column);
std::string duplicates_text(const TableProfile& profile);

/// "5.6 %" for 56 of 1000.
std::string share_text(int64_t part, int64_t whole);

}  // namespace crisp
