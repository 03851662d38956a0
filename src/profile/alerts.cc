#include "profile/alerts.h"

#include <cmath>

#include "core/format.h"

namespace crisp {
namespace {

double share(int64_t part, int64_t whole) {
  return whole > 0 ? static_cast<double>(part) / static_cast<double>(whole) : 0.0;
}

std::string share_text(int64_t part, int64_t whole) {
  return concat(format_percent(share(part, whole)), " of the rows");
}

/// Texts, booleans, and integers of so few values that they name something (a label, a grade).
bool is_category(const ColumnProfile& column, const AlertThresholds& limit) {
  if (column.type == ColumnType::integer) return column.distinct <= limit.few;
  return column.type == ColumnType::text || column.type == ColumnType::boolean;
}

bool is_number(const ColumnProfile& column) {
  return column.type == ColumnType::integer || column.type == ColumnType::real;
}

void check_variety(const ColumnProfile& column, const AlertThresholds& limit, auto add) {
  if (column.distinct == 1) {
    add("CONSTANT", concat("always ", column.frequent.front().value),
        "tells no row from another: leave it out");
    return;
  }
  // Real numbers are nearly always all different: nothing to say.
  if (column.distinct == column.rows() && column.type != ColumnType::real) {
    add("UNIQUE", column.distinct_exact ? "every row has its own value" : "of a sample of the values none repeats", "an identifier? then a key, not a feature");
  } else if (column.type == ColumnType::text && column.distinct > limit.categories) {
    add("HIGH_CARDINALITY", concat(column.distinct_exact ? "" : "about ", format_count(column.distinct), " different texts"),
        "group them, or encode by a target or a hash");
  }
  if (is_category(column, limit) && column.distinct <= limit.categories &&
      column.imbalance > limit.imbalance) {
    add("IMBALANCE",
        concat(format_percent(share(column.frequent.front().count, column.count)), " are ",
               column.frequent.front().value),
        "judge by balanced accuracy or ROC-AUC, not by accuracy");
  }
}

void check_values(const ColumnProfile& column, const AlertThresholds& limit, auto add) {
  if (column.infinite > 0) {
    add("INFINITE", concat("infinite values: ", format_count(column.infinite)),
        "all figures are of the finite ones; find the division by zero");
  }
  if (share(column.missing, column.rows()) > limit.missing) {
    add("MISSING", share_text(column.missing, column.rows()), "fill with impute, or drop_missing");
  }
  if (!is_number(column)) return;
  if (column.distinct > limit.few && share(column.zeros, column.rows()) > limit.zeros) {
    add("ZEROS", share_text(column.zeros, column.rows()), "truly zero, or a missing value in disguise?");
  }
  if (std::abs(column.skewness) > limit.skewness) {
    add("SKEWED", concat("skewness ", format_number(column.skewness)),
        "scale by robust_arcsinh or log1p, and look at its extremes");
  }
}

}  // namespace

std::vector<Alert> find_alerts(const TableProfile& profile, const AlertThresholds& limit) {
  std::vector<Alert> alerts;
  if (profile.rows == 0) {
    alerts.push_back({"EMPTY", "", "the table has no rows", "check the file, or the filter that made it"});
    return alerts;
  }
  if (profile.duplicates > 0) {
    alerts.push_back({"DUPLICATES", "",
                      concat("rows that repeat an earlier one: ", format_count(profile.duplicates), " (",
                             format_percent(share(profile.duplicates, profile.rows)), ")"),
                      "drop_duplicates, before rows are split into train and test"});
  }
  for (const ColumnProfile& column : profile.columns) {
    const auto add = [&](const char* kind, const std::string& what, const char* advice) {
      alerts.push_back({kind, column.name, what, advice});
    };
    if (column.count == 0) {
      add("EMPTY", "every value is missing", "leave it out");
      continue;
    }
    check_variety(column, limit, add);
    check_values(column, limit, add);
  }
  return alerts;
}

std::vector<std::pair<std::string, std::string>> alert_rules(const AlertThresholds& limit) {
  return {{"EMPTY", "no rows, or a column without a value"},
          {"DUPLICATES", "a row equals an earlier one in every column"},
          {"CONSTANT", "one value only"},
          {"UNIQUE", "all different, none missing (not for real numbers)"},
          {"HIGH_CARDINALITY", concat("more than ", limit.categories, " different texts")},
          {"IMBALANCE", concat("1 - entropy / log(values) above ", limit.imbalance,
                               ", of texts, booleans and integers of at most ", limit.few, " values")},
          {"INFINITE", "any infinite value"},
          {"MISSING", concat("more than ", format_percent(limit.missing, 0), " of the values")},
          {"ZEROS", concat("more than ", format_percent(limit.zeros, 0),
                           " of the values are 0, of more than ", limit.few, " different ones")},
          {"SKEWED", concat("skewness beyond ", limit.skewness, " or below -", limit.skewness)}};
}

}  // namespace crisp
