#include "kernels/forest/walk.h"

#include <algorithm>

namespace crisp::forest {
namespace {

constexpr int kTogether = 8;     // walks under way at a time
constexpr int64_t kBlock = 128;  // rows that pass through one tree before the next, which keeps both in the cache

struct Walk {
  const Node* nodes;
  const float* row;
};

/// Takes every walk to its leaf: at[i] becomes the leaf's place.
template <bool kSets>
void descend(const Walk (&walks)[kTogether], const SetTable& sets, int32_t (&at)[kTogether]) {
  int32_t moved;
  do {
    moved = 0;
    for (int i = 0; i < kTogether; ++i) {
      const Node& node = walks[i].nodes[at[i]];
      const int32_t next = node.child + goes_right<kSets>(node, walks[i].row[node.split & kFeature], sets);
      moved |= next ^ at[i];
      at[i] = next;
    }
  } while (moved != 0);
}

/// Calls arrive(row, tree, leaf node, its place) for rows [begin, end), for every row tree after tree.
template <bool kSets>
void walk_rows(const NodeTable& table, MatrixView<const float> rows, int64_t begin, int64_t end, const auto& arrive) {
  const SetTable sets = table.sets();
  for (int64_t block = begin; block < end; block += kBlock) {
    const int64_t block_end = std::min(block + kBlock, end);
    for (int64_t t = 0; t < table.trees(); ++t) {
      const Node* nodes = table.nodes.data() + table.first[t];
      for (int64_t i = block; i < block_end; i += kTogether) {
        Walk walks[kTogether];
        int32_t at[kTogether] = {};
        for (int k = 0; k < kTogether; ++k) walks[k] = {nodes, rows.row(std::min(i + k, block_end - 1))};
        if (!is_leaf(nodes[0], 0)) descend<kSets>(walks, sets, at);  // a tree of one leaf reads no column: there may be none
        const int64_t count = std::min<int64_t>(kTogether, block_end - i);
        for (int k = 0; k < count; ++k) arrive(i + k, t, nodes[at[k]], at[k]);
      }
    }
  }
}

void walk_rows(const NodeTable& table, MatrixView<const float> rows, int64_t begin, int64_t end, const auto& arrive) {
  table.has_sets() ? walk_rows<true>(table, rows, begin, end, arrive) : walk_rows<false>(table, rows, begin, end, arrive);
}

/// What a leaf adds to a row's sums.
void add_leaf(const NodeTable& table, int64_t tree, int32_t leaf, double* out) {
  const int64_t i = table.first_leaf[tree] + leaf;
  if (!table.vector_leaves) {
    out[table.outputs == 1 ? 0 : tree % table.outputs] += table.value[i];
    return;
  }
  const double* value = table.value.data() + i * table.outputs;
  for (int64_t k = 0; k < table.outputs; ++k) out[k] += value[k];
}

template <bool kSets>
void sum_row(const NodeTable& table, const float* row, double* out) {
  for (int64_t first = 0; first < table.trees(); first += kTogether) {
    Walk walks[kTogether];
    int32_t at[kTogether] = {};
    bool split = false;
    for (int k = 0; k < kTogether; ++k) {
      walks[k] = {table.nodes.data() + table.first[std::min(first + k, table.trees() - 1)], row};
      split |= !is_leaf(walks[k].nodes[0], 0);
    }
    if (split) descend<kSets>(walks, table.sets(), at);
    const int64_t count = std::min<int64_t>(kTogether, table.trees() - first);
    for (int k = 0; k < count; ++k) add_leaf(table, first + k, walks[k].nodes[at[k]].extra, out);
  }
}

}  // namespace

void walk_sum(const NodeTable& table, MatrixView<const float> rows, int64_t begin, int64_t end, MatrixView<double> out) {
  for (int64_t i = begin; i < end; ++i) std::fill_n(out.row(i), out.columns, 0.0);
  walk_rows(table, rows, begin, end, [&](int64_t row, int64_t tree, const Node& leaf, int32_t) {
    add_leaf(table, tree, leaf.extra, out.row(row));
  });
}

void walk_sum_row(const NodeTable& table, const float* row, double* out) {
  std::fill_n(out, table.outputs, 0.0);
  table.has_sets() ? sum_row<true>(table, row, out) : sum_row<false>(table, row, out);
}

void walk_leaves(const NodeTable& table, MatrixView<const float> rows, int64_t begin, int64_t end, MatrixView<int32_t> out) {
  walk_rows(table, rows, begin, end, [&](int64_t row, int64_t tree, const Node&, int32_t place) {
    out.at(row, tree) = table.place[table.first[tree] + place];
  });
}

}  // namespace crisp::forest
