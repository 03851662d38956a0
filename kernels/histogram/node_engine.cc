#include "kernels/histogram/node_engine.h"

#include <mutex>
#include <vector>

#include "cuda/buffer.h"
#include "cuda/error.h"
#include "kernels/histogram/node_engine_gpu.h"

namespace crisp {
namespace {

/// A node with more rows is worked on by all threads together, smaller ones each by one.
constexpr int64_t kSharedRows = 65536;
constexpr int64_t kAheadPerThread = 2;

/// Memory of histograms, used again from node to node and tree to tree. Safe from many threads.
class Histograms {
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

/// Node by node, each on a thread of its own from its rows to its children's splits.
class CpuNodeEngine : public NodeEngine {
 public:
  CpuNodeEngine(Exec& exec, const BinnedRows& rows, ArrayView<const int32_t> categories, const SplitRules& rules)
      : exec_(exec), rows_(rows), categories_(categories), rules_(rules), histograms_(rows.width()), room_(static_cast<size_t>(rows.rows())) {}

  int64_t ahead() const override { return kAheadPerThread * exec_.threads().threads(); }
  int64_t shared_rows() const override { return kSharedRows; }

  void begin(ArrayView<uint32_t> index, RoundScale scale, NodeWork& root) override {
    index_ = index;
    scale_ = scale;
    root.histogram = histograms_.take(index.size);
    build_histogram(exec_, rows_, index, root.histogram);
    root.grown.total = total_of(rows_, root.histogram);
    look_for_split(root);
  }

  void expand(std::span<const Expansion> batch) override {
    exec_.threads().run(static_cast<int64_t>(batch.size()), [&](int64_t k) { expand(batch[static_cast<size_t>(k)]); });
  }

  void release(NodeWork& node) override { histograms_.give_back(node.histogram); }
  void finish() override {}

 private:
  ArrayView<uint32_t> rows_of(const NodeWork& node) const { return {index_.data + node.grown.begin, node.grown.rows}; }

  void expand(const Expansion& expansion) {
    NodeWork &parent = *expansion.parent, &left = *expansion.left, &right = *expansion.right;
    const Split& split = parent.grown.split;
    const ArrayView<uint32_t> room{room_.data() + parent.grown.begin, parent.grown.rows};
    const int64_t lefts = partition_rows(exec_, rows_.columns.row(split.column), split.left, rows_of(parent), room);
    CRISP_ASSERT(lefts == left.grown.rows);
    if (left.may_part || right.may_part) find_children(parent, left, right);
    release(parent);
  }

  void find_children(NodeWork& parent, NodeWork& left, NodeWork& right) {
    NodeWork &small = left.grown.rows <= right.grown.rows ? left : right, &large = &small == &left ? right : left;
    small.histogram = histograms_.take(small.grown.rows);
    build_histogram(exec_, rows_, rows_of(small), small.histogram);
    look_for_split(small);
    if (!large.may_part) return;
    const bool same_layout = parent.histogram.is_wide() == (large.grown.rows > kPackedRows);
    large.histogram = same_layout ? parent.histogram : histograms_.take(large.grown.rows);
    subtract_histogram(parent.histogram, small.histogram, large.histogram);
    if (same_layout) parent.histogram = {};
    look_for_split(large);
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
  Histograms histograms_;
  std::vector<uint32_t> room_;
  ArrayView<uint32_t> index_;
  RoundScale scale_;
};

}  // namespace

std::unique_ptr<NodeEngine> make_node_engine(Exec& exec, const BinnedRows& rows, ArrayView<const int32_t> categories, const SplitRules& rules) {
  const bool on_device = exec.is_cuda() && rows.rows() > 0 && is_device_pointer(rows.records.data);
  if (on_device) return gpu::make_node_engine(exec, rows, categories, rules);
  return std::make_unique<CpuNodeEngine>(exec, rows, categories, rules);
}

}  // namespace crisp
