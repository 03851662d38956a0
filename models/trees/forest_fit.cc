#include "models/trees/forest_fit.h"

#include <algorithm>
#include <chrono>
#include <cmath>
#include <numeric>
#include <optional>

#include "core/format.h"
#include "core/interrupt.h"
#include "core/terminal.h"
#include "cuda/error.h"
#include "cuda/random.h"
#include "models/trees/class_weights.h"
#include "models/trees/device_check.h"
#include "models/trees/forest_levels.h"
#include "models/trees/gather_trees.h"
#include "models/trees/out_of_bag.h"
#include "models/trees/training_rows.h"
#include "train/shared_training.h"

namespace crisp {
namespace {

constexpr uint64_t kBootstrapStream = 0x626f6f7473u << 24, kTreeStream = 0x666f72657374u;
constexpr int64_t kTreesPerThread = 8;  // between two looks at what else is asked for

double seconds_since(std::chrono::steady_clock::time_point then) {
  return std::chrono::duration<double>(std::chrono::steady_clock::now() - then).count();
}

/// The rows that weigh something, with what they weigh in the fit.
struct CountedRows {
  Matrix taken;
  std::vector<float> target, weights;
  LabelledRows rows;

  CountedRows(const FitData& data, bool balanced) : rows(data.train) {
    const auto weightless = [](float weight) { return !(weight > 0); };
    if (std::any_of(rows.weights.begin(), rows.weights.end(), weightless)) take_weighty();
    if (balanced) {
      weights = balanced_weights(rows, data.classes);
      rows.weights = weights;
    }
  }

 private:
  void take_weighty() {
    std::vector<int64_t> kept;
    for (size_t i = 0; i < rows.weights.size(); ++i) {
      if (!(rows.weights[i] > 0)) continue;
      kept.push_back(static_cast<int64_t>(i));
      target.push_back(rows.target[i]);
      weights.push_back(rows.weights[i]);
    }
    taken = Matrix(static_cast<int64_t>(kept.size()), rows.rows.columns);
    for (size_t k = 0; k < kept.size(); ++k) std::copy_n(rows.rows.row(kept[k]), rows.rows.columns, taken.view().row(static_cast<int64_t>(k)));
    rows = {taken.view(), target, weights, rows.answers};
  }
};

class Forester {
 public:
  Forester(Exec& exec, const FitData& data, const ForestPlan& plan, TrainingRun& run)
      : exec_(exec), plan_(plan), run_(run), counted_(data, plan.balanced && data.task == Task::classification), rows_(counted_.rows.rows),
        targets_(counted_.rows, data.task, data.classes), categories_(categories_of(data.features, rows_.columns)),
        bins_(fit_bins(exec, rows_, {categories_.data(), rows_.columns}, plan.most_bins)),
        training_(exec, bins_, plain_layout(bins_.all_codes()), rows_, true),
        forest_rows_{training_.binned(), {categories_.data(), rows_.columns}, targets_}, own_(share_of_rank(run.peers ? run.peers->rank() : 0)) {
    if (exec.is_cuda()) levels_.emplace(exec, forest_rows_, plan.growth);
    if (plan.bootstrap && plan.oob_score) out_of_bag_.emplace(counted_.rows, targets_.classes());
    trees_.columns = rows_.columns;
    trees_.outputs = targets_.outputs();
    trees_.vector_leaves = targets_.outputs() > 1;
  }

  TreeParts fit() {
    const auto start = std::chrono::steady_clock::now();
    try {
      for (int64_t round = 0, rounds = agreed_rounds(); round < rounds; ++round) {
        if (const int signal = agreed_signal(run_.peers)) throw Interrupted(signal);
        grow_round(round, rounds);
        if (run_.show && plan_.trees > 1) show_bar(concat("tree ", grown_, "/", plan_.trees, "  ", format_seconds(seconds_since(start))));
      }
      if (run_.peers) meet();
    } catch (const LostPeer& lost) {
      if (run_.show) show_bar("");
      fail_lost(*run_.peers, lost, concat(format_count(grown_), " of ", counted(plan_.trees, "tree")), false);
    }
    if (run_.show) show_bar("");
    tell(seconds_since(start));
    TreeParts parts;
    parts.base.assign(static_cast<size_t>(trees_.outputs), 0.0);
    parts.scale = 1 / static_cast<double>(plan_.trees);
    parts.trees = std::move(trees_);
    return parts;
  }

 private:
  Share share_of_rank(int64_t rank) const { return share_of(plan_.trees, rank, run_.peers ? run_.peers->size() : 1); }

  /// Between two rounds all processes look together at what else is asked for.
  int64_t agreed_rounds() const {
    const int64_t together = levels_ ? levels_->trees_at_once() : kTreesPerThread * exec_.threads().threads();
    const int64_t own = (own_.size() + together - 1) / together;
    int64_t rounds = own;
    if (run_.peers) fold(*run_.peers, std::span(&rounds, 1), [&] { rounds = std::max(rounds, own); });
    return rounds;
  }

  void grow_round(int64_t round, int64_t rounds) {
    const Share part = share_of(own_.size(), round, rounds);
    const std::vector<ForestTree> grown = levels_ ? grow_on_gpu(part) : grow_on_cpu(part);
    for (const ForestTree& tree : grown) append_forest_tree(tree, bins_, trees_);
    grown_ = 0;
    for (int64_t rank = 0; rank < (run_.peers ? run_.peers->size() : 1); ++rank) grown_ += share_of(share_of_rank(rank).size(), round, rounds).end;
  }

  /// The first process has the forest then; nobody asks the others.
  void meet() {
    if (out_of_bag_) out_of_bag_->sum(*run_.peers);
    gather_trees(*run_.peers, trees_);
  }

