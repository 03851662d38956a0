/// The ways in which `encode` turns categories into numbers: what each learns, and how it is read back.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "prepare/categories.h"

namespace crisp {

/// How a category's mean of the target is drawn to the mean of all rows.
struct Smoothing {
  /// So many rows of the overall mean are added: (sum + rows * mean) / (n + rows). Nothing: empirical Bayes, which adds
  /// variance within the category / variance of the target.
  std::optional<double> rows;
};

struct EncodeRule {
  std::string method;  ///< ordinal, one_hot, target, frequency
  Unseen unseen = Unseen::other;
  CategoryRule categories;
  // By target alone.
  std::string target;
  std::optional<bool> classes;  ///< nothing: where the target is text or boolean
  Smoothing smoothing;
  int folds = 5;
  uint64_t seed = 0;
};

std::unique_ptr<FittedPart> learn_ordinal(const Table& train, const std::vector<std::string>& columns, const EncodeRule& rule);
std::unique_ptr<FittedPart> load_ordinal(const Json& state, const EncodeRule& rule);

std::unique_ptr<FittedPart> learn_one_hot(const Table& train, const std::vector<std::string>& columns, const EncodeRule& rule);
std::unique_ptr<FittedPart> load_one_hot(const Json& state, const EncodeRule& rule);

/// By the share of training rows; a missing value counts as a value where training rows had any.
std::unique_ptr<FittedPart> learn_shares(const Table& train, const std::vector<std::string>& columns, const EncodeRule& rule);
/// By the mean of the target; a missing value counts as a value where training rows had any.
std::unique_ptr<FittedPart> learn_target_means(Exec& exec, const Table& train, const std::vector<std::string>& columns,
                                               const EncodeRule& rule);
std::unique_ptr<FittedPart> load_numbers(const Json& state, const EncodeRule& rule);
/// The training rows, each encoded by the means of the folds that it is not in.
Table cross_fitted(StepRun& run, const Table& train, const std::vector<std::string>& columns, const EncodeRule& rule);

std::vector<std::string> keys_of(const Categories& column);

/// Categories of several columns, as a state saves and loads them: a list, each column once.
std::vector<Categories> load_categories(const Json& state);
Json save_categories(const std::vector<Categories>& columns);

/// Code::data where the table has a column of this name already.
void require_new_column(const Table& table, const std::string& name);

}  // namespace crisp
