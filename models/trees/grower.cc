#include "models/trees/grower.h"

#include <algorithm>
#include <cmath>
#include <mutex>
#include <set>

#include "cuda/error.h"
#include "cuda/random.h"

namespace crisp {
namespace {

/// A node with more rows is worked on by all threads together, smaller ones each by one.
constexpr int64_t kSharedRows = 65536;
constexpr int64_t kAheadPerThread = 2;  // nodes that are worked on at once, before their turn has come

uint64_t child_stream(uint64_t stream, bool right) { return random_bits(stream, 0x74726565u, right); }

}  // namespace

/// Memory of histograms, used again from node to node and tree to tree. Safe from many threads.
class TreeGrower::Histograms {
 public:
  explicit Histograms(int64_t width) : width_(width) {}

  HistogramView take(int64_t rows) {
    const std::lock_guard lock(mutex_);
    if (rows > kPackedRows) return {nullptr, take_from(free_wide_, wide_), width_};
    return {take_from(free_packed_, packed_), nullptr, width_};
  }
  void give_back(HistogramView& view) {
    const std::lock_guard lock(mutex_);
    if (view.wide) free_wide_.push_back(view.wide);
    if (view.packed) free_packed_.push_back(view.packed);
    view = {};
  }

 private:
  template <class T>
  T* take_from(std::vector<T*>& free, std::vector<std::unique_ptr<T[]>>& all) {
    if (free.empty()) return all.emplace_back(new T[static_cast<size_t>(width_)]).get();
    T* const memory = free.back();
    free.pop_back();
    return memory;
  }

  int64_t width_;
  std::mutex mutex_;
  std::vector<std::unique_ptr<uint64_t[]>> packed_;
  std::vector<std::unique_ptr<Sums[]>> wide_;
  std::vector<uint64_t*> free_packed_;
  std::vector<Sums*> free_wide_;
};

/// One tree while it grows. Nodes are expanded (parted, their children's histograms and splits found) in any order and in parallel; they become
/// part of the tree in the order of their priority alone.
class TreeGrower::Growth {
 public:
  Growth(TreeGrower& grower, ArrayView<uint32_t> index, ArrayView<const int32_t> columns, RoundScale scale, uint64_t stream)
      : grower_(grower), plan_(grower.plan_), index_(index), columns_(columns), scale_(scale) {
    nodes_.reserve(static_cast<size_t>(4 * plan_.max_leaves + 64));
    begin_root(stream);
  }

  ~Growth() {
    for (Node& node : nodes_) grower_.histograms_->give_back(node.histogram);
  }

  GrownTree run() {
    taken_.push_back(0);
    queue(0);
    for (int64_t leaves = 1; leaves < plan_.max_leaves && !waiting_.empty(); ++leaves) {
      if (!nodes_[place_of(*waiting_.begin())].expanded) expand_ahead(plan_.max_leaves - leaves);
      const size_t parent = place_of(*waiting_.begin());
      waiting_.erase(waiting_.begin());
      nodes_[parent].parted = true;
      for (const int32_t child : {nodes_[parent].grown.left, nodes_[parent].grown.right}) {
        taken_.push_back(static_cast<size_t>(child));
        queue(static_cast<size_t>(child));
      }
    }
    return result();
  }

 private:
  struct Node {
    GrownNode grown;
    HistogramView histogram;
    int64_t depth = 0;
    uint64_t stream = 0;
    bool expanded = false, parted = false;
  };
  /// Smallest first.
  struct Priority {
    double key;
    size_t place, node;
    bool operator<(const Priority& other) const { return key != other.key ? key < other.key : place < other.place; }
  };

  static size_t place_of(const Priority& priority) { return priority.node; }

  void begin_root(uint64_t stream) {
    Node& root = nodes_.emplace_back();
    root.stream = stream;
    root.grown.rows = index_.size;
    root.histogram = grower_.histograms_->take(index_.size);
    build_histogram(grower_.exec_, grower_.rows_, index_, root.histogram);
    root.grown.total = total_of(grower_.rows_, root.histogram);
    look_for_split(root);
  }

  bool may_part(const Node& node) const {
    return (plan_.max_depth == 0 || node.depth < plan_.max_depth) && node.grown.rows >= 2 * plan_.rules.min_child_rows && node.grown.rows >= 2;
  }

  void look_for_split(Node& node) const {
    if (!may_part(node)) return;
    std::vector<int32_t> own;
    const SplitNode about{node.histogram, node.grown.total, node.grown.lower, node.grown.upper, columns_of(node, own),
                          grower_.categories_, node.stream};
    node.grown.split = find_split(grower_.exec_, grower_.rows_, about, plan_.rules, scale_);
  }

  /// A sample without replacement by the node's own draws.
  ArrayView<const int32_t> columns_of(const Node& node, std::vector<int32_t>& own) const {
    if (plan_.columns_by_node >= 1) return columns_;
    own.assign(columns_.begin(), columns_.end());
    const auto count = std::max<size_t>(1, static_cast<size_t>(std::llround(plan_.columns_by_node * static_cast<double>(own.size()))));
    for (size_t k = 0; k < count; ++k) std::swap(own[k], own[k + random_below(plan_.rules.seed, node.stream, k, own.size() - k)]);
    own.resize(count);
    std::sort(own.begin(), own.end());
    return {own.data(), static_cast<int64_t>(own.size())};
  }

  void queue(size_t node) {
    if (nodes_[node].grown.split.column < 0) {
      grower_.histograms_->give_back(nodes_[node].histogram);
      return;
    }
    const double key = plan_.by_level ? static_cast<double>(nodes_[node].depth) : -nodes_[node].grown.split.gain;
    waiting_.insert({key, taken_.size(), node});
  }