  std::vector<ForestTree> grow_on_cpu(const Share& part) {
    std::vector<ForestTree> grown(static_cast<size_t>(part.size()));
    const auto grow_one = [&](int64_t k) {
      TreeSample sample = sample_of(own_.begin + part.begin + k);
      grown[static_cast<size_t>(k)] = grow_forest_tree(exec_, forest_rows_, plan_.growth, sample, at_leaf_);
    };
    if (own_.size() >= exec_.threads().threads()) {
      exec_.threads().run(part.size(), grow_one);
    } else {
      for (int64_t k = 0; k < part.size(); ++k) grow_one(k);
    }
    return grown;
  }

  std::vector<ForestTree> grow_on_gpu(const Share& part) {
    std::vector<TreeSample> samples(static_cast<size_t>(part.size()));
    exec_.threads().run(part.size(), [&](int64_t k) { samples[static_cast<size_t>(k)] = sample_of(own_.begin + part.begin + k); });
    return levels_->grow(samples, at_leaf_);
  }

  TreeSample sample_of(int64_t tree) const {
    TreeSample sample;
    sample.stream = random_bits(plan_.seed, kTreeStream, static_cast<uint64_t>(tree));
    if (plan_.bootstrap) {
      draw_rows(tree, sample);
    } else {
      sample.index.resize(static_cast<size_t>(rows_.rows));
      std::iota(sample.index.begin(), sample.index.end(), 0u);
    }
    return sample;
  }

  /// As many draws with replacement as there are rows, or as asked for; what was drawn twice counts twice.
  void draw_rows(int64_t tree, TreeSample& sample) const {
    const auto rows = static_cast<uint64_t>(rows_.rows);
    const double asked = plan_.max_samples <= 1 ? std::round(plan_.max_samples * static_cast<double>(rows)) : plan_.max_samples;
    const auto draws = static_cast<uint64_t>(std::clamp(asked, 1.0, static_cast<double>(rows)));
    sample.counts.resize(rows);
    for (uint64_t k = 0; k < draws; ++k) ++sample.counts[random_below(plan_.seed, kBootstrapStream + static_cast<uint64_t>(tree), k, rows)];
    for (uint32_t row = 0; row < rows; ++row) {
      if (sample.counts[row] > 0) sample.index.push_back(row);
      else if (out_of_bag_) sample.held_out.push_back(row);
    }
  }

  void tell(double seconds) {
    const TreesView trees = trees_.view();
    run_.facts = {{"trees", trees.trees()}, {"leaves", (trees.nodes() + trees.trees()) / 2}, {"depth", depth()}};
    if (out_of_bag_) out_of_bag_->tell(run_.facts);
    run_.timings = {{"seconds", seconds}, {"rows_per_second", static_cast<double>(plan_.trees * rows_.rows) / std::max(seconds, 1e-9)}};
  }

  /// Of the deepest tree.
  int64_t depth() const {
    int64_t most = 0;
    for (size_t t = 0; t + 1 < trees_.first.size(); ++t) {
      const auto begin = static_cast<size_t>(trees_.first[t]), nodes = static_cast<size_t>(trees_.first[t + 1]) - begin;
      std::vector<int64_t> depth(nodes);
      for (size_t node = 0; node < nodes; ++node) {
        most = std::max(most, depth[node]);
        if (trees_.feature[begin + node] < 0) continue;
        for (const int32_t child : {trees_.left[begin + node], trees_.right[begin + node]}) depth[static_cast<size_t>(child)] = depth[node] + 1;
      }
    }
    return most;
  }

  Exec& exec_;
  const ForestPlan& plan_;
  TrainingRun& run_;
  const CountedRows counted_;
  const MatrixView<const float> rows_;
  const ForestTargets targets_;
  const std::vector<int32_t> categories_;
  const Bins bins_;
  const TrainingRows training_;
  const ForestRows forest_rows_;
  std::optional<ForestLevels> levels_;  // on a GPU
  const Share own_;  // of the trees: the others are other processes'
  std::optional<OutOfBag> out_of_bag_;
  const AtLeaf at_leaf_ = [this](uint32_t row, const double* values) { out_of_bag_->add(row, values); };
  Trees trees_;
  int64_t grown_ = 0;  // by all processes
};

bool any_weight(const LabelledRows& rows) {
  return rows.rows.rows > 0 && (rows.weights.empty() || std::any_of(rows.weights.begin(), rows.weights.end(), [](float weight) { return weight > 0; }));
}

/// One tree of the forest on a few rows.
bool grows_as_the_cpu(Exec& exec, Exec& cpu, const FitData& data, const ForestPlan& plan) {
  return agrees_with_the_cpu(exec, "the forest", [&] {
    const FitData part = rows_to_check(data);
    if (!any_weight(part.train)) return true;
    ForestPlan one = plan;
    one.trees = 1;
    one.oob_score = false;
    TrainingRun here, there;
    return same_trees(Forester(exec, part, one, here).fit().trees, Forester(cpu, part, one, there).fit().trees);
  });
}

}  // namespace

TreeParts fit_forest(Exec& exec, const FitData& data, const ForestPlan& plan, TrainingRun& run) {
  CRISP_REQUIRE(any_weight(data.train), Code::data, "no rows to learn from");
  if (!exec.is_cuda()) return Forester(exec, data, plan, run).fit();
  Exec cpu(Device::cpu(), exec.threads().threads());
  return Forester(grows_as_the_cpu(exec, cpu, data, plan) ? exec : cpu, data, plan, run).fit();
}

}  // namespace crisp
