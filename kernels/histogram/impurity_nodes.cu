// GPU engine of impurity splits: sums are whole numbers, a candidate's purity is impurity_row.h's in double, so the same splits as on the CPU.
#include <algorithm>

#include "cuda/block.h"
#include "cuda/buffer.h"
#include "kernels/histogram/impurity_nodes_gpu.h"
#include "kernels/histogram/shared_cell.h"

namespace crisp::gpu {
namespace {

struct Tuning {
  static constexpr int kThreads = 256, kWarps = kThreads / kWarp;  // a thread a code
  static constexpr int kBlocks = 2;                                // room for 128 registers a thread: left to itself ptxas spills some
  static constexpr int64_t kMostBlocks = 1024;                     // they go on to the next tasks
  static constexpr int64_t kMostScratch = int64_t{256} << 20;      // of all blocks, where cells do not fit into shared memory; of a launch's sums
  static constexpr int64_t kMostTasks = int64_t{1} << 18;          // of a launch
  static constexpr int kSumBytes = 16;                             // of a code and cell: its sum, and the sum up to a place
};

/// ImpurityNode on the device: its tasks are [first, first + count).
struct DeviceNode {
  NodeRows rows;
  const uint16_t* counts;
  const int64_t* total;
  uint64_t stream;
  int64_t first, count;
};

/// A column of a node.
struct Task {
  int32_t node, column;
};

/// The purest split so far; without what kernels do not keep in registers.
struct Best {
  double purity = -HUGE_VAL;
  int32_t column = -1, code = 0;
  int32_t differ = 0;                      ///< 0 or 1, as the next two: so long that no padding is copied
  int16_t category = 0, missing_left = 0;
};

/// That of a task, or of a node.
struct Found {
  Best best;
  uint32_t left[Tuning::kWarps];  ///< of categories: the codes that go left
};

/// The rules as kernels need them.
struct DeviceRules {
  int64_t classes, least_rows, cells;
  bool random;
  uint64_t seed;
};

/// A block's own memory.
struct Room {
  unsigned *low, *high;  ///< halves of the sums: cell k of a code is at k * spacing + code
  int64_t* before;       ///< up to a place of the order, that one among them: k * spacing + place
  int spacing;

