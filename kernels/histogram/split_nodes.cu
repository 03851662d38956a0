// GPU engine of splits: sums are whole numbers and a candidate's score is split_row.h's in double, so the same splits as on the CPU.
#include <algorithm>

#include "cuda/block.h"
#include "cuda/buffer.h"
#include "cuda/random.h"
#include "kernels/histogram/nodes_gpu.h"
#include "kernels/histogram/split_rules.h"

namespace crisp::gpu {
namespace {

struct Tuning {
  static constexpr int kThreads = 128, kWarps = kThreads / kWarp;
  static constexpr int kCodes = 256;
};

/// SplitNode on the device: its tasks are [first, first + count).
struct DeviceNode {
  HistogramView histogram;
  Sums total;
  SplitNumbers numbers;
  uint64_t stream;
  int64_t first, count;
};

/// A column of a node; a warp's work.
struct Task {
  int32_t node, column;
};

/// The best candidate of a column.
struct Best {
  double score = -1;
  int32_t column = -1, code = 0;
  ColumnPlace place;
  bool category = false, missing_left = false;
  uint32_t left[Tuning::kCodes / 32]{};  ///< of categories: the codes that go left
  Sums sums;                             ///< of the left side
};

/// The rules as kernels need them.
struct DeviceRules {
  bool random_thresholds;
  uint64_t seed;
  // Of categories, in quanta where they are added to sums.
  double rank_smooth, least_rows, l2;
  int max_to_onehot, max_threshold;
  int64_t min_per_group;
};

__device__ Sums scan_sums(const Sums& sums) { return {warp_scan(sums.g, Sum{}), warp_scan(sums.h, Sum{}), warp_scan(sums.rows, Sum{})}; }

__device__ Sums sums_of_lane(const Sums& sums, int lane) {
  return {__shfl_sync(kAllLanes, sums.g, lane), __shfl_sync(kAllLanes, sums.h, lane), __shfl_sync(kAllLanes, sums.rows, lane)};
}

/// A column's cells: of columns that share a byte each is the sum of several.
struct ColumnSums {
  const HistogramView& histogram;
  ColumnPlace place;
  int64_t first;
  int32_t values;  ///< of the byte

  CRISP_HD Sums at(int code) const {
    if (place.codes == values) return histogram.at(first + code);
    return sum_of_code(place, values, code, [this](int value) { return histogram.at(first + value); });
  }
};

/// The best place of a lane, then of the warp: the highest score, the first of equal ones.
struct Place {
  double score = -1;
  int place = Tuning::kCodes;
  Sums left;