  /// The first in the queue, and with it others whose turn will come, unless the leaves run out before.
  void expand_ahead(int64_t leaves_left) {
    std::vector<size_t> chosen;
    const int64_t most = std::min<int64_t>(leaves_left, kAheadPerThread * grower_.exec_.threads().threads());
    for (const Priority& next : waiting_) {
      const Node& node = nodes_[next.node];
      if (static_cast<int64_t>(chosen.size()) == most) break;
      if (node.expanded) continue;
      const bool shared = node.grown.rows > kSharedRows;
      if (shared && !chosen.empty()) continue;
      chosen.push_back(next.node);
      if (shared) break;
    }
    const size_t first = nodes_.size();
    for (size_t k = 0; k < chosen.size(); ++k) {
      GrownNode& parent = nodes_[chosen[k]].grown;
      parent.left = static_cast<int32_t>(first + 2 * k);
      parent.right = parent.left + 1;
    }
    nodes_.resize(first + 2 * chosen.size());
    grower_.exec_.threads().run(static_cast<int64_t>(chosen.size()), [&](int64_t k) { expand(nodes_[chosen[static_cast<size_t>(k)]]); });
  }

  void expand(Node& parent) {
    Node &left = nodes_[static_cast<size_t>(parent.grown.left)], &right = nodes_[static_cast<size_t>(parent.grown.right)];
    const GrownNode& grown = parent.grown;
    const ArrayView<uint32_t> rows{index_.data + grown.begin, grown.rows};
    const ArrayView<uint32_t> room{grower_.room_.data() + grown.begin, grown.rows};
    left.grown.rows = partition_rows(grower_.exec_, grower_.rows_.columns.row(grown.split.column), grown.split.left, rows, room);
    left.grown.begin = grown.begin;
    right.grown.rows = grown.rows - left.grown.rows;
    right.grown.begin = grown.begin + left.grown.rows;
    left.grown.total = grown.split.left_sums;
    right.grown.total = grown.total - grown.split.left_sums;
    for (Node* child : {&left, &right}) {
      child->depth = parent.depth + 1;
      child->stream = child_stream(parent.stream, child == &right);
      child->grown.lower = grown.lower;
      child->grown.upper = grown.upper;
    }
    bound_children(parent.grown, left.grown, right.grown);
    if (may_part(left) || may_part(right)) find_children(parent, left, right);
    grower_.histograms_->give_back(parent.histogram);
    parent.expanded = true;
  }

  /// Along a monotone column nothing below one child may answer beyond the middle between both.
  void bound_children(const GrownNode& parent, GrownNode& left, GrownNode& right) const {
    if (plan_.rules.monotone.size == 0 || parent.split.category) return;
    const int direction = plan_.rules.monotone[parent.split.column];
    if (direction == 0) return;
    const double middle = 0.5 * (leaf_value(left.total, plan_.rules, scale_, parent.lower, parent.upper) +
                                 leaf_value(right.total, plan_.rules, scale_, parent.lower, parent.upper));
    (direction > 0 ? left : right).upper = middle;
    (direction > 0 ? right : left).lower = middle;
  }

  void find_children(Node& parent, Node& left, Node& right) {
    Node &small = left.grown.rows <= right.grown.rows ? left : right, &large = &small == &left ? right : left;
    const auto rows_of = [&](const Node& node) { return ArrayView<const uint32_t>{index_.data + node.grown.begin, node.grown.rows}; };
    small.histogram = grower_.histograms_->take(small.grown.rows);
    build_histogram(grower_.exec_, grower_.rows_, rows_of(small), small.histogram);
    look_for_split(small);
    if (!may_part(large)) return;
    const bool same_layout = parent.histogram.is_wide() == (large.grown.rows > kPackedRows);
    large.histogram = same_layout ? parent.histogram : grower_.histograms_->take(large.grown.rows);
    subtract_histogram(parent.histogram, small.histogram, large.histogram);
    if (same_layout) parent.histogram = {};
    look_for_split(large);
  }

  GrownTree result() {
    GrownTree tree;
    tree.scale = scale_;
    std::vector<int32_t> place(nodes_.size(), -1);
    for (size_t k = 0; k < taken_.size(); ++k) place[taken_[k]] = static_cast<int32_t>(k);
    for (const size_t node : taken_) {
      GrownNode& grown = tree.nodes.emplace_back(nodes_[node].grown);
      const bool parted = nodes_[node].parted;
      grown.left = parted ? place[static_cast<size_t>(grown.left)] : -1;
      grown.right = parted ? place[static_cast<size_t>(grown.right)] : -1;
    }
    return tree;
  }

  TreeGrower& grower_;
  const GrowthPlan& plan_;
  ArrayView<uint32_t> index_;
  ArrayView<const int32_t> columns_;
  RoundScale scale_;
  std::vector<Node> nodes_;
  std::vector<size_t> taken_;  // in the order of the tree
  std::set<Priority> waiting_;
};

TreeGrower::TreeGrower(Exec& exec, const BinnedRows& rows, ArrayView<const int32_t> categories, const GrowthPlan& plan)
    : exec_(exec), rows_(rows), categories_(categories), plan_(plan), histograms_(std::make_unique<Histograms>(rows.width())) {
  CRISP_ASSERT(plan.max_leaves >= 2 && plan.rules.min_child_rows >= 1);
  room_.resize(static_cast<size_t>(rows.rows()));
}

TreeGrower::~TreeGrower() = default;

GrownTree TreeGrower::grow(ArrayView<uint32_t> index, ArrayView<const int32_t> columns, RoundScale scale, uint64_t stream) {
  return Growth(*this, index, columns, scale, stream).run();
}

}  // namespace crisp