  __device__ int64_t sum(int64_t k, int code) const { return static_cast<int64_t>(cell_value(low, high, static_cast<int>(k) * spacing + code)); }
};

/// What a block looks at: a column of a node.
struct Look {
  const DeviceNode& node;
  const DeviceRules& rules;
  const Room& room;
  int32_t column;
  int32_t codes;        ///< that the column can have
  bool missing;         ///< there
};

/// Shared by a block.
struct Shared {
  uint32_t there[Tuning::kWarps];   ///< codes that the node has
  uint32_t left[Tuning::kWarps];    ///< codes that go left by the best split, of categories
  int order[Tuning::kThreads];      ///< codes by place
  double keys[Tuning::kThreads];    ///< of categories, by code
  double purities[kMaxWarps];
  int places[kMaxWarps];
};

__device__ bool is_there(const Shared& shared, int code) { return (shared.there[code / 32] >> (code % 32) & 1u) != 0; }

/// Codes below `code` that the node has.
__device__ int count_before(const Shared& shared, int code) {
  int count = __popc(shared.there[code / 32] & ((1u << (code % 32)) - 1));
  for (int word = 0; word < code / 32; ++word) count += __popc(shared.there[word]);
  return count;
}

__device__ int count_all(const Shared& shared) { return count_before(shared, Tuning::kThreads - 1) + (is_there(shared, Tuning::kThreads - 1) ? 1 : 0); }

/// Sums of the node's rows by code, and which codes are there; false where all targets are the same number.
template <Impurity Kind>
__device__ bool add_rows(const BinnedRows& rows, const ImpurityTargets& targets, const uint32_t* index, const Look& look, Shared& shared) {
  const Room& room = look.room;
  const int thread = static_cast<int>(threadIdx.x);
  for (int k = thread; k < look.rules.cells * room.spacing; k += Tuning::kThreads) room.low[k] = room.high[k] = 0;
  __syncthreads();
  const uint8_t* codes = rows.columns.row(look.column);
  const uint32_t* own = index + look.node.rows.begin;
  bool differ = Kind != Impurity::squared;
  for (int64_t i = thread; i < look.node.rows.rows; i += Tuning::kThreads) {
    const uint32_t row = own[i];
    const int code = codes[row];
    const int64_t times = look.node.counts ? look.node.counts[row] : 1;
    const int64_t weight = targets.weight ? times * targets.weight[row] : times;
    atomicAdd(room.low + code, 1u);
    if constexpr (Kind == Impurity::squared) {
      add_to_cell(room.low, room.high, static_cast<int>(kWeightCell) * room.spacing + code, static_cast<uint64_t>(weight));
      add_to_cell(room.low, room.high, static_cast<int>(kTargetCell) * room.spacing + code, static_cast<uint64_t>(times * targets.target[row]));
      differ = differ || targets.number[row] != targets.number[own[0]];
    } else {
      add_to_cell(room.low, room.high, targets.cell[row] * room.spacing + code, static_cast<uint64_t>(weight));
    }
  }
  __syncthreads();
  const unsigned votes = __ballot_sync(kAllLanes, thread < room.spacing && room.low[thread] > 0);
  if (lane_index() == 0) shared.there[warp_index()] = votes;
  return block_reduce(differ ? 1 : 0, Maximum{}, shared.places) != 0;
}

/// room.before for the codes of an order. A warp a cell, 32 places at a time.
__device__ void sum_in_order(const Look& look, const Shared& shared, int places) {
  const Room& room = look.room;
  for (int64_t k = warp_index(); k < look.rules.cells; k += Tuning::kWarps) {
    int64_t carry = 0;
    for (int begin = 0; begin < places; begin += kWarp) {
      const int place = begin + lane_index();
      const int64_t up_to = carry + warp_scan(place < places ? room.sum(k, shared.order[place]) : int64_t{0}, Sum{});
      if (place < places) room.before[k * room.spacing + place] = up_to;
      carry = __shfl_sync(kAllLanes, up_to, kWarp - 1);
    }
  }
  __syncthreads();
}

/// A place of the order behind which it is parted, with missing values left or not.
struct Cut {
  double purity;
  int place;
  bool missing_left;
};

/// The purest of the threads' two candidates each, the first of equal ones: by place, missing values right before left. The same in all threads.
__device__ Cut purest_cut(double right, double left, Shared& shared) {
  const double own = left > right ? left : right;
  const double most = block_reduce(own, Maximum{}, shared.purities);
  const int candidate = 2 * static_cast<int>(threadIdx.x) + (left > right ? 1 : 0);
  const int first = block_reduce(own == most ? candidate : 2 * Tuning::kThreads, Minimum{}, shared.places);
  return {most, first / 2, first % 2 != 0};
}

/// Writes what goes left by the task's purest split: the sums up to the place, or all but them.
__device__ void write_left(const Look& look, int place, bool missing_left, bool rest, int64_t* left) {
  for (int64_t k = threadIdx.x; k < look.rules.cells; k += Tuning::kThreads) {
    int64_t sum = look.room.before[k * look.room.spacing + place];
    if (missing_left) sum += look.room.sum(k, 0);
    left[k] = rest ? look.node.total[k] - sum : sum;
  }
}

/// As ImpuritySplitter::numbers().
template <Impurity Kind>
__device__ void search_numbers(const Look& look, Shared& shared, Best& best, int64_t* left) {
  const int thread = static_cast<int>(threadIdx.x), skipped = look.missing ? 1 : 0;
  const int places = count_all(shared) - skipped;
  if (thread > 0 && is_there(shared, thread)) shared.order[count_before(shared, thread) - skipped] = thread;
  __syncthreads();
  sum_in_order(look, shared, places);
  int drawn = -1;
  if (look.rules.random && places > 1) {
    drawn = drawn_threshold(look.rules.seed, look.node.stream, look.column, shared.order[0], shared.order[places - 1]);
  }
  double with_right = -HUGE_VAL, with_left = -HUGE_VAL;
  if (thread < places) {
    const bool last = thread == places - 1;  // all numbers against the missing ones, which a drawn threshold cannot say
    const auto to_left = [&](int64_t k) { return look.room.before[k * look.room.spacing + thread]; };
    const auto all_left = [&](int64_t k) { return to_left(k) + look.room.sum(k, 0); };
    const bool looked_at = last ? look.missing && drawn < 0 : drawn < 0 || (shared.order[thread] <= drawn && drawn < shared.order[thread + 1]);
    if (looked_at) with_right = purity_of_sides<Kind>(to_left, look.node.total, look.rules.classes, look.rules.least_rows);
    if (looked_at && look.missing && !last) with_left = purity_of_sides<Kind>(all_left, look.node.total, look.rules.classes, look.rules.least_rows);
  }
  const Cut cut = purest_cut(with_right, with_left, shared);
  if (!(cut.purity > best.purity)) return;
  write_left(look, cut.place, cut.missing_left, false, left);
  best.purity = cut.purity;
  best.column = look.column;
  best.code = cut.place == places - 1 ? look.codes - 1 : drawn >= 0 ? drawn : (shared.order[cut.place] + shared.order[cut.place + 1]) / 2;
  best.missing_left = look.missing ? cut.missing_left : 2 * look.room.before[cut.place] >= look.node.total[kRowsCell];
}

/// As ImpuritySplitter::try_order(), by shared.keys; each thread's code stands at the place that its key has, equal ones in their order.
template <Impurity Kind>
__device__ void try_order(const Look& look, int categories, int only, Shared& shared, Best& best, int64_t* left) {
  const int code = static_cast<int>(threadIdx.x);
  const bool own = is_there(shared, code);
  int place = 0;
  for (int other = 0; own && other < look.codes; ++other) {
    if (!is_there(shared, other)) continue;
    if (shared.keys[other] < shared.keys[code] || (shared.keys[other] == shared.keys[code] && other < code)) ++place;
  }
  if (own) shared.order[place] = code;
  __syncthreads();
  sum_in_order(look, shared, categories);
  double candidate = -HUGE_VAL;
  if (code < categories - 1 && (only < 0 || code == only)) {
    const auto to_left = [&](int64_t k) { return look.room.before[k * look.room.spacing + code]; };
    candidate = purity_of_sides<Kind>(to_left, look.node.total, look.rules.classes, look.rules.least_rows);
  }
  const Cut cut = purest_cut(candidate, -HUGE_VAL, shared);
  if (cut.purity > best.purity) {
    const bool front_left = 2 * look.room.before[cut.place] <= look.node.total[kRowsCell];
    write_left(look, cut.place, false, !front_left, left);
    best.purity = cut.purity;
    best.column = look.column;
    best.category = 1;
    const unsigned votes = __ballot_sync(kAllLanes, own && (place <= cut.place) == front_left);
    if (lane_index() == 0) shared.left[warp_index()] = votes;
  }
  __syncthreads();
}

/// As ImpuritySplitter::categories().
template <Impurity Kind>
__device__ void search_categories(const Look& look, Shared& shared, Best& best, int64_t* left) {
  const int code = static_cast<int>(threadIdx.x);
  const int categories = count_all(shared);
  const DeviceRules& rules = look.rules;
  if (rules.random) {
    shared.keys[code] = drawn_key(rules.seed, look.node.stream, look.column, code);
    __syncthreads();
    return try_order<Kind>(look, categories, drawn_cut(rules.seed, look.node.stream, look.column, categories), shared, best, left);
  }
  const bool one_order = Kind == Impurity::squared || rules.classes == 2;
  for (int64_t k = one_order ? 2 : kFirstClassCell; k <= (one_order ? 2 : rules.classes); ++k) {
    if (!one_order && look.node.total[k] == 0) continue;
    if (is_there(shared, code)) {
      shared.keys[code] = share_of_category<Kind>([&](int64_t cell) { return look.room.sum(cell, code); }, rules.classes, k);
    }
    __syncthreads();
    try_order<Kind>(look, categories, -1, shared, best, left);
  }
}

/// found[task] = the purest split of a node by one column, left[task] = the sums of what goes left.
/// Owner: a block a task, and on to the next; a thread rows at a stride, then the candidate behind one code. `scratch`: nullptr, or the blocks'
/// memory where `room_bytes` a block are more than shared memory has.
/// Shared (dynamic): 16 bytes a code and cell: 12 KiB of two classes and 256 codes. Work of a row: a 32-bit and two or four more shared atomics.
/// Memory: 4 bytes of index a row, coalesced; its code, weight, count and target a sector each where rows lie far apart.
/// Regime: tasks of many nodes and trees at once, most of few rows; a large node of a single tree keeps as few blocks busy as it has columns.
template <Impurity Kind>
__global__ void __launch_bounds__(Tuning::kThreads, Tuning::kBlocks)
    impurity_of_columns(BinnedRows rows, const int32_t* categories, ImpurityTargets targets, DeviceRules rules, const uint32_t* index,
                        const DeviceNode* nodes, const Task* tasks, int64_t count, unsigned char* scratch, int64_t room_bytes, Found* found,
                        int64_t* left) {
  __shared__ Shared shared;
  unsigned char* memory = scratch ? scratch + room_bytes * blockIdx.x : dynamic_shared<unsigned char>();
  const int64_t cells = rules.cells * rows.cells.spacing;
  Room room;
  room.before = reinterpret_cast<int64_t*>(memory);
  room.low = reinterpret_cast<unsigned*>(room.before + cells);
  room.high = room.low + cells;
  room.spacing = static_cast<int>(rows.cells.spacing);
  for (int64_t number = blockIdx.x; number < count; number += gridDim.x) {
    const Task task = tasks[number];
    Look look{nodes[task.node], rules, room, task.column, rows.codes[task.column], false};
    Best own;
    own.differ = 1;
    if (add_rows<Kind>(rows, targets, index, look, shared)) {
      look.missing = is_there(shared, 0);
      own.differ = count_all(shared) > 1;
      int64_t* own_left = left + number * rules.cells;
      if (own.differ && categories[task.column] > 0) {
        search_categories<Kind>(look, shared, own, own_left);
      } else if (own.differ) {
        search_numbers<Kind>(look, shared, own, own_left);
      }
    }
    if (own.category != 0) own.missing_left = (shared.left[0] & 1u) != 0;
    if (threadIdx.x == 0) found[number].best = own;
    if (threadIdx.x < Tuning::kWarps) found[number].left[threadIdx.x] = own.category != 0 ? shared.left[threadIdx.x] : 0;
    __syncthreads();
  }
}

/// out[node] = the purest of its columns, the first of equal ones, or, `first_alone`, the first that differs; whether any differs. Owner: a warp a node.
/// Memory: a task's Found and the chosen one's sums, once. Regime: many nodes of tens of columns.
__global__ void __launch_bounds__(kWarp)
    purest_of_columns(const DeviceNode* nodes, bool first_alone, int64_t cells, const Found* found, const int64_t* left, Found* out, int64_t* out_left) {
  const DeviceNode& node = nodes[blockIdx.x];
  double purity = -HUGE_VAL;
  int64_t at = node.count, first = node.count;
  for (int64_t k = node.count - 1 - lane_index(); k >= 0; k -= kWarp) {
    const Best& one = found[node.first + k].best;
    if (one.differ != 0) first = k;
    if (one.column < 0 || one.purity < purity) continue;
    purity = one.purity;
    at = k;
  }
  first = warp_reduce(first, Minimum{});
  const double most = warp_reduce(purity, Maximum{});
  at = warp_reduce(purity == most ? at : node.count, Minimum{});
  const bool differ = first < node.count;
  if (first_alone) at = first;
  const bool any = at < node.count && found[node.first + at].best.column >= 0;
  for (int64_t k = lane_index(); any && k < cells; k += kWarp) out_left[blockIdx.x * cells + k] = left[(node.first + at) * cells + k];
  if (lane_index() != 0) return;
  if (any) {
    out[blockIdx.x] = found[node.first + at];
  } else {
    out[blockIdx.x].best = {};
  }
  out[blockIdx.x].best.differ = differ;
}

ImpuritySplit split_of(const Found& found) {
  ImpuritySplit split;
  const Best& best = found.best;
  if (best.column < 0) return split;
  split.purity = best.purity;
  split.column = best.column;
  split.code = best.code;
  split.category = best.category != 0;
  split.missing_left = best.missing_left != 0;
  for (size_t code = 0; split.category && code < split.left.size(); ++code) split.left[code] = found.left[code / 32] >> (code % 32) & 1u;
  return split;
}

/// Blocks, and where their sums lie.
struct Blocks {
  int64_t count = 0, room_bytes = 0;
  bool in_shared = true;
  DeviceBuffer<unsigned char> scratch;

