#include "kernels/histogram/node_engine.h"

#include <mutex>
#include <vector>

#include "cuda/aligned.h"
#include "cuda/buffer.h"
#include "cuda/error.h"
#include "kernels/histogram/histogram_sum.h"
#include "kernels/histogram/node_engine_gpu.h"

namespace crisp {
namespace {

/// A node with more rows is worked on by all threads together, smaller ones each by one.
constexpr int64_t kSharedRows = 65536;
constexpr int64_t kAheadPerThread = 2;
constexpr int64_t kAheadTogether = 4;  // of several processes: more save messages, and send what is not taken

/// Memory of histograms, used again from node to node and tree to tree: in pieces of a wide one, which have room for three packed ones. A tree's
/// first nodes are wide and its last ones packed, so that a piece serves both. Safe from many threads.
class Histograms {
 public:
  explicit Histograms(int64_t width) : width_(width) {}

  HistogramView take(int64_t rows) {
    const std::lock_guard lock(mutex_);
    if (rows > kPackedRows) return {nullptr, reinterpret_cast<Sums*>(take_piece()), width_};
    if (free_packed_.empty()) {
      uint64_t* const piece = take_piece();
      for (const int64_t k : {2, 1, 0}) free_packed_.push_back(piece + k * width_);
    }
    return {take_last(free_packed_), nullptr, width_};
  }
  void give_back(HistogramView& view) {
    const std::lock_guard lock(mutex_);
    if (view.wide) free_pieces_.push_back(reinterpret_cast<uint64_t*>(view.wide));
    if (view.packed) free_packed_.push_back(view.packed);
    view = {};
  }
  /// Pieces are whole again; none may be in use.
  void give_back_all() {
    free_packed_.clear();
    free_pieces_.clear();
    for (const auto& piece : pieces_) free_pieces_.push_back(piece.get());
  }

 private:
  static_assert(sizeof(Sums) == 3 * sizeof(uint64_t) && alignof(Sums) == alignof(uint64_t));

  static uint64_t* take_last(std::vector<uint64_t*>& free) {
    uint64_t* const memory = free.back();
    free.pop_back();
    return memory;
  }
  uint64_t* take_piece() {
    if (free_pieces_.empty()) return pieces_.emplace_back(aligned<uint64_t>(3 * width_)).get();
    return take_last(free_pieces_);
  }

  int64_t width_;
  std::mutex mutex_;
  std::vector<Aligned<uint64_t>> pieces_;
  std::vector<uint64_t*> free_pieces_, free_packed_;
};

/// Node by node, each on a thread of its own from its rows to its children's splits.
class CpuNodeEngine : public NodeEngine {
 public:
  CpuNodeEngine(Exec& exec, const BinnedRows& rows, ArrayView<const int32_t> categories, const SplitRules& rules, const RowShare& share)
      : exec_(exec),
        rows_(rows),
        categories_(categories),
        rules_(rules),
        sum_(rows, share),
        histograms_(rows.width()),
        room_(static_cast<size_t>(rows.rows())) {}

  int64_t ahead() const override { return sum_.several() ? kAheadTogether : kAheadPerThread * exec_.threads().threads(); }
  int64_t shared_rows() const override { return kSharedRows; }

  void begin(ArrayView<uint32_t> index, RoundScale scale, NodeWork& root) override {
    index_ = index;
    scale_ = scale;
    histograms_.give_back_all();
    root.histogram = histograms_.take(sum_.of_rows(index.size));
    build_histogram(exec_, rows_, index, root.histogram);
    sum_.of_cells({&root.histogram, 1});
    root.grown.total = total_of(rows_, root.histogram);
    look_for_split(root);
  }

