#include "kernels/forest/walk.h"

#include <algorithm>

namespace crisp::forest {
namespace {

constexpr int kTogether = 8;     // walks under way at a time
constexpr int64_t kBlock = 128;  // rows that pass through one tree before the next, which keeps both in the cache

/// Where each walk stands.
using Walkers = const Node* [kTogether];
using RowsOfWalkers = const float* [kTogether];

/// Takes every walk to its leaf.
template <bool kSets, bool kMissing>
void descend(Walkers& at, const RowsOfWalkers& row, const SetTable& sets) {
  Walkers now;  // in registers: a copy that nothing else can point to
  std::copy_n(at, kTogether, now);
  int32_t moved;
  do {
    moved = 0;
    for (int i = 0; i < kTogether; ++i) {
      const Node& node = *now[i];
      const int32_t right = goes_right<kSets, kMissing>(node, row[i][node.split & kFeature], sets);
      moved |= node.child;
      now[i] += node.child + right;
    }
  } while (moved != 0);
  std::copy_n(now, kTogether, at);
}

void descend(const NodeTable& table, bool missing, Walkers& at, const RowsOfWalkers& row) {
  const SetTable sets = table.sets();
  if (table.has_sets()) return descend<true, true>(at, row, sets);
  missing ? descend<false, true>(at, row, sets) : descend<false, false>(at, row, sets);
}

bool any_missing(const float* row, int64_t columns) {
  int missing = 0;
  for (int64_t c = 0; c < columns; ++c) missing |= row[c] != row[c];
  return missing != 0;
}

/// Calls arrive(row, tree, leaf) for rows [begin, end), for every row tree after tree.
void walk_rows(const NodeTable& table, MatrixView<const float> rows, int64_t begin, int64_t end, const auto& arrive) {
  for (int64_t block = begin; block < end; block += kBlock) {
    const int64_t block_end = std::min(block + kBlock, end);
    bool missing = false;
    for (int64_t i = block; i < block_end; ++i) missing |= any_missing(rows.row(i), rows.columns);
    for (int64_t t = 0; t < table.trees(); ++t) {
      const Node* root = table.nodes.data() + table.first[t];
      for (int64_t i = block; i < block_end; i += kTogether) {
        Walkers at;
        RowsOfWalkers row;
        for (int k = 0; k < kTogether; ++k) {
          at[k] = root;
          row[k] = rows.row(std::min(i + k, block_end - 1));
        }
        if (!is_leaf(*root)) descend(table, missing, at, row);  // a tree of one leaf reads no column: there may be none
        const int64_t count = std::min<int64_t>(kTogether, block_end - i);
        for (int k = 0; k < count; ++k) arrive(i + k, t, *at[k]);
      }
    }
  }
}

/// What a leaf adds to a row's sums.
template <bool kSingle>
void add_leaf(const NodeTable& table, int64_t tree, const Node& leaf, double* out) {
  const int64_t i = table.first_leaf[tree] + leaf.extra;
  if (!table.vector_leaves) {
    double& sum = out[table.outputs == 1 ? 0 : tree % table.outputs];
    sum = with_leaf<kSingle>(sum, table.value[i]);
    return;
  }
  const double* value = table.value.data() + i * table.outputs;
  for (int64_t k = 0; k < table.outputs; ++k) out[k] = with_leaf<kSingle>(out[k], value[k]);
}

template <bool kSingle>
void sum_rows(const NodeTable& table, MatrixView<const float> rows, int64_t begin, int64_t end, MatrixView<double> out) {
  for (int64_t i = begin; i < end; ++i) std::copy_n(table.start.data(), out.columns, out.row(i));
  walk_rows(table, rows, begin, end, [&](int64_t row, int64_t tree, const Node& leaf) { add_leaf<kSingle>(table, tree, leaf, out.row(row)); });
}

}  // namespace

void walk_sum(const NodeTable& table, MatrixView<const float> rows, int64_t begin, int64_t end, MatrixView<double> out) {
  table.single ? sum_rows<true>(table, rows, begin, end, out) : sum_rows<false>(table, rows, begin, end, out);
}

void walk_sum_row(const NodeTable& table, const float* row, double* out) {
  std::copy_n(table.start.data(), table.outputs, out);
  const bool missing = any_missing(row, table.columns);
  RowsOfWalkers same;
  std::fill_n(same, kTogether, row);
  for (int64_t first = 0; first < table.trees(); first += kTogether) {
    Walkers at;
    bool split = false;
    for (int k = 0; k < kTogether; ++k) {
      at[k] = table.nodes.data() + table.first[std::min(first + k, table.trees() - 1)];
      split |= !is_leaf(*at[k]);
    }
    if (split) descend(table, missing, at, same);
    const int64_t count = std::min<int64_t>(kTogether, table.trees() - first);
    for (int k = 0; k < count; ++k) {
      table.single ? add_leaf<true>(table, first + k, *at[k], out) : add_leaf<false>(table, first + k, *at[k], out);
    }
  }
}

void walk_leaves(const NodeTable& table, MatrixView<const float> rows, int64_t begin, int64_t end, MatrixView<int32_t> out) {
  walk_rows(table, rows, begin, end, [&](int64_t row, int64_t tree, const Node& leaf) {
    out.at(row, tree) = table.place[static_cast<size_t>(&leaf - table.nodes.data())];
  });
}

}  // namespace crisp::forest
