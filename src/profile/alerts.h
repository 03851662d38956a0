/// When a column deserves a second look.
#pragma once

#include <string>
#include <vector>

#include "profile/profile.h"

namespace crisp {

/// Shares of the rows, unless said otherwise.
struct AlertThresholds {
  double missing = 0.01;
  double zeros = 0.10;      ///< of columns with more than `few` different values
  double skewness = 20;     ///< absolute value
  double imbalance = 0.5;   ///< of columns with at most `categories` different values
  int64_t categories = 50;  ///< more different texts are a high cardinality
  int64_t few = 5;          ///< integers with at most so many different values are categories
};

/// Alerts of the table first, then column by column.
std::vector<Alert> find_alerts(const TableProfile& profile, const AlertThresholds& thresholds = {});

/// Each kind with the rule behind it: "MISSING", "more than 1 % of the values are missing".
std::vector<std::pair<std::string, std::string>> alert_rules(const AlertThresholds& thresholds = {});

}  // namespace crisp
