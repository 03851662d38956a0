#include "explain/explained_rows.h"

#include <algorithm>
#include <numeric>

#include "core/format.h"
#include "cuda/error.h"
#include "cuda/shuffle.h"
#include "train/features.h"

namespace crisp {
namespace {

/// 0 ... count - 1 in an order drawn by (seed, stream).
std::vector<int64_t> drawn_order(int64_t count, uint64_t seed, uint64_t stream) {
  std::vector<int64_t> order(static_cast<size_t>(count));
  std::iota(order.begin(), order.end(), int64_t{0});
  shuffle(std::span(order), seed, stream);
  return order;
}

constexpr uint64_t kSampleStream = 0, kFirstShuffle = 1;

/// Places of the rows to keep, ascending.
std::vector<int64_t> sample(int64_t all, int64_t most, const std::vector<int64_t>& wanted, uint64_t seed) {
  std::vector<int64_t> places = drawn_order(all, seed, kSampleStream);
  if (all > most) places.resize(static_cast<size_t>(most));
  for (const int64_t number : wanted) places.push_back(number - 1);
  std::sort(places.begin(), places.end());
  places.erase(std::unique(places.begin(), places.end()), places.end());
  return places;
}

void require_wanted(const std::vector<int64_t>& wanted, int64_t all) {
  for (const int64_t number : wanted) {
    if (number >= 1 && number <= all) continue;
    throw Error(Code::data, concat("--row ", number, ": there are ", counted(all, "row")), number < 1 ? "rows are counted from 1" : "");
  }
}

}  // namespace

ExplainedRows::ExplainedRows(Exec& exec, const SavedPredictor& saved, const Table& raw, int64_t most, const std::vector<int64_t>& wanted,
                             uint64_t seed)
    : pipeline_(saved.pipeline), rows_(raw) {
  const FittedRecipe& recipe = pipeline_.recipe();
  as_given_ = recipe.keeps_rows() && (recipe.in_pieces() || pipeline_.forecast());
  StepLog ignored;
  if (!as_given_) rows_ = saved.input.telling_absent(raw, [&] { return recipe.run_stateless(exec, raw, ignored); }, saved.unasked());
  all_ = rows_.rows();
  CRISP_REQUIRE(all_ > 0, Code::data, "the preparation leaves no rows to explain");
  require_wanted(wanted, all_);
  std::vector<int64_t> places = sample(all_, pipeline_.forecast() ? all_ : most, wanted, seed);
  rows_ = rows_.take(places);
  for (const int64_t place : places) numbers_.push_back(place + 1);
  // What is missing is told before anything is computed.
  saved.input.telling_absent(raw, [&] { return features(exec, rows_.slice(0, 1)); }, saved.unasked());
}

Matrix ExplainedRows::features(Exec& exec, const Table& rows) const {
  StepLog ignored;
  const FittedRecipe& recipe = pipeline_.recipe();
  const Table prepared = as_given_ ? recipe.run(exec, rows, ignored) : recipe.apply(exec, rows, ignored);
  return model_features(prepared, pipeline_.features(), pipeline_.learner().needs().missing);
}

Predictions ExplainedRows::predict(Exec& exec, const Table& rows) const {
  StepLog ignored;
  return as_given_ ? pipeline_.predict(exec, rows, ignored) : pipeline_.predict_prepared(exec, rows, ignored);
}

std::vector<std::string> ExplainedRows::columns() const {
  const ForecastPlan& forecast = pipeline_.forecast();
  std::vector<std::string> names = rows_.names();
  if (forecast) std::erase_if(names, [&](const std::string& name) { return name == forecast.time || name == forecast.group; });
  return names;
}

Table shuffled(const Table& rows, const std::string& column, uint64_t seed, uint64_t draw) {
  const std::vector<int64_t> order = drawn_order(rows.rows(), seed, kFirstShuffle + draw);
  return rows.with_column_of(column, rows.select({column}).take(order), column);
}

}  // namespace crisp
