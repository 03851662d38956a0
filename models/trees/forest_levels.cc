#include "models/trees/forest_levels.h"

#include <algorithm>
#include <functional>
#include <memory>

#include "cuda/error.h"
#include "kernels/histogram/column_sample.h"
#include "models/trees/drawn_columns.h"
#include "models/trees/forest_branch.h"

namespace crisp {
namespace {

/// Rows of all trees at once, and trees.
constexpr int64_t kMostRows = int64_t{1} << 23, kMostTrees = 64;
/// Columns of nodes, and nodes to be parted, that are told to the GPU at once.
constexpr int64_t kMostColumns = int64_t{1} << 18, kMostParents = int64_t{1} << 16;

template <class T>
DeviceBuffer<T> on_device(Exec& exec, std::span<const T> values) {
  return DeviceBuffer<T>(exec, values.data(), static_cast<int64_t>(values.size()));
}

/// A node whose split is known.
struct FoundNode {
  int32_t tree = 0;
  RowRange rows, held_out;   // places among the tree's
  int64_t depth = 0;
  uint64_t stream = 0;
  int64_t left = 0;          // its children are left and left + 1; 0: none
  double purity = 0;
  double turn = 0;           // the least gain from the root down to it
  int32_t column = -1, code = 0;
  int64_t set = -1;          // of categories: which go left
  bool missing_left = false;
};

/// All nodes of some trees.
class Levels {
 public:
  Levels(Exec& exec, const ForestRows& rows, const ForestGrowth& plan, std::span<TreeSample> samples)
      : exec_(exec), rows_(rows), plan_(plan), samples_(samples), cells_(plan.rules.cells()), columns_(rows.binned.records.columns, plan.random_order) {
    lay_out();
    add_roots();
  }

  void grow(const gpu::ImpurityColumns& columns, gpu::ImpurityTargets targets) {
    targets.counts = counts_.data();
    for (size_t first = 0, end = nodes_.size(); first < end; end = nodes_.size()) {
      search(columns, targets, first, end);
      std::vector<size_t> parents;
      for (size_t node = first; node < end; ++node) {
        if (nodes_[node].column >= 0) parents.push_back(node);
      }
      if (plan_.max_leaves > 0) drop_hopeless(parents);
      first = end;
      for (const std::span<const size_t> some : pieces(parents, kMostParents)) part(some);
    }
    take_held_out();
  }

  const FoundNode& node(int64_t number) const { return nodes_[static_cast<size_t>(number)]; }
  const int64_t* total_of(int64_t number) const { return totals_.data() + number * cells_; }
  ImpuritySplit split_of(int64_t number) const {
    const FoundNode& found = node(number);
    ImpuritySplit split;
    if (found.column < 0) return split;
    split.purity = found.purity;
    split.column = found.column;
    split.code = found.code;
    split.category = found.set >= 0;
    split.missing_left = found.missing_left;
    if (split.category) split.left = sets_[static_cast<size_t>(found.set)];
    return split;
  }

 private:
  /// Rows of all trees one behind the other, then those that are held out.
  void lay_out() {
    std::vector<uint32_t> index;
    std::vector<uint16_t> counts;
    for (const TreeSample& sample : samples_) {
      first_row_.push_back(static_cast<int64_t>(index.size()));
      index.insert(index.end(), sample.index.begin(), sample.index.end());
      counts.insert(counts.end(), sample.counts.begin(), sample.counts.end());
    }
    for (const TreeSample& sample : samples_) {
      first_held_out_.push_back(static_cast<int64_t>(index.size()));
      index.insert(index.end(), sample.held_out.begin(), sample.held_out.end());
    }
    index_ = on_device<uint32_t>(exec_, index);
    room_ = DeviceBuffer<uint32_t>(exec_, index_.size());
    counts_ = on_device<uint16_t>(exec_, counts);
    any_held_out_ = index_.size() > first_held_out_[0];
  }

