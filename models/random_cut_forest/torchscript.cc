#include "models/random_cut_forest/torchscript.h"

#include <algorithm>

#include "cuda/error.h"

namespace crisp {
namespace {

// A pair is a row in a tree. Boxes and points are columns x ordinals; a leaf is its own child.
constexpr const char* kDescend = R"(
def leaf_of_pairs(self, cells: Tensor, row: Tensor, start: Tensor, columns: int, depth: int,
                  dimension: Tensor, value: Tensor, left: Tensor, right: Tensor) -> Tensor:
    node = start
    for level in range(depth):
        cell = cells.index_select(0, row * columns + dimension.index_select(0, node))
        goes_left = cell <= value.index_select(0, node)
        node = torch.where(goes_left, left.index_select(0, node), right.index_select(0, node))
    return node
)";
constexpr const char* kEqual = R"(
def pairs_equal(self, columns: Tensor, row: Tensor, points: Tensor, leaf: Tensor) -> Tensor:
    equal = torch.ones_like(row).to(11)
    for c in range(columns.size(0)):
        equal = equal & (columns[c].index_select(0, row) == points[c].index_select(0, leaf))
    return equal
)";
/// Columns are added in blocks of 32, as the kernels do. Few pairs are gathered for all columns at once: then
/// the calls cost more than the work.
constexpr const char* kGaps = R"(
def gaps_outside(self, x: Tensor, low: Tensor, high: Tensor) -> Tensor:
    return (x - torch.minimum(torch.maximum(x, low), high)).abs()

def sum_of_gaps(self, columns: Tensor, row: Tensor, low: Tensor, high: Tensor, box: Tensor) -> Tensor:
    total = torch.zeros(row.size(), dtype=6, device=row.device)
    few = columns.size(0) * row.size(0) <= 8192
    gaps = torch.zeros([0, 0], dtype=6, device=row.device)
    if few:
        gaps = self.gaps_outside(columns.index_select(1, row), low.index_select(1, box),
                                 high.index_select(1, box))
    for block in range(0, columns.size(0), 32):
        within = torch.zeros_like(total)
        for c in range(block, min(block + 32, columns.size(0))):
            if few:
                within += gaps[c]
            else:
                within += self.gaps_outside(columns[c].index_select(0, row), low[c].index_select(0, box),
                                            high[c].index_select(0, box))
        total += within
    return total
)";
/// 32,768 pairs at a time: a tensor of them stays in the cache, and is what one thread is given.
constexpr const char* kForest = R"(
def random_cut_forest(self, x: Tensor, depth: int, roots: Tensor, normaliser: Tensor, dimension: Tensor,
                      value: Tensor, left: Tensor, right: Tensor, parent: Tensor, ordinal: Tensor,
                      unseen: Tensor, seen: Tensor, points: Tensor, low: Tensor, high: Tensor,
                      spans: Tensor) -> Tensor:
    trees = roots.size(0)
    chunk = max(1, 32768 // trees)
    parts = [torch.zeros([0, 1], dtype=7, device=x.device)]
    for begin in range(0, x.size(0), chunk):
        rows = x[begin : begin + chunk]
        columns = rows.t().contiguous()
        row = torch.arange(rows.size(0), dtype=3, device=x.device).repeat_interleave(trees)
        node = self.leaf_of_pairs(rows.flatten(), row, roots.repeat(rows.size(0)), rows.size(1), depth,
                                  dimension, value, left, right)
        leaf = ordinal.index_select(0, node)
        equal = self.pairs_equal(columns, row, points, leaf)
        score = torch.where(equal, seen.index_select(0, leaf), unseen.index_select(0, node))
        node = parent.index_select(0, node)
        pairs = torch.nonzero(~equal & (node >= 0)).flatten()
        node = node.index_select(0, pairs)
        while pairs.size(0) > 0:
            box = ordinal.index_select(0, node)
            gaps = self.sum_of_gaps(columns, row.index_select(0, pairs), low, high, box)
            before = score.index_select(0, pairs)
            apart = gaps / (spans.index_select(0, box) + gaps)
            after = before + apart * (unseen.index_select(0, node) - before)
            outside = gaps > 0.0
            score = score.index_copy(0, pairs, torch.where(outside, after, before))
            node = parent.index_select(0, node)
            climbing = torch.nonzero(outside & (node >= 0)).flatten()
            pairs = pairs.index_select(0, climbing)
            node = node.index_select(0, climbing)
        parts.append((score.to(7).view(rows.size(0), trees) * normaliser).mean(1, True))
    return torch.cat(parts)
)";