  Blocks(Exec& exec, int64_t tasks, int64_t cells) : room_bytes(cells * Tuning::kSumBytes), in_shared(room_bytes + static_cast<int64_t>(sizeof(Shared)) <= kPlainSharedBytes) {
    count = std::min(tasks, Tuning::kMostBlocks);
    if (in_shared) return;
    count = std::clamp<int64_t>(Tuning::kMostScratch / room_bytes, 1, count);
    scratch = DeviceBuffer<unsigned char>(exec, count * room_bytes);
  }
};

auto kernel_of(Impurity impurity) {
  switch (impurity) {
    case Impurity::gini: return impurity_of_columns<Impurity::gini>;
    case Impurity::entropy: return impurity_of_columns<Impurity::entropy>;
    case Impurity::squared: break;
  }
  return impurity_of_columns<Impurity::squared>;
}

/// Some nodes whose tasks are one launch.
class Batch {
 public:
  Batch(const ImpurityTargets& targets, const ImpurityRules& rules, bool first_alone, int64_t table_rows)
      : targets_(targets), rules_(rules), first_alone_(first_alone), table_rows_(table_rows) {}

  int64_t tasks() const { return static_cast<int64_t>(tasks_.size()); }
  bool full() const { return tasks() >= std::min(Tuning::kMostTasks, Tuning::kMostScratch / (rules_.cells() * static_cast<int64_t>(sizeof(int64_t)))); }