  void add_roots() {
    nodes_.resize(samples_.size());
    totals_.resize(samples_.size() * static_cast<size_t>(cells_));
    exec_.threads().run(static_cast<int64_t>(samples_.size()), [&](int64_t k) {
      const TreeSample& sample = samples_[static_cast<size_t>(k)];
      FoundNode& root = nodes_[static_cast<size_t>(k)];
      root = {.tree = static_cast<int32_t>(k), .rows = {0, static_cast<int64_t>(sample.index.size())},
              .held_out = {0, static_cast<int64_t>(sample.held_out.size())}, .stream = sample.stream};
      add_up(sample, totals_.data() + k * cells_);
    });
    for (size_t k = 0; k < samples_.size(); ++k) rules_.emplace_back(plan_, rows_.targets, total_of(static_cast<int64_t>(k)));
  }

  void add_up(const TreeSample& sample, int64_t* total) const {
    const ForestTargets& targets = rows_.targets;
    total[kRowsCell] = static_cast<int64_t>(sample.index.size());
    for (const uint32_t row : sample.index) {
      const int64_t times = sample.counts.empty() ? 1 : sample.counts[row];
      const int64_t weight = times * targets.weight(row);
      if (targets.classes() > 0) {
        total[targets.cell(row)] += weight;
      } else {
        total[kWeightCell] += weight;
        total[kTargetCell] += times * targets.target(row);
      }
    }
  }

  /// Splits of nodes [first, end). Nodes whose columns are the same in all rows draw more until one is not.
  void search(const gpu::ImpurityColumns& columns, const gpu::ImpurityTargets& targets, size_t first, size_t end) {
    left_.assign((end - first) * static_cast<size_t>(cells_), 0);
    std::vector<size_t> undecided;
    for (size_t node = first; node < end; ++node) {
      const FoundNode& found = nodes_[node];
      if (rules_[static_cast<size_t>(found.tree)].may_part(found.depth, total_of(static_cast<int64_t>(node)))) undecided.push_back(node);
    }
    const int64_t all = columns_.size(), wanted = std::min(all, plan_.columns_by_node);
    for (int64_t from = 0, to = wanted; !undecided.empty() && from < all; from = to, to = std::min(all, 2 * to)) {
      std::vector<size_t> still;
      for (const std::span<const size_t> nodes : pieces(undecided, kMostColumns / (to - from))) {
        std::vector<int64_t> left(nodes.size() * static_cast<size_t>(cells_));
        const std::vector<gpu::NodeSplit> splits = splits_by(columns, targets, nodes, from, to, left);
        for (size_t k = 0; k < nodes.size(); ++k) {
          if (!splits[k].differ) still.push_back(nodes[k]);
          if (splits[k].split.column < 0) continue;
          keep(nodes[k], splits[k].split);
          std::copy_n(left.data() + static_cast<int64_t>(k) * cells_, cells_, left_.data() + static_cast<int64_t>(nodes[k] - first) * cells_);
        }
      }
      undecided = std::move(still);
    }
    first_left_ = first;
  }

  /// Up to `most` of them at a time, one at least.
  static std::vector<std::span<const size_t>> pieces(std::span<const size_t> nodes, int64_t most) {
    std::vector<std::span<const size_t>> all;
    const auto step = static_cast<size_t>(std::max<int64_t>(1, most));
    for (size_t begin = 0; begin < nodes.size(); begin += step) all.push_back(nodes.subspan(begin, std::min(step, nodes.size() - begin)));
    return all;
  }

  /// By the columns [from, to) of each node's draws.
  std::vector<gpu::NodeSplit> splits_by(const gpu::ImpurityColumns& columns, const gpu::ImpurityTargets& targets, std::span<const size_t> of, int64_t from,
                                        int64_t to, std::vector<int64_t>& left) {
    const int64_t width = to - from;
    std::vector<int32_t> drawn;
    std::vector<gpu::ImpurityNode> asked;
    drawn.reserve(of.size() * static_cast<size_t>(width));
    for (const size_t node : of) {
      const FoundNode& found = nodes_[node];
      const ArrayView<const int32_t> own{drawn.data() + drawn.size(), width};
      columns_.begin(plan_.rules.seed, found.stream, std::min(columns_.size(), plan_.columns_by_node));
      for (int64_t k = 0; k < to; ++k) {
        const int32_t column = columns_.next();
        if (k >= from) drawn.push_back(column);
      }
      asked.push_back({{first_row_[static_cast<size_t>(found.tree)] + found.rows.begin, found.rows.size}, found.tree,
                       total_of(static_cast<int64_t>(node)), found.stream, own});
    }
    return gpu::purest_splits(exec_, columns, targets, plan_.rules, index_.data(), asked, from > 0, left);
  }

