#include "models/gbdt/boosting.h"

#include <algorithm>
#include <cmath>
#include <numeric>

#include "core/interrupt.h"
#include "cuda/error.h"
#include "cuda/random.h"
#include "kernels/forest/traverse.h"
#include "kernels/histogram/column_sample.h"
#include "kernels/histogram/weighted_quantile.h"
#include "train/row_stream.h"

namespace crisp {
namespace {

constexpr uint64_t kRoundStream = 0x726f756e64u, kColumnStream = 0x636f6c756d6eu, kTreeStream = 0x74726565u, kBagStream = 0x626167u;

RowShare row_share(Peers* peers, Share range) {
  if (!peers) return {};
  const auto sum = [peers](std::span<int64_t> numbers) { peers->sum(numbers); };
  const auto most = [peers](std::span<float> numbers) {
    const std::vector<float> own(numbers.begin(), numbers.end());
    fold(*peers, numbers, [&] { std::transform(own.begin(), own.end(), numbers.begin(), numbers.begin(), [](float a, float b) { return std::max(a, b); }); });
  };
  return {range.begin, sum, most};
}

/// This process's training rows.
Share own_range(const FitData& data, Peers* peers) {
  const int64_t rows = data.train.rows.rows;
  return peers ? share_of(rows, peers->rank(), peers->size()) : Share{0, rows};
}

/// Without rows where they are streamed.
LabelledRows own_part(const LabelledRows& all, Share range) {
  const auto begin = static_cast<size_t>(range.begin), size = static_cast<size_t>(range.size());
  return {{all.rows.data ? all.rows.row(range.begin) : nullptr, range.size(), all.rows.columns, all.rows.ld},
          all.target.subspan(begin, size),
          all.weights.empty() ? all.weights : all.weights.subspan(begin, size)};
}

MatrixView<const float> rows_of(MatrixView<const float> rows, int64_t begin, int64_t count) { return {rows.row(begin), count, rows.columns, rows.ld}; }

/// body(first, part): the rows of the range, from its own first on: in memory, or those of the stream group by group.
template <class Body>
void each_part(const FitData& data, Share range, Body body) {
  if (!data.stream) return body(int64_t{0}, rows_of(data.train.rows, range.begin, range.size()));
  int64_t at = 0;
  for (size_t group = 0; group < data.stream->groups().size(); ++group) {
    check_interrupt();
    const int64_t next = at + data.stream->groups()[group], begin = std::max(at, range.begin), end = std::min(next, range.end);
    if (begin < end) {
      const StreamedRows part = data.stream->read(static_cast<int64_t>(group));
      body(begin - range.begin, rows_of(part.rows.view(), begin - at, end - begin));
    }
    at = next;
  }
}

/// In the first process, the counts of all processes' rows.
void merge_in_first(Peers& peers, ValueCounts& counts) {
  if (peers.rank() > 0) {
    send_array(peers, 0, counts.values);
    return send_array(peers, 0, counts.counts);
  }
  for (int rank = 1; rank < peers.size(); ++rank) {
    ValueCounts other;
    receive_array(peers, rank, other.values);
    receive_array(peers, rank, other.counts);
    counts = merge_counts(counts, other);
  }
}

/// The first process's values, in all of them.
template <class T>
void take_from_first(Peers& peers, std::vector<T>& values) {
  const std::vector<uint8_t> bytes = first_bytes(peers, {reinterpret_cast<const uint8_t*>(values.data()), values.size() * sizeof(T)});
  values.resize(bytes.size() / sizeof(T));
  std::copy(bytes.begin(), bytes.end(), reinterpret_cast<uint8_t*>(values.data()));
}

Bins bins_of(Exec& exec, const FitData& data, Share range, Peers* peers, ArrayView<const int32_t> categories, int most_bins) {
  if (!data.stream) return fit_bins(exec, data.train.rows, categories, most_bins);
  const RowParts parts = [&](const auto& body) {
    each_part(data, range, [&](int64_t, MatrixView<const float> part) { body(part); });
  };
  if (!peers) return fit_bins(exec, range.size(), parts, categories, most_bins);
  Bins bins = fit_bins(exec, range.size(), parts, categories, most_bins, [&](ValueCounts& counts) { merge_in_first(*peers, counts); });
  take_from_first(*peers, bins.first);
  take_from_first(*peers, bins.bounds);
  take_from_first(*peers, bins.table_first);
  take_from_first(*peers, bins.table);
  return bins;
}

TrainingRows coded(Exec& exec, const Bins& bins, const FitData& data, Share range) {
  TrainingRows rows(exec, bins, shared_layout(bins.all_codes()), range.size(), true);
  each_part(data, range, [&](int64_t first, MatrixView<const float> part) { rows.fill(exec, bins, first, part); });
  return rows;
}

ArrayView<const int32_t> all(const std::vector<int32_t>& values) { return {values.data(), static_cast<int64_t>(values.size())}; }

}  // namespace

Booster::Booster(Exec& exec, const FitData& data, const BoostingPlan& plan, Peers* peers)
    : exec_(exec),
      data_(data),
      plan_(plan),
      peers_(peers),
      range_(own_range(data, peers)),
      share_(row_share(peers, range_)),
      own_(own_part(data.train, range_)),
      categories_(categories_of(data.features, data.train.rows.columns)),
      bins_(bins_of(exec, data, range_, peers, all(categories_), plan.most_bins)),
      rows_(exec, coded(exec, bins_, data, range_), own_.target, own_.weights, plan.outputs(), share_),
      validation_(exec, TrainingRows(exec, bins_, shared_layout(bins_.all_codes()), data.validation.rows, false), {}, {}, plan.outputs()),
      grower_(exec, rows_.binned(), all(categories_), plan.growth, share_),
      base_(static_cast<size_t>(plan.outputs())) {
  base_scores(exec, plan.objective, {data.train.target, data.train.weights, {}}, base_);
  for (double& base : base_) base = static_cast<double>(static_cast<float>(base));
  rows_.fill_scores(base_);
  validation_.fill_scores(base_);
  plan_.objective.quanta = quanta_for(data.train.rows.rows);
  trees_.columns = data.train.rows.columns;
  trees_.outputs = plan.outputs();
}

int64_t Booster::rounds() const { return trees_.view().trees() / plan_.outputs(); }

std::vector<int32_t> Booster::columns_of_tree(uint64_t number) const {
  std::vector<int32_t> columns(static_cast<size_t>(trees_.columns));
  std::iota(columns.begin(), columns.end(), 0);
  return sample_columns(all(columns), plan_.columns_share, plan_.seed, kColumnStream + number);
}

bool Booster::boost() {
  const auto round = static_cast<uint64_t>(rounds());
  rows_.begin_round();
  bool parted = false;
  for (int64_t k = 0; k < plan_.outputs(); ++k) {
    const uint64_t number = round * static_cast<uint64_t>(plan_.outputs()) + static_cast<uint64_t>(k);
    const auto key = static_cast<uint32_t>(random_bits(plan_.seed, kRoundStream, number));
    const RoundScale scale = rows_.write_words(plan_.objective, k, key);
    const std::vector<int32_t> columns = columns_of_tree(number);
    const ArrayView<uint32_t> chosen = rows_.choose_rows(plan_.rows_share, plan_.seed, kBagStream + round);
    GrownTree tree = grower_.grow(chosen, all(columns), scale, random_bits(plan_.seed, kTreeStream, number));
    parted = parted || tree.nodes.size() > 1;
    add(tree, k);
  }
  return parted;
}

/// Of losses without a second derivative a leaf answers with the best constant of its rows: the quantile of what is left of their targets.
/// Of several processes the first one is told what is left of all rows, in their order, and tells the others the answers.
void Booster::renew_values(GrownTree& tree) {
  const double share = plan_.objective.objective == Objective::quantile ? plan_.objective.alpha : 0.5;
  const MatrixView<const float> scores = rows_.scores_on_host();
  std::vector<uint32_t> index = rows_.chosen_on_host();
  std::vector<float> rest(index.size()), weights(own_.weights.empty() ? 0 : index.size());
  std::vector<int64_t> places;  // of each node's rows: where they begin, how many
  for (const GrownNode& node : tree.nodes) places.insert(places.end(), {node.begin, node.rows});
  exec_.threads().run(static_cast<int64_t>(tree.nodes.size()), [&](int64_t k) {
    const GrownNode& node = tree.nodes[static_cast<size_t>(k)];
    if (node.left >= 0) return;
    const auto begin = index.begin() + node.begin, end = begin + node.rows;
    std::sort(begin, end);  // sums of weights in one order, however the leaf's rows were left
    for (auto i = static_cast<size_t>(node.begin); i < static_cast<size_t>(node.begin + node.rows); ++i) {
      rest[i] = own_.target[index[i]] - scores.at(index[i], 0);
      if (!weights.empty()) weights[i] = own_.weights[index[i]];
    }
  });
  if (peers_) gather(*peers_, places), gather(*peers_, rest), gather(*peers_, weights);
  if (first()) answer_by_rest(tree, {places, rest, weights}, share);
  if (peers_) peers_->broadcast(0, std::as_writable_bytes(std::span(tree.values)));
}

/// The processes' rests one behind the other.
void Booster::answer_by_rest(GrownTree& tree, const LeafRests& all, double share) {
  const size_t nodes = tree.nodes.size(), processes = all.places.size() / (2 * nodes);
  exec_.threads().run(static_cast<int64_t>(nodes), [&](int64_t node) {
    const auto k = static_cast<size_t>(node);
    if (tree.nodes[k].left >= 0) return;
    std::vector<float> rest, weights;
    size_t before = 0;  // of the processes before this one: the root's rows are all
    for (size_t p = 0; p < processes; ++p) {
      const int64_t* const places = all.places.data() + 2 * nodes * p;
      const size_t begin = before + static_cast<size_t>(places[2 * k]), size = static_cast<size_t>(places[2 * k + 1]);
      const auto take = [&](std::span<const float> from, std::vector<float>& to) {
        const auto piece = from.subspan(begin, size);
        to.insert(to.end(), piece.begin(), piece.end());
      };
      take(all.rest, rest);
      if (!all.weights.empty()) take(all.weights, weights);
      before += static_cast<size_t>(places[1]);
    }
    tree.values[k] = static_cast<float>(plan_.learning_rate * weighted_quantile(rest, weights, share));
  });
}

void Booster::add(GrownTree& tree, int64_t output) {
  set_values(plan_.growth.rules, plan_.learning_rate, tree);
  if (plan_.objective.objective == Objective::absolute || plan_.objective.objective == Objective::quantile) renew_values(tree);
  rows_.add(tree, output);
  validation_.add(tree, output);
  append_tree(tree, bins_, trees_);
}

double Booster::train_loss() {
  const int64_t rows = data_.train.rows.rows, stride = (rows + kLossRows - 1) / kLossRows, count = (rows + stride - 1) / stride;
  std::vector<float> scores = rows_.some_scores(stride);
  if (peers_) gather(*peers_, scores);
  if (!first()) return std::nan("");
  std::vector<float> target, weights;
  for (int64_t i = 0; i < rows; i += stride) {
    target.push_back(data_.train.target[static_cast<size_t>(i)]);
    if (!data_.train.weights.empty()) weights.push_back(data_.train.weights[static_cast<size_t>(i)]);
  }
  const LossTotal total = total_loss(exec_, plan_.objective, {target, weights, {scores.data(), count, plan_.outputs(), plan_.outputs()}});
  return total.weight > 0 ? total.loss / total.weight : 0;
}

double Booster::validation_loss() {
  const LossTotal total = total_loss(exec_, plan_.objective, {data_.validation.target, data_.validation.weights, validation_.scores_on_host()});
  return total.weight > 0 ? total.loss / total.weight : 0;
}

/// Scores follow from the trees, in their order: the same additions again, the same bits.
void Booster::restore(const Trees& trees) {
  trees_ = trees;
  const auto again = [&](BoostedRows& boosted, const auto& each) {
    const MatrixView<const float> before = boosted.scores_on_host();
    std::vector<float> scores(before.data, before.data + before.rows * before.columns);
    each([&](int64_t first, MatrixView<const float> part) { add_again(part, scores.data() + first * plan_.outputs()); });
    boosted.set_scores({scores.data(), before.rows, before.columns, before.columns});
  };
  again(rows_, [&](auto body) { each_part(data_, range_, body); });
  if (validates()) again(validation_, [&](auto body) { body(int64_t{0}, data_.validation.rows); });
}

void Booster::add_again(MatrixView<const float> rows, float* scores) const {
  std::vector<double> values(static_cast<size_t>(rows.rows));
  for (int64_t t = 0; t < trees_.view().trees(); ++t) {
    const Trees one = slice_trees(trees_, t, t + 1, 1);
    const Forest tree(exec_, one.view());
    tree.sum(exec_, rows, {values.data(), rows.rows, 1, 1});
    for (int64_t i = 0; i < rows.rows; ++i) {
      scores[i * plan_.outputs() + t % plan_.outputs()] += static_cast<float>(values[static_cast<size_t>(i)]);
    }
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