  void add(const ImpurityNode& node) {
    const uint16_t* counts = targets_.counts ? targets_.counts + node.tree * table_rows_ : nullptr;
    nodes_.push_back({node.rows, counts, nullptr, node.stream, tasks(), node.columns.size});
    totals_.insert(totals_.end(), node.total, node.total + rules_.cells());
    for (const int32_t column : node.columns) tasks_.push_back({static_cast<int32_t>(nodes_.size()) - 1, column});
  }

  /// left: where the batch's nodes begin.
  void run(Exec& exec, const ImpurityColumns& columns, const uint32_t* index, std::vector<NodeSplit>& out, int64_t* left) {
    const auto nodes = static_cast<int64_t>(nodes_.size());
    const int64_t cells = rules_.cells();
    const DeviceBuffer<int64_t> totals(exec, totals_.data(), nodes * cells);
    for (int64_t k = 0; k < nodes; ++k) nodes_[static_cast<size_t>(k)].total = totals.data() + k * cells;
    const DeviceBuffer<DeviceNode> device_nodes(exec, nodes_.data(), nodes);
    const DeviceBuffer<Task> device_tasks(exec, tasks_.data(), tasks());
    const DeviceBuffer<Found> of_tasks(exec, tasks()), of_nodes(exec, nodes);
    const DeviceBuffer<int64_t> left_of_tasks(exec, tasks() * cells), left_of_nodes(exec, nodes * cells);
    const Blocks blocks(exec, tasks(), cells * columns.binned.cells.spacing);
    const LaunchShape shape{dim3(static_cast<unsigned>(blocks.count)), dim3(Tuning::kThreads), blocks.in_shared ? static_cast<size_t>(blocks.room_bytes) : 0};
    launch(exec, shape, kernel_of(rules_.impurity), columns.binned, columns.categories, targets_, device_rules(), index, device_nodes.data(), device_tasks.data(), tasks(),
           blocks.scratch.data(), blocks.room_bytes, of_tasks.data(), left_of_tasks.data());
    launch(exec, {dim3(static_cast<unsigned>(nodes)), dim3(kWarp)}, purest_of_columns, device_nodes.data(), first_alone_, cells, of_tasks.data(), left_of_tasks.data(),
           of_nodes.data(), left_of_nodes.data());
    std::vector<Found> found(nodes_.size());
    of_nodes.download(exec, found.data(), nodes);
    left_of_nodes.download(exec, left, nodes * cells);
    for (const Found& one : found) out.push_back({split_of(one), one.best.differ != 0});
    nodes_.clear();
    tasks_.clear();
    totals_.clear();
  }

 private:
  DeviceRules device_rules() const { return {rules_.classes, rules_.min_leaf_rows, rules_.cells(), rules_.random_thresholds, rules_.seed}; }

  const ImpurityTargets& targets_;
  const ImpurityRules& rules_;
  const bool first_alone_;
  const int64_t table_rows_;
  std::vector<DeviceNode> nodes_;
  std::vector<Task> tasks_;
  std::vector<int64_t> totals_;
};

}  // namespace

std::vector<NodeSplit> purest_splits(Exec& exec, const ImpurityColumns& columns, const ImpurityTargets& targets, const ImpurityRules& rules,
                                     const uint32_t* index, std::span<const ImpurityNode> nodes, bool first_alone, std::span<int64_t> left) {
  std::vector<NodeSplit> out;
  out.reserve(nodes.size());
  Batch batch(targets, rules, first_alone, columns.binned.rows());
  for (const ImpurityNode& node : nodes) {
    batch.add(node);
    const bool last = &node == &nodes.back();
    if (last || batch.full()) batch.run(exec, columns, index, out, left.data() + static_cast<int64_t>(out.size()) * rules.cells());
  }
  return out;
}

}  // namespace crisp::gpu
