#include "models/gbdt/boosting.h"

#include <algorithm>
#include <cmath>
#include <numeric>

#include "cuda/error.h"
#include "cuda/random.h"
#include "kernels/forest/traverse.h"

namespace crisp {
namespace {

constexpr uint64_t kRoundStream = 0x726f756e64u, kColumnStream = 0x636f6c756d6eu, kTreeStream = 0x74726565u, kBagStream = 0x626167u;
constexpr int64_t kGrain = 16384;

/// The least value with at least `share` of the weight at or below it.
double weighted_quantile(const std::vector<float>& values, const std::vector<float>& weights, double share) {
  std::vector<size_t> order(values.size());
  std::iota(order.begin(), order.end(), size_t{0});
  if (weights.empty() && !values.empty()) {
    const auto place = static_cast<size_t>(std::max<int64_t>(0, std::llround(std::ceil(share * static_cast<double>(values.size()))) - 1));
    std::nth_element(order.begin(), order.begin() + static_cast<int64_t>(place), order.end(), [&](size_t a, size_t b) { return values[a] < values[b]; });
    return values[order[place]];
  }
  std::sort(order.begin(), order.end(), [&](size_t a, size_t b) { return values[a] != values[b] ? values[a] < values[b] : a < b; });
  const double all = std::accumulate(weights.begin(), weights.end(), 0.0);
  double below = 0;
  for (const size_t i : order) {
    below += weights[i];
    if (below >= share * all) return values[i];
  }
  return 0;
}

ArrayView<const int32_t> all(const std::vector<int32_t>& values) { return {values.data(), static_cast<int64_t>(values.size())}; }

}  // namespace

Booster::Booster(Exec& exec, const FitData& data, const BoostingPlan& plan)
    : exec_(exec),
      data_(data),
      plan_(plan),
      categories_(categories_of(data.features, data.train.rows.columns)),
      bins_(fit_bins(exec, data.train.rows, all(categories_), plan.most_bins)),
      rows_(exec, bins_, data.train.rows, true),
      validation_(exec, bins_, data.validation.rows, false),
      grower_(exec, rows_.binned(), all(categories_), plan.growth),
      base_(static_cast<size_t>(plan.outputs())),
      scores_(data.train.rows.rows, plan.outputs()),
      validation_scores_(data.validation.rows.rows, plan.outputs()) {
  if (plan.outputs() > 1) shares_ = Scores(scores_.rows(), scores_.columns());
  base_scores(exec, plan.objective, gradient_rows(scores_.view()), base_);
  for (double& base : base_) base = static_cast<double>(static_cast<float>(base));
  for (Scores* matrix : {&scores_, &validation_scores_}) {
    for (int64_t i = 0; i < matrix->rows(); ++i) {
      for (int64_t k = 0; k < matrix->columns(); ++k) matrix->view().at(i, k) = static_cast<float>(base_[static_cast<size_t>(k)]);
    }
  }
  trees_.columns = data.train.rows.columns;
  trees_.outputs = plan.outputs();
}

int64_t Booster::rounds() const { return trees_.view().trees() / plan_.outputs(); }

GradientRows Booster::gradient_rows(MatrixView<const float> scores) const { return {data_.train.target, data_.train.weights, scores}; }

/// The round's rows, ascending.
ArrayView<uint32_t> Booster::sample_rows() {
  const auto count = static_cast<size_t>(data_.train.rows.rows);
  index_.resize(count);
  if (plan_.rows_share >= 1) {
    std::iota(index_.begin(), index_.end(), 0u);
  } else {
    const auto round = static_cast<uint64_t>(rounds());
    size_t kept = 0;
    for (size_t i = 0; i < count; ++i) {
      index_[kept] = static_cast<uint32_t>(i);
      kept += random_uniform(plan_.seed, kBagStream + round, i) < plan_.rows_share;
    }
    index_.resize(kept);
  }
  return {index_.data(), static_cast<int64_t>(index_.size())};
}

std::vector<int32_t> Booster::sample_columns(uint64_t stream) const {
  std::vector<int32_t> columns(static_cast<size_t>(trees_.columns));
  std::iota(columns.begin(), columns.end(), 0);
  if (plan_.columns_share >= 1) return columns;
  const auto count = std::max<size_t>(1, static_cast<size_t>(std::llround(plan_.columns_share * static_cast<double>(columns.size()))));
  for (size_t k = 0; k < count; ++k) std::swap(columns[k], columns[k + random_below(plan_.seed, kColumnStream + stream, k, columns.size() - k)]);
  columns.resize(count);
  std::sort(columns.begin(), columns.end());
  return columns;
}

bool Booster::boost() {
  const auto round = static_cast<uint64_t>(rounds());
  if (plan_.outputs() > 1) shares_of_classes(exec_, scores_.view(), shares_.view());
  const GradientRows gradients = gradient_rows(plan_.outputs() > 1 ? shares_.view() : scores_.view());
  bool parted = false;
  for (int64_t k = 0; k < plan_.outputs(); ++k) {
    const uint64_t number = round * static_cast<uint64_t>(plan_.outputs()) + static_cast<uint64_t>(k);
    const auto key = static_cast<uint32_t>(random_bits(plan_.seed, kRoundStream, number));
    const RoundScale scale = round_scale(exec_, plan_.objective, gradients, k);
    write_gradients(exec_, plan_.objective, gradients, k, scale, key, 0, rows_.binned());
    const std::vector<int32_t> columns = sample_columns(number);
    GrownTree tree = grower_.grow(sample_rows(), all(columns), scale, random_bits(plan_.seed, kTreeStream, number));
    parted = parted || tree.nodes.size() > 1;
    add(tree, k);
  }
  return parted;
}

/// Of losses without a second derivative a leaf answers with the best constant of its rows: the quantile of what is left of their targets.
void Booster::renew_values(GrownTree& tree) const {
  const double share = plan_.objective.objective == Objective::quantile ? plan_.objective.alpha : 0.5;
  exec_.threads().run(static_cast<int64_t>(tree.nodes.size()), [&](int64_t k) {
    const GrownNode& node = tree.nodes[static_cast<size_t>(k)];
    if (node.left >= 0) return;
    std::vector<float> rest, weights;
    for (int64_t i = node.begin; i < node.begin + node.rows; ++i) {
      const uint32_t row = index_[static_cast<size_t>(i)];
      rest.push_back(data_.train.target[row] - scores_.view().at(row, 0));
      if (!data_.train.weights.empty()) weights.push_back(data_.train.weights[row]);
    }
    tree.values[static_cast<size_t>(k)] = static_cast<float>(plan_.learning_rate * weighted_quantile(rest, weights, share));
  });
}

/// Rows that the tree was grown on lie leaf by leaf in index_; others walk down.
void Booster::add(GrownTree& tree, int64_t output) {
  set_values(plan_.growth.rules, plan_.learning_rate, tree);
  if (plan_.objective.objective == Objective::absolute || plan_.objective.objective == Objective::quantile) renew_values(tree);
  const auto walk = [&](const TrainingRows& rows, MatrixView<float> scores) {
    exec_.threads().for_ranges(scores.rows, kGrain, [&](int64_t begin, int64_t end) {
      for (int64_t i = begin; i < end; ++i) scores.at(i, output) += tree.values[static_cast<size_t>(leaf_of(tree, rows.binned().record(i)))];
    });
  };
  walk(validation_, validation_scores_.view());
  if (plan_.rows_share < 1) {
    walk(rows_, scores_.view());
  } else {
    const MatrixView<float> scores = scores_.view();
    exec_.threads().run(static_cast<int64_t>(tree.nodes.size()), [&](int64_t k) {
      const GrownNode& node = tree.nodes[static_cast<size_t>(k)];
      if (node.left >= 0) return;
      const float value = tree.values[static_cast<size_t>(k)];
      for (int64_t i = node.begin; i < node.begin + node.rows; ++i) scores.at(index_[static_cast<size_t>(i)], output) += value;
    });
  }
  append_tree(tree, bins_, trees_);
}

double Booster::train_loss() const {
  const int64_t rows = data_.train.rows.rows, stride = (rows + kLossRows - 1) / kLossRows, count = (rows + stride - 1) / stride;
  Scores scores(count, scores_.columns());
  std::vector<float> target, weights;
  for (int64_t i = 0; i < rows; i += stride) {
    std::copy_n(scores_.view().row(i), scores_.columns(), scores.view().row(i / stride));
    target.push_back(data_.train.target[static_cast<size_t>(i)]);
    if (!data_.train.weights.empty()) weights.push_back(data_.train.weights[static_cast<size_t>(i)]);
  }
  const LossTotal total = total_loss(exec_, plan_.objective, {target, weights, scores.view()});
  return total.weight > 0 ? total.loss / total.weight : 0;
}

double Booster::validation_loss() {
  const LossTotal total = total_loss(exec_, plan_.objective, {data_.validation.target, data_.validation.weights, validation_scores_.view()});
  return total.weight > 0 ? total.loss / total.weight : 0;
}

/// Scores follow from the trees, in their order: the same additions again, the same bits.
void Booster::restore(const Trees& trees) {
  trees_ = trees;
  const TreesView all_trees = trees_.view();
  const auto add_tree = [&](const LabelledRows& rows, const Forest& tree, int64_t output, MatrixView<float> scores) {
    if (scores.rows == 0) return;
    std::vector<double> values(static_cast<size_t>(scores.rows));
    tree.sum(exec_, rows.rows, {values.data(), scores.rows, 1, 1});
    for (int64_t i = 0; i < scores.rows; ++i) scores.at(i, output) += static_cast<float>(values[static_cast<size_t>(i)]);
  };
  for (int64_t t = 0; t < all_trees.trees(); ++t) {
    const Trees one = slice_trees(trees_, t, t + 1, 1);
    const Forest tree(exec_, one.view());
    add_tree(data_.train, tree, t % plan_.outputs(), scores_.view());
    add_tree(data_.validation, tree, t % plan_.outputs(), validation_scores_.view());
  }
}

TreeParts Booster::parts(int64_t rounds) const {
  TreeParts parts;
  parts.trees = slice_trees(trees_, 0, rounds * plan_.outputs(), plan_.outputs());
  parts.base = base_;
  switch (plan_.objective.objective) {
    case Objective::logistic: parts.link = TreeLink::logistic; break;
    case Objective::softmax: parts.link = TreeLink::softmax; break;
    case Objective::poisson: parts.link = TreeLink::exponential; break;
    default: break;
  }
  return parts;
}

}  // namespace crisp