  __device__ void consider(double candidate, int at, const Sums& sums) {
    if (!(candidate > score)) return;
    score = candidate;
    place = at;
    left = sums;
  }
  __device__ void reduce() {
    const double most = warp_reduce(score, Maximum{});
    place = warp_reduce(score == most ? place : Tuning::kCodes, Minimum{});
    left = sums_of_lane(left, place % kWarp);
    score = most;
  }
};

/// Places that are looked at: all, or the one that is drawn between the node's lowest and highest code.
struct Places {
  int begin, end;
};

__device__ Places drawn_place(const ColumnSums& cells, int values, uint64_t seed, uint64_t stream, int32_t column) {
  int low = values - 1, high = 0;
  for (int k = lane_index(); k < values; k += kWarp) {
    if (cells.at(k + 1).rows == 0) continue;
    low = k < low ? k : low;
    high = k;
  }
  low = warp_reduce(low, Minimum{});
  high = warp_reduce(high, Maximum{});
  const int place = low + (high > low ? static_cast<int>(random_below(seed, stream, static_cast<uint64_t>(column), static_cast<uint64_t>(high - low))) : 0);
  return {place, place + 1};
}

/// best[task] = the best threshold of a node's column of numbers, missing values right or left; column -1 where none is allowed.
/// Owner: a warp a task; lane l has the places l, l + 32, ...: 8 at most. Prefix sums by shuffles, whole numbers, in the order of codes.
/// No shared memory, no barrier. Memory: a column's cells once, 8 or 24 bytes each, coalesced.
/// Regime: tens to thousands of tasks, 2 to 256 codes; double precision, some 30 operations a code, which a T4 does at 254 GFLOP/s.
__global__ void __launch_bounds__(Tuning::kThreads)
    split_numbers(BinnedRows rows, ColumnFacts facts, DeviceRules rules, const DeviceNode* nodes, const Task* tasks, int64_t count, Best* best) {
  const int64_t number = static_cast<int64_t>(blockIdx.x) * Tuning::kWarps + warp_index();
  if (number >= count) return;
  const Task task = tasks[number];
  if (facts.categories[task.column] > 0) return;
  const ColumnPlace place = rows.places[task.column];
  const int lane = lane_index(), values = place.codes - 1;
  if (values < 1) {
    if (lane == 0) best[number] = {};
    return;
  }
  const DeviceNode& node = nodes[task.node];
  SplitNumbers numbers = node.numbers;
  numbers.monotone = facts.monotone ? facts.monotone[task.column] : 0;
  const ColumnSums cells{node.histogram, place, rows.first[place.byte], rows.codes[place.byte]};
  const Sums missing = cells.at(0);
  const bool some_missing = missing.rows > 0;
  const Side total = side_of(node.total);
  Places places{0, values};
  if (rules.random_thresholds) places = drawn_place(cells, values, rules.seed, node.stream, task.column);
  Place right, left;  // where missing values go
  Sums before;
  for (int begin = 0; begin < values; begin += kWarp) {
    const int k = begin + lane;
    Sums sums = scan_sums(k < values ? cells.at(k + 1) : Sums{});
    sums += before;
    before = sums_of_lane(sums, kWarp - 1);
    if (k < places.begin || k >= places.end || k >= values) continue;
    const auto score_of = [&](const Sums& to_left) {
      const Side side = side_of(to_left);
      return split_score(side, {total.g - side.g, total.h - side.h, total.rows - side.rows}, numbers);
    };
    // With missing values right, they may be all that goes there.
    if (some_missing || k + 1 < values) right.consider(score_of(sums), k, sums);
    if (some_missing && k + 1 < values) left.consider(score_of(sums + missing), k, sums + missing);
  }
  right.reduce();
  left.reduce();
  if (lane != 0) return;
  const bool to_left = left.score > right.score;
  if (to_left) right = left;
  Best& found = best[number];
  found = {};
  if (right.place == Tuning::kCodes) return;
  found.score = right.score;
  found.column = task.column;
  found.place = place;
  found.code = right.place + 1;
  found.sums = right.left;
  found.missing_left = some_missing ? to_left : 2 * right.left.rows >= node.total.rows;
}

/// The categories that `keep` wants, side by side in the order of codes; returns how many.
template <class Keep>
__device__ int gather_categories(const Category* from, int count, Keep keep, Category* to) {
  int kept = 0;
  for (int begin = 0; begin < count; begin += kWarp) {
    const int k = begin + lane_index();
    const bool own = k < count && keep(from[k]);
    const unsigned votes = __ballot_sync(kAllLanes, own);
    if (own) to[kept + __popc(votes & ((1u << lane_index()) - 1))] = from[k];
    kept += __popc(votes);
  }
  __syncwarp();
  return kept;
}

/// Each to the place that its rank has, equal ones in their order.
__device__ void sort_categories(const Category* from, int count, Category* to) {
  for (int k = lane_index(); k < count; k += kWarp) {
    int place = 0;
    for (int other = 0; other < count; ++other) {
      if (from[other].rank < from[k].rank || (from[other].rank == from[k].rank && other < k)) ++place;
    }
    to[place] = from[k];
  }
  __syncwarp();
}

/// best[task] = the best set of a node's column of categories.
/// Owner: a warp (and block) a task: lanes gather the categories that the node has and sort them by counting, 255^2 / 32 compares a lane at
/// most; the first lane then walks the order as the CPU does. Shared (dynamic): the categories twice, 20 KiB.
/// Memory: a column's cells once. Regime: as split_numbers; walking is 2 x 128 candidates at most, one after the other.
__global__ void __launch_bounds__(kWarp)
    split_categories(BinnedRows rows, ColumnFacts facts, DeviceRules rules, const DeviceNode* nodes, const Task* tasks, Best* best) {
  Category* first_order = dynamic_shared<Category>();
  Category* second_order = first_order + Tuning::kCodes;
  const Task task = tasks[blockIdx.x];
  if (facts.categories[task.column] == 0) return;
  const DeviceNode& node = nodes[task.node];
  SplitNumbers numbers = node.numbers;
  numbers.monotone = facts.monotone ? facts.monotone[task.column] : 0;
  const ColumnPlace place = rows.places[task.column];
  const ColumnSums cells{node.histogram, place, rows.first[place.byte], rows.codes[place.byte]};
  const int codes = place.codes, lane = lane_index();
  for (int code = 1 + lane; code < codes; code += kWarp) {
    const Sums sums = cells.at(code);
    first_order[code - 1] = {code, sums, category_rank(sums, rules.rank_smooth)};
  }
  __syncwarp();
  int count = gather_categories(first_order, codes - 1, [](const Category& c) { return c.sums.rows > 0; }, second_order);
  CategoryChoice choice;
  const Category* order = second_order;
  if (count <= rules.max_to_onehot) {
    if (lane == 0) choose_one_category(order, count, node.total, numbers, choice);
  } else {
    const double least = rules.least_rows;
    count = gather_categories(second_order, count, [least](const Category& c) { return !(static_cast<double>(c.sums.rows) < least); }, first_order);
    sort_categories(first_order, count, second_order);
    numbers.lambda += rules.l2;
    const int half = (count + 1) / 2;
    if (lane == 0) {
      choose_categories(order, count, rules.max_threshold < half ? rules.max_threshold : half, rules.min_per_group, node.total, numbers, choice);
    }
  }
  if (lane != 0) return;
  Best& found = best[blockIdx.x];
  found = {};
  if (choice.end == 0) return;
  found.score = choice.score;
  found.column = task.column;
  found.place = place;
  found.category = true;
  found.sums = choice.left;
  for (int k = choice.begin; k < choice.end; ++k) found.left[order[k].code / 32] |= 1u << (order[k].code % 32);
}

/// out[node] = the best of its columns, the first of equal ones. Owner: a warp a node. Regime: one to hundreds of nodes.
__global__ void __launch_bounds__(kWarp) best_of_columns(const DeviceNode* nodes, const Best* best, Best* out) {
  const DeviceNode& node = nodes[blockIdx.x];
  double score = -1;
  int64_t at = node.count;
  for (int64_t k = lane_index(); k < node.count; k += kWarp) {
    if (!(best[node.first + k].score > score)) continue;
    score = best[node.first + k].score;
    at = k;
  }
  const double most = warp_reduce(score, Maximum{});
  at = warp_reduce(score == most ? at : node.count, Minimum{});
  if (lane_index() == 0) out[blockIdx.x] = at < node.count ? best[node.first + at] : Best{};
}

DeviceRules rules_of(const SplitRules& rules, RoundScale scale) {
  return {rules.random_thresholds, rules.seed, rules.cat_smooth / scale.h, rules.cat_smooth, rules.cat_l2 / scale.h,
          rules.max_cat_to_onehot, rules.max_cat_threshold, rules.min_data_per_group};
}

Split split_of(const Best& best) {
  Split split;
  split.column = best.column;
  split.place = best.place;
  split.code = best.code;
  split.missing_left = best.missing_left;
  split.category = best.category;
  split.left_sums = best.sums;
  for (size_t code = 0; best.category && code < split.left.size(); ++code) split.left[code] = best.left[code / 32] >> (code % 32) & 1u;
  return split;
}

}  // namespace

std::vector<Split> find_splits(Exec& exec, const BinnedRows& rows, ColumnFacts facts, bool has_categories, std::span<const SplitNode> nodes,
                               const SplitRules& rules, RoundScale scale) {
  std::vector<DeviceNode> device_nodes;
  std::vector<Task> tasks;
  for (const SplitNode& node : nodes) {
    device_nodes.push_back({node.histogram, node.total, numbers_of(rules, scale, node.lower, node.upper), node.stream,
                            static_cast<int64_t>(tasks.size()), node.columns.size});
    for (const int32_t column : node.columns) tasks.push_back({static_cast<int32_t>(device_nodes.size()) - 1, column});
  }
  std::vector<Best> found(nodes.size());
  if (!tasks.empty()) {
    const auto count = static_cast<int64_t>(tasks.size()), node_count = static_cast<int64_t>(nodes.size());
    const DeviceBuffer<DeviceNode> on_device(exec, device_nodes.data(), node_count);
    const DeviceBuffer<Task> task_list(exec, tasks.data(), count);
    const DeviceBuffer<Best> of_columns(exec, count), of_nodes(exec, node_count);
    const DeviceRules kernel_rules = rules_of(rules, scale);
    launch(exec, {dim3(blocks_for(count, Tuning::kWarps)), dim3(Tuning::kThreads)}, split_numbers, rows, facts, kernel_rules, on_device.data(),
           task_list.data(), count, of_columns.data());
    if (has_categories) {
      launch(exec, {dim3(static_cast<unsigned>(count)), dim3(kWarp), 2 * Tuning::kCodes * sizeof(Category)}, split_categories, rows, facts, kernel_rules, on_device.data(),
             task_list.data(), of_columns.data());
    }
    launch(exec, {dim3(static_cast<unsigned>(node_count)), dim3(kWarp)}, best_of_columns, on_device.data(), of_columns.data(), of_nodes.data());
    of_nodes.download(exec, found.data(), node_count);
  }
  std::vector<Split> splits;
  for (size_t k = 0; k < nodes.size(); ++k) {
    splits.push_back(finished_split(split_of(found[k]), found[k].score, nodes[k].total, device_nodes[k].numbers, rules, scale));
  }
  return splits;
}

}  // namespace crisp::gpu