/// Nodes counted over the forest instead of the tree.
struct Nodes {
  std::vector<int32_t> roots, dimension, left, right, parent;
};

Nodes nodes_of(const RandomCutForest& forest, const ForestTables& tables) {
  Nodes nodes;
  for (int64_t tree = 0; tree < forest.trees(); ++tree) {
    const auto begin = static_cast<int32_t>(forest.tree_begin[static_cast<size_t>(tree)]);
    const auto end = static_cast<int32_t>(forest.tree_begin[static_cast<size_t>(tree) + 1]);
    nodes.roots.push_back(begin);
    for (int32_t node = begin; node < end; ++node) {
      const auto at = static_cast<size_t>(node);
      const bool leaf = forest.cut_dimension[at] < 0;
      nodes.dimension.push_back(leaf ? 0 : forest.cut_dimension[at]);
      nodes.left.push_back(leaf ? node : node + 1);
      nodes.right.push_back(leaf ? node : begin + forest.right[at]);
      nodes.parent.push_back(tables.parent[at] < 0 ? -1 : begin + tables.parent[at]);
    }
  }
  return nodes;
}

/// Columns x rows out of rows of `step` floats; column c begins at c * between.
std::vector<float> transposed(const std::vector<float>& rows, int64_t step, int64_t first, int64_t between,
                              int64_t columns) {
  const int64_t count = static_cast<int64_t>(rows.size()) / step;
  std::vector<float> out;
  out.reserve(static_cast<size_t>(count * columns));
  for (int64_t c = 0; c < columns; ++c) {
    for (int64_t row = 0; row < count; ++row)
      out.push_back(rows[static_cast<size_t>(row * step + first + c * between)]);
  }
  return out;
}

}  // namespace

std::string script_forest(TorchScript& script, const RandomCutForest& forest, const std::string& rows) {
  for (const char* method : {kDescend, kEqual, kGaps, kForest}) script.method(method);
  Exec host(Device::cpu(), 1);
  const ForestTables tables = derive_tables(host, forest);
  const Nodes nodes = nodes_of(forest, tables);
  const int64_t columns = forest.columns, leaves = forest.leaves(), boxes = forest.nodes() - leaves,
                stride = tables.stride;
  const auto numbers = [&](const std::vector<float>& values) { return script.constant<float>(values); };
  const auto whole = [&](const std::vector<int32_t>& values) { return script.constant<int32_t>(values); };
  const auto matrix = [&](const std::vector<float>& values, int64_t wide) {
    return script.constant<float>(values, {columns, wide});
  };
  const int32_t depth = *std::max_element(tables.depth.begin(), tables.depth.end());
  std::string call = concat("self.random_cut_forest(", rows, ", ", depth);
  for (const std::string& argument :
       {whole(nodes.roots), script.constant<double>(tables.normaliser), whole(nodes.dimension),
        numbers(forest.cut_value), whole(nodes.left), whole(nodes.right), whole(nodes.parent),
        whole(tables.ordinal), numbers(tables.unseen), numbers(tables.seen),
        matrix(transposed(tables.points, stride, 0, 1, columns), leaves),
        matrix(transposed(tables.boxes, 2 * stride, 0, 2, columns), boxes),
        matrix(transposed(tables.boxes, 2 * stride, 1, 2, columns), boxes), numbers(tables.range)})
    call += concat(", ", argument);
  return call + ")";
}

}  // namespace crisp