  /// The split, where it gains enough.
  void keep(size_t node, const ImpuritySplit& split) {
    FoundNode& found = nodes_[node];
    const PartingRules& rules = rules_[static_cast<size_t>(found.tree)];
    const double gain = rules.gain(split, total_of(static_cast<int64_t>(node)));
    if (!rules.parts(split, gain)) return;
    found.purity = split.purity;
    found.turn = found.depth == 0 ? gain : std::min(found.turn, gain);
    found.column = split.column;
    found.code = split.code;
    found.missing_left = split.missing_left;
    if (!split.category) return;
    found.set = static_cast<int64_t>(sets_.size());
    sets_.push_back(split.left);
  }

  /// Where the best nodes are parted first: none is parted before another whose least gain from the root on is higher, so that where there are leaves
  /// for these alone, it never is.
  void drop_hopeless(std::vector<size_t>& parents) {
    turns_.resize(samples_.size());
    for (const size_t node : parents) turns_[static_cast<size_t>(nodes_[node].tree)].push_back(nodes_[node].turn);
    const auto most = static_cast<size_t>(plan_.max_leaves - 1);
    for (std::vector<double>& turns : turns_) {
      if (turns.size() < most) continue;
      std::nth_element(turns.begin(), turns.begin() + static_cast<std::ptrdiff_t>(most) - 1, turns.end(), std::greater<>());
      turns.resize(most);
    }
    std::erase_if(parents, [&](size_t node) {
      const std::vector<double>& turns = turns_[static_cast<size_t>(nodes_[node].tree)];
      const bool hopeless = turns.size() == most && nodes_[node].turn < turns.back();
      if (hopeless) nodes_[node].column = -1;
      return hopeless;
    });
  }

  /// Rows to both children, which are added.
  void part(std::span<const size_t> parents) {
    std::vector<gpu::PartitionJob> jobs;
    for (const size_t node : parents) {
      const FoundNode& found = nodes_[node];
      const auto tree = static_cast<size_t>(found.tree);
      const CodeSides sides = split_of(static_cast<int64_t>(node)).sides();
      jobs.push_back({{first_row_[tree] + found.rows.begin, found.rows.size}, found.column, sides});
      if (any_held_out_) jobs.push_back({{first_held_out_[tree] + found.held_out.begin, found.held_out.size}, found.column, sides});
    }
    std::vector<int64_t> lefts(any_held_out_ ? jobs.size() : 0);
    gpu::partition_nodes(exec_, rows_.binned.columns, index_.data(), room_.data(), jobs, lefts);
    for (size_t k = 0; k < parents.size(); ++k) add_children(parents[k], any_held_out_ ? lefts[2 * k + 1] : 0);
  }

  void add_children(size_t node, int64_t held_out_left) {
    const int64_t* left = left_.data() + static_cast<int64_t>(node - first_left_) * cells_;
    const auto at = static_cast<int64_t>(nodes_.size());
    nodes_[node].left = at;
    totals_.insert(totals_.end(), left, left + cells_);
    for (int64_t k = 0; k < cells_; ++k) totals_.push_back(total_of(static_cast<int64_t>(node))[k] - left[k]);
    for (const bool right : {false, true}) {
      const FoundNode& parent = nodes_[node];
      const auto side_of = [&](RowRange all, int64_t lefts) {
        return right ? RowRange{all.begin + lefts, all.size - lefts} : RowRange{all.begin, lefts};
      };
      nodes_.push_back({.tree = parent.tree, .rows = side_of(parent.rows, left[kRowsCell]), .held_out = side_of(parent.held_out, held_out_left),
                        .depth = parent.depth + 1, .stream = child_stream(parent.stream, right), .turn = parent.turn});
    }
  }

