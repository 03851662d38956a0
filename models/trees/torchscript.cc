#include "models/trees/torchscript.h"

#include <algorithm>
#include <limits>

#include "cuda/error.h"

namespace crisp {
namespace {

// A pair is a row in a tree. A leaf is its own child.
constexpr const char* kDescend = R"(
def nodes_below(self, cells: Tensor, row: Tensor, start: Tensor, columns: int, depth: int, feature: Tensor, threshold: Tensor,
                left: Tensor, right: Tensor, missing_left: Tensor) -> Tensor:
    node = start
    for level in range(depth):
        cell = cells.index_select(0, row * columns + feature.index_select(0, node))
        goes_left = torch.where(cell == cell, cell <= threshold.index_select(0, node), missing_left.index_select(0, node) != 0)
        node = torch.where(goes_left, left.index_select(0, node), right.index_select(0, node))
    return node
)";
/// The same where some nodes have sets. A node's set is `words` words from `word` on; a node without one has none. Codes that are no
/// code of any set become -1.
constexpr const char* kDescendSets = R"(
def nodes_below_sets(self, cells: Tensor, row: Tensor, start: Tensor, columns: int, depth: int, feature: Tensor, threshold: Tensor,
                     left: Tensor, right: Tensor, missing_left: Tensor, has_set: Tensor, word: Tensor, words: Tensor,
                     bits: Tensor) -> Tensor:
    node = start
    for level in range(depth):
        cell = cells.index_select(0, row * columns + feature.index_select(0, node))
        below = cell <= threshold.index_select(0, node)
        a_code = (cell >= 0.0) & (cell < 2147483648.0)
        code = torch.where(a_code, cell, -torch.ones_like(cell)).to(4)
        place = code >> 5
        known = (code >= 0) & (place < words.index_select(0, node))
        held = bits.index_select(0, torch.where(known, word.index_select(0, node) + place, torch.zeros_like(place)))
        within = known & (((held >> (code & 31)) & 1) != 0)
        goes_left = torch.where(has_set.index_select(0, node) != 0, within, below)
        goes_left = torch.where(cell == cell, goes_left, missing_left.index_select(0, node) != 0)
        node = torch.where(goes_left, left.index_select(0, node), right.index_select(0, node))
    return node
)";
/// 32,768 pairs at a time: a tensor of them stays in the cache.
constexpr const char* kSums = R"(
def $ADDED_of_$NAME(self, x: Tensor, roots: Tensor, value: Tensor, outputs: int, vectors: bool, depth: int, feature: Tensor,
               threshold: Tensor, left: Tensor, right: Tensor, missing_left: Tensor$PARAMETERS) -> Tensor:
    trees = roots.size(0)
    chunk = max(1, 32768 // trees)
    parts = [torch.zeros([0, outputs], dtype=7, device=x.device)]
    for begin in range(0, x.size(0), chunk):
        rows = x[begin : begin + chunk]
        count = rows.size(0)
        row = torch.arange(count, dtype=4, device=x.device).repeat_interleave(trees)
        node = self.$NAME(rows.contiguous().flatten(), row, roots.repeat(count), rows.size(1), depth, feature, threshold, left,
                          right, missing_left$ARGUMENTS)
        reached = value.index_select(0, node)
        turns = reached.view(count, trees, outputs) if vectors else reached.view(count, trees // outputs, outputs)
        $ADD
        parts.append(total)
    return torch.cat(parts)
)";
constexpr const char* kAdd = "total = turns.sum(1)";
/// As kernels/forest/trees.h says of `single_start`.
constexpr const char* kAddSingle = R"(total = start.repeat(count, 1)
        for turn in range(turns.size(1)):
            total = (total + turns.select(1, turn)).to(6).to(7))";

std::string filled(std::string text, const std::string& name, const std::string& by) {
  for (size_t at = text.find(name); at != std::string::npos; at = text.find(name, at)) text.replace(at, name.size(), by);
  return text;
}

/// Nodes counted over all trees instead of the tree.
struct Nodes {
  std::vector<int32_t> roots, feature, left, right, has_set;
  std::vector<int64_t> word, words;
  int64_t depth = 0;
};

