/// Means of a target by category, drawn to the mean of all rows (Micci-Barreca, "A preprocessing scheme for
/// high-cardinality categorical attributes", SIGKDD Explorations 2001).
#pragma once

#include <span>
#include <string>
#include <vector>

#include "prepare/encodings.h"

namespace crisp {

/// What is averaged: the target itself, or for each class but the first whether a row is of it.
struct TargetValues {
  size_t outputs = 1;
  std::vector<std::string> classes;  ///< names of the outputs where there are several
  std::vector<double> values;        ///< rows x outputs; NaN where the target is missing
  std::vector<int32_t> stratum;      ///< of each row: its class; all 0 for numbers
};

/// Code::data for a target of one class, of more than 100, or without numbers where they are needed.
TargetValues target_values(const Table& train, const EncodeRule& rule);

/// (groups + 1) x outputs: for each group, and last the mean of all rows.
struct CategoryMeans {
  std::vector<double> values;
};

/// `group` of each row (negative: none). Rows of fold `without` are left out; those whose target is missing are too.
/// A group without rows takes the mean of all.
CategoryMeans category_means(const TargetValues& target, std::span<const int32_t> group, int64_t groups,
                             const Smoothing& smoothing, std::span<const int> fold, int without);

/// A fold for each row: rows of each class in random order, dealt by turns.
std::vector<int> deal_target_folds(const TargetValues& target, int folds, uint64_t seed);

}  // namespace crisp
