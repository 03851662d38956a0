// Nodes' numbers lie on the host, everything a row or a cell long on the device; a batch of nodes comes back as their splits alone.
#include "kernels/histogram/node_engine_gpu.h"

#include <algorithm>
#include <optional>
#include <vector>

#include "cuda/staging.h"
#include "kernels/histogram/nodes_gpu.h"

namespace crisp::gpu {
namespace {

/// Enough nodes to fill a GPU far from the root, few enough that hardly any is expanded in vain.
constexpr int64_t kAhead = 32;

/// Memory of histograms on the device, used again from node to node: the stream keeps old and new users apart.
class DeviceHistograms {
 public:
  DeviceHistograms(Exec& exec, int64_t width) : exec_(exec), width_(width) {}

  HistogramView take(int64_t rows) {
    if (rows > kPackedRows) return {nullptr, take_from(free_wide_, wide_), width_};
    return {take_from(free_packed_, packed_), nullptr, width_};
  }
  void give_back(HistogramView& view) {
    if (view.wide) free_wide_.push_back(view.wide);
    if (view.packed) free_packed_.push_back(view.packed);
    view = {};
  }

 private:
  template <class T>
  T* take_from(std::vector<T*>& free, std::vector<DeviceBuffer<T>>& all) {
    if (free.empty()) return all.emplace_back(exec_, width_).data();
    T* const memory = free.back();
    free.pop_back();
    return memory;
  }

  Exec& exec_;
  int64_t width_;
  std::vector<DeviceBuffer<uint64_t>> packed_;
  std::vector<DeviceBuffer<Sums>> wide_;
  std::vector<uint64_t*> free_packed_;
  std::vector<Sums*> free_wide_;
};

class GpuNodeEngine : public NodeEngine {
 public:
  GpuNodeEngine(Exec& exec, const BinnedRows& rows, ArrayView<const int32_t> categories, const SplitRules& rules)
      : exec_(exec),
        rows_(rows),
        host_categories_(categories),
        rules_(rules),
        categories_(exec, categories.data, categories.size),
        monotone_(exec, rules.monotone.data, rules.monotone.size),
        has_categories_(std::any_of(categories.begin(), categories.end(), [](int32_t count) { return count > 0; })),
        histograms_(exec, rows.width()),
        room_(exec, rows.rows()) {}

  int64_t ahead() const override { return kAhead; }
  int64_t shared_rows() const override { return rows_.rows(); }

  void begin(ArrayView<uint32_t> index, RoundScale scale, NodeWork& root) override {
    index_.emplace(exec_, index);
    index_->load(exec_);
    scale_ = scale;
    root.histogram = histograms_.take(index.size);
    const BuildJob job{{0, index.size}, root.histogram};
    build_histograms(exec_, rows_, index_->data(), {&job, 1});
    root.grown.total = total_of(exec_, rows_, root.histogram);
    NodeWork* const node = &root;
    if (root.may_part) look_for_splits({&node, 1});
  }

  void expand(std::span<const Expansion> batch) override {
    part(batch);
    std::vector<BuildJob> builds;
    std::vector<SubtractJob> subtractions;
    std::vector<NodeWork*> searched;
    for (const Expansion& expansion : batch) {
      if (expansion.left->may_part || expansion.right->may_part) plan_children(expansion, builds, subtractions, searched);
    }
    build_histograms(exec_, rows_, index_->data(), builds);
    subtract_histograms(exec_, subtractions);
    for (const Expansion& expansion : batch) release(*expansion.parent);
    look_for_splits(searched);
  }

  void release(NodeWork& node) override { histograms_.give_back(node.histogram); }

  void finish() override {
    index_->finish(exec_);
    index_.reset();
  }

 private:
  void part(std::span<const Expansion> batch) {
    std::vector<PartitionJob> jobs;
    for (const Expansion& expansion : batch) {
      const GrownNode& grown = expansion.parent->grown;
      jobs.push_back({{grown.begin, grown.rows}, grown.split.place.byte, sides_of_byte(grown.split.place, grown.split.left)});
    }
    partition_nodes(exec_, rows_.columns, index_->data(), room_.data(), jobs);
  }

  /// The smaller child's histogram from its rows; the larger one's is what it leaves of the parent's, in the parent's place where layouts
  /// are the same.
  void plan_children(const Expansion& expansion, std::vector<BuildJob>& builds, std::vector<SubtractJob>& subtractions,
                     std::vector<NodeWork*>& searched) {
    NodeWork &parent = *expansion.parent, &left = *expansion.left, &right = *expansion.right;
    NodeWork &small = left.grown.rows <= right.grown.rows ? left : right, &large = &small == &left ? right : left;
    small.histogram = histograms_.take(small.grown.rows);
    builds.push_back({{small.grown.begin, small.grown.rows}, small.histogram});
    if (small.may_part) searched.push_back(&small);
    if (!large.may_part) return;
    const HistogramView of_parent = parent.histogram;
    const bool same_layout = of_parent.is_wide() == (large.grown.rows > kPackedRows);
    large.histogram = same_layout ? of_parent : histograms_.take(large.grown.rows);
    if (same_layout) parent.histogram = {};
    subtractions.push_back({of_parent, small.histogram, large.histogram});
    searched.push_back(&large);
  }

  void look_for_splits(std::span<NodeWork* const> nodes) {
    std::vector<SplitNode> about;
    for (const NodeWork* node : nodes) {
      const GrownNode& grown = node->grown;
      about.push_back({node->histogram, grown.total, grown.lower, grown.upper, node->columns, host_categories_, node->stream});
    }
    const ColumnFacts facts{categories_.data(), monotone_.size() > 0 ? monotone_.data() : nullptr};
    const std::vector<Split> splits = find_splits(exec_, rows_, facts, has_categories_, about, rules_, scale_);
    for (size_t k = 0; k < nodes.size(); ++k) nodes[k]->grown.split = splits[k];
  }

  Exec& exec_;
  const BinnedRows& rows_;
  ArrayView<const int32_t> host_categories_;
  const SplitRules& rules_;
  DeviceBuffer<int32_t> categories_;
  DeviceBuffer<int8_t> monotone_;
  bool has_categories_;
  DeviceHistograms histograms_;
  DeviceBuffer<uint32_t> room_;
  std::optional<DeviceOutput<uint32_t>> index_;
  RoundScale scale_;
};

}  // namespace

std::unique_ptr<NodeEngine> make_node_engine(Exec& exec, const BinnedRows& rows, ArrayView<const int32_t> categories, const SplitRules& rules) {
  return std::make_unique<GpuNodeEngine>(exec, rows, categories, rules);
}

}  // namespace crisp::gpu