  void expand(std::span<const Expansion> batch) override {
    const auto for_all = [&](auto body) {
      exec_.threads().run(static_cast<int64_t>(batch.size()), [&](int64_t k) { body(batch[static_cast<size_t>(k)]); });
    };
    if (!sum_.several()) return for_all([&](const Expansion& expansion) { part(expansion), find_children(expansion); });
    for_all([&](const Expansion& expansion) { part(expansion); });
    std::vector<HistogramView> built;
    for (const Expansion& expansion : batch) {
      if (looks(expansion)) built.push_back(small_of(expansion).histogram);
    }
    sum_.of_cells(built);
    for_all([&](const Expansion& expansion) { find_children(expansion); });
  }

  void release(NodeWork& node) override { histograms_.give_back(node.histogram); }
  void finish() override {}

 private:
  ArrayView<uint32_t> rows_of(const NodeWork& node) const { return {index_.data + node.grown.begin, node.grown.rows}; }

  /// Whether the children's splits are looked for.
  static bool looks(const Expansion& expansion) { return expansion.left->may_part || expansion.right->may_part; }
  /// The child whose histogram is built: the other one's is the rest.
  static NodeWork& small_of(const Expansion& expansion) {
    return expansion.left->grown.total.rows <= expansion.right->grown.total.rows ? *expansion.left : *expansion.right;
  }

  /// The rows to the children, and the smaller one's histogram of those that are here.
  void part(const Expansion& expansion) {
    const GrownNode& parent = expansion.parent->grown;
    const ArrayView<uint32_t> room{room_.data() + parent.begin, parent.rows};
    const CodeSides sides = sides_of_byte(parent.split.place, parent.split.left);
    const int64_t lefts = partition_rows(exec_, rows_.columns.row(parent.split.place.byte), sides, rows_of(*expansion.parent), room);
    GrownNode &left = expansion.left->grown, &right = expansion.right->grown;
    CRISP_ASSERT(sum_.several() || lefts == left.rows);
    left.rows = lefts;
    right.begin = parent.begin + lefts;
    right.rows = parent.rows - lefts;
    if (!looks(expansion)) return;
    NodeWork& small = small_of(expansion);
    small.histogram = histograms_.take(small.grown.total.rows);
    build_histogram(exec_, rows_, rows_of(small), small.histogram);
  }

  /// The children's splits, once the smaller one's histogram is whole.
  void find_children(const Expansion& expansion) {
    NodeWork &parent = *expansion.parent, &small = small_of(expansion), &large = &small == expansion.left ? *expansion.right : *expansion.left;
    look_for_split(small);
    if (large.may_part) {
      const bool same_layout = parent.histogram.is_wide() == (large.grown.total.rows > kPackedRows);
      large.histogram = same_layout ? parent.histogram : histograms_.take(large.grown.total.rows);
      subtract_histogram(parent.histogram, small.histogram, large.histogram);
      if (same_layout) parent.histogram = {};
      look_for_split(large);
    }
    release(parent);
  }

  void look_for_split(NodeWork& node) {
    if (!node.may_part) return;
    const GrownNode& grown = node.grown;
    const SplitNode about{node.histogram, grown.total, grown.lower, grown.upper, node.columns, categories_, node.stream};
    node.grown.split = find_split(exec_, rows_, about, rules_, scale_);
  }

  Exec& exec_;
  const BinnedRows& rows_;
  ArrayView<const int32_t> categories_;
  const SplitRules& rules_;
  HistogramSum sum_;
  Histograms histograms_;
  std::vector<uint32_t> room_;
  ArrayView<uint32_t> index_;
  RoundScale scale_;
};

}  // namespace

std::unique_ptr<NodeEngine> make_node_engine(Exec& exec, const BinnedRows& rows, ArrayView<const int32_t> categories, const SplitRules& rules,
                                             const RowShare& share) {
  const bool on_device = exec.is_cuda() && rows.rows() > 0 && is_device_pointer(rows.records.data);
  CRISP_ASSERT(!on_device || !share.several());
  if (on_device) return gpu::make_node_engine(exec, rows, categories, rules);
  return std::make_unique<CpuNodeEngine>(exec, rows, categories, rules, share);
}

}  // namespace crisp