  /// Each tree's in the order that its leaves have.
  void take_held_out() {
    if (!any_held_out_) return;
    std::vector<uint32_t> index(static_cast<size_t>(index_.size()));
    index_.download(exec_, index.data(), index_.size());
    for (size_t k = 0; k < samples_.size(); ++k) {
      std::copy_n(index.begin() + first_held_out_[k], samples_[k].held_out.size(), samples_[k].held_out.begin());
    }
  }

  Exec& exec_;
  const ForestRows& rows_;
  const ForestGrowth& plan_;
  const std::span<TreeSample> samples_;
  const int64_t cells_;
  DrawnColumns columns_;
  std::vector<PartingRules> rules_;                       // one a tree
  std::vector<int64_t> first_row_, first_held_out_;       // one a tree: places in index_
  DeviceBuffer<uint32_t> index_, room_;
  DeviceBuffer<uint16_t> counts_;
  bool any_held_out_ = false;
  std::vector<FoundNode> nodes_;                          // the trees' roots first, then level by level
  std::vector<int64_t> totals_;                           // cells_ a node
  std::vector<CodeSides> sets_;
  std::vector<int64_t> left_;                             // cells_ a node of the level, which begins with node first_left_
  size_t first_left_ = 0;
  std::vector<std::vector<double>> turns_;                // one a tree: the highest, as many as may be parted
};

/// A tree's nodes, as they were found.
class FoundNodes : public NodeSource {
 public:
  FoundNodes(const Levels& levels, int64_t root) : levels_(levels), root_(root) {}

  const int64_t* total_of(const OpenNode& node) override { return levels_.total_of(number_of(node)); }
  ImpuritySplit find_split(const OpenNode& node) override { return levels_.split_of(number_of(node)); }
  void part(const OpenNode& parent, const ImpuritySplit&, OpenNode& left, OpenNode& right) override {
    left.number = levels_.node(number_of(parent)).left;
    right.number = left.number + 1;
    for (OpenNode* child : {&left, &right}) {
      child->rows = levels_.node(child->number).rows;
      child->held_out = levels_.node(child->number).held_out;
    }
  }

 private:
  int64_t number_of(const OpenNode& node) const { return node.depth == 0 ? root_ : node.number; }

  const Levels& levels_;
  const int64_t root_;
};

}  // namespace

ForestLevels::ForestLevels(Exec& exec, const ForestRows& rows, const ForestGrowth& plan)
    : exec_(exec), rows_(rows), plan_(plan), categories_(exec, rows.categories.data, rows.categories.size), cells_(on_device(exec, rows.targets.cells())),
      weights_(on_device(exec, rows.targets.weights())), targets_(on_device(exec, rows.targets.targets())), numbers_(on_device(exec, rows.targets.numbers())) {
  CRISP_ASSERT(exec.is_cuda() && plan.rules.min_leaf_rows >= 1 && plan.max_leaves != 1 && rows.binned.places.size == rows.binned.records.columns);
}

int64_t ForestLevels::trees_at_once() const { return std::clamp<int64_t>(kMostRows / std::max<int64_t>(1, rows_.binned.rows()), 1, kMostTrees); }

std::vector<ForestTree> ForestLevels::grow(std::span<TreeSample> samples, const AtLeaf& at_leaf) const {
  std::vector<ForestTree> trees(samples.size());
  if (samples.empty()) return trees;
  Levels levels(exec_, rows_, plan_, samples);
  levels.grow({rows_.binned, categories_.data()}, {weights_.data(), cells_.data(), targets_.data(), numbers_.data(), nullptr});
  exec_.threads().run(static_cast<int64_t>(samples.size()), [&](int64_t k) {
    const auto at = static_cast<size_t>(k);
    trees[at] = put_together(exec_, {plan_, rows_.targets, samples[at], at_leaf}, [&](int64_t) { return std::make_unique<FoundNodes>(levels, k); });
  });
  return trees;
}

}  // namespace crisp