Nodes nodes_of(const TreesView& trees) {
  Nodes nodes;
  std::vector<int64_t> depth(static_cast<size_t>(trees.nodes()));
  for (int64_t tree = 0; tree < trees.trees(); ++tree) {
    const int64_t begin = trees.first[tree];
    nodes.roots.push_back(static_cast<int32_t>(begin));
    for (int64_t node = begin; node < trees.first[tree + 1]; ++node) {
      const bool leaf = trees.feature[node] < 0;
      const int64_t left = leaf ? node : begin + trees.left[node], right = leaf ? node : begin + trees.right[node];
      nodes.feature.push_back(std::max(trees.feature[node], 0));
      nodes.left.push_back(static_cast<int32_t>(left));
      nodes.right.push_back(static_cast<int32_t>(right));
      const int32_t set = trees.set[node];
      nodes.has_set.push_back(set >= 0 ? 1 : 0);
      nodes.word.push_back(set >= 0 ? trees.set_first[set] : 0);
      nodes.words.push_back(set >= 0 ? trees.set_first[set + 1] - trees.set_first[set] : 0);
      if (leaf) continue;
      const int64_t below = depth[static_cast<size_t>(node)] + 1;
      depth[static_cast<size_t>(left)] = depth[static_cast<size_t>(right)] = below;
      nodes.depth = std::max(nodes.depth, below);
    }
  }
  return nodes;
}

std::string answer(TorchScript& script, const TreeParts& parts, const std::string& leaves) {
  const std::string base = script.constant<double>(parts.base);
  const std::string sums = script.let(concat(base, " + ", script_number(parts.scale), " * ", leaves));
  switch (parts.link) {
    case TreeLink::identity: return sums;
    case TreeLink::logistic: return concat("torch.cat([torch.sigmoid(-", sums, "), torch.sigmoid(", sums, ")], 1)");
    case TreeLink::softmax: return concat("torch.softmax(", sums, ", 1)");
    case TreeLink::exponential: return concat("torch.exp(", sums, ")");
    case TreeLink::sigmoid: return concat("torch.sigmoid(", sums, ")");
    case TreeLink::one_against_rest: return concat("torch.sigmoid(", sums, ") / torch.sigmoid(", sums, ").sum(1, True)");
    case TreeLink::signed_square: return concat(sums, " * ", sums, ".abs()");
  }
  fail(Code::bug, "a link without TorchScript");
}

}  // namespace

std::string script_trees(TorchScript& script, const TreeParts& parts, const std::string& rows) {
  const TreesView trees = parts.trees.view();
  CRISP_REQUIRE(trees.nodes() <= std::numeric_limits<int32_t>::max(), Code::unavailable, "the model has ", trees.nodes(),
                " nodes, too many for TorchScript");
  const Nodes nodes = nodes_of(trees);
  const bool sets = std::any_of(nodes.has_set.begin(), nodes.has_set.end(), [](int32_t has) { return has != 0; });
  const bool single = !parts.trees.single_start.empty();
  const std::string name = sets ? "nodes_below_sets" : "nodes_below", added = single ? "single_sums" : "sums";
  std::string sum = filled(kSums, "$NAME", name);
  sum = filled(sum, "$ADDED", added);
  sum = filled(sum, "$ADD", single ? kAddSingle : kAdd);
  sum = filled(sum, "$PARAMETERS", concat(sets ? ", has_set: Tensor, word: Tensor, words: Tensor, bits: Tensor" : "", single ? ", start: Tensor" : ""));
  script.method(sets ? kDescendSets : kDescend);
  script.method(filled(sum, "$ARGUMENTS", sets ? ", has_set, word, words, bits" : ""));
  const auto whole = [&](const std::vector<int32_t>& values) { return script.constant<int32_t>(values); };
  std::vector<std::string> arguments = {
      whole(nodes.roots),
      trees.vector_leaves ? script.constant<double>(parts.trees.value, {trees.nodes(), trees.outputs}) : script.constant<double>(parts.trees.value),
      concat(trees.outputs), trees.vector_leaves ? "True" : "False", concat(nodes.depth), whole(nodes.feature),
      script.constant<float>(parts.trees.threshold), whole(nodes.left), whole(nodes.right),
      script.constant<uint8_t>(parts.trees.missing_left)};
  if (sets) {
    std::vector<int64_t> bits(parts.trees.set_bits.begin(), parts.trees.set_bits.end());
    bits.push_back(0);  // what codes of no set read
    for (const std::string& more : {whole(nodes.has_set), script.constant<int64_t>(nodes.word), script.constant<int64_t>(nodes.words),
                                    script.constant<int64_t>(bits)})
      arguments.push_back(more);
  }
  if (single) arguments.push_back(script.constant<double>(parts.trees.single_start));
  std::string call = concat("self.", added, "_of_", name, "(", rows);
  for (const std::string& argument : arguments) call += concat(", ", argument);
  return answer(script, parts, call + ")");
}

}  // namespace crisp
