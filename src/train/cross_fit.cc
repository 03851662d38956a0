#include "train/cross_fit.h"

#include <algorithm>
#include <map>
#include <numeric>

#include "cuda/error.h"
#include "train/features.h"

namespace crisp {
namespace {

using Rows = std::vector<int64_t>;

/// The fold of every row: its place within its group, dealt by turns.
std::vector<int> deal_folds(int64_t rows, const std::vector<std::string>& groups, int folds) {
  std::map<std::string, int> dealt;
  std::vector<int> fold(static_cast<size_t>(rows));
  for (size_t i = 0; i < fold.size(); ++i) fold[i] = dealt[groups.empty() ? std::string() : groups[i]]++ % folds;
  return fold;
}

std::vector<std::string> pick(const std::vector<std::string>& names, const Rows& wanted) {
  std::vector<std::string> picked;
  if (names.empty()) return picked;
  for (const int64_t i : wanted) picked.push_back(names[static_cast<size_t>(i)]);
  return picked;
}

void put_rows(const Matrix& from, const Rows& places, Matrix& to) {
  for (int64_t i = 0; i < from.rows(); ++i) {
    std::copy_n(from.view().row(i), from.columns(), to.view().row(places[static_cast<size_t>(i)]));
  }
}

}  // namespace

CrossFit::CrossFit(Exec& exec, const PipelinePlan& plan, const std::vector<std::string>& features, const Table& train,
                   const std::vector<std::string>& groups)
    : fold_of_(deal_folds(train.rows(), groups, plan.folds)),
      groups_(groups),
      features_(train.rows(), static_cast<int64_t>(features.size())) {
  CRISP_ASSERT(plan.folds >= 2);
  // A group that is large enough as a whole must stay so without one fold of it.
  FitPlan smaller = plan.fit;
  smaller.min_rows = std::max<int64_t>(1, plan.fit.min_rows * (plan.folds - 1) / plan.folds);
  for (int fold = 0; fold < plan.folds; ++fold) {
    Rows kept, held;
    for (int64_t i = 0; i < train.rows(); ++i) (fold_of_[static_cast<size_t>(i)] == fold ? held : kept).push_back(i);
    if (held.empty()) break;  // more folds than rows
    // One row alone is in the first fold: nothing is left to learn from but itself.
    if (kept.empty()) kept = held;
    const Table rows = train.take(kept);
    const FittedRecipe recipe = plan.recipe.fit(exec, rows);
    StepLog ignored;
    const Matrix learned = feature_matrix(exec, recipe, rows, features, ignored);
    sets_.push_back(ModelSet::fit(exec, smaller, learned, pick(groups, kept)));
    put_rows(feature_matrix(exec, recipe, train.take(held), features, ignored), held, features_);
  }
}

Rows CrossFit::members(size_t fold, std::span<const int64_t> places) const {
  Rows found;
  for (size_t i = 0; i < places.size(); ++i) {
    if (fold_of_[static_cast<size_t>(places[i])] == static_cast<int>(fold)) found.push_back(static_cast<int64_t>(i));
  }
  return found;
}

std::vector<double> CrossFit::score(Exec& exec) const {
  Rows all(fold_of_.size());
  std::iota(all.begin(), all.end(), 0);
  std::vector<double> scores(all.size());
  for (size_t fold = 0; fold < sets_.size(); ++fold) {
    const Rows held = members(fold, all);
    const std::vector<double> answers = sets_[fold].score(exec, features_.take(held), pick(groups_, held));
    for (size_t i = 0; i < held.size(); ++i) scores[static_cast<size_t>(held[i])] = answers[i];
  }
  return scores;
}

std::vector<double> CrossFit::attribute(Exec& exec, std::span<const int64_t> places) const {
  const int64_t width = 2 * features_.columns();
  std::vector<double> parts(places.size() * static_cast<size_t>(width));
  for (size_t fold = 0; fold < sets_.size(); ++fold) {
    const Rows indices = members(fold, places);
    if (indices.empty()) continue;
    Rows rows;
    for (const int64_t i : indices) rows.push_back(places[static_cast<size_t>(i)]);
    const std::vector<double> answers = sets_[fold].attribute(exec, features_.take(rows), pick(groups_, rows));
    for (size_t i = 0; i < indices.size(); ++i) {
      std::copy_n(answers.begin() + static_cast<std::ptrdiff_t>(i) * width, width, parts.begin() + indices[i] * width);
    }
  }
  return parts;
}

}  // namespace crisp
