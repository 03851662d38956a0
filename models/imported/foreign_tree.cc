#include "models/imported/foreign_tree.h"

#include <algorithm>
#include <cmath>
#include <limits>

#include "cuda/error.h"

namespace crisp {
namespace {

constexpr int64_t kMostCodes = 1 << 24;     // beyond, floats are no longer whole numbers one apart
constexpr size_t kMostSetWords = 1 << 26;   // of all sets: 256 MiB

/// Covers and gains are told, not computed with: what is too large for a float is the largest.
float as_float(double value) {
  constexpr double kLargest = std::numeric_limits<float>::max();
  return static_cast<float>(std::clamp(value, -kLargest, kLargest));
}

}  // namespace

ForeignTrees::ForeignTrees(int64_t columns, int64_t outputs, std::string origin)
    : origin_(std::move(origin)), shifted_(static_cast<size_t>(columns)), thresholds_(static_cast<size_t>(columns)) {
  trees_.columns = columns;
  trees_.outputs = outputs;
}

void ForeignTrees::refuse(int64_t tree, int64_t node, const std::string& problem) const {
  fail(Code::data, origin_, ": tree ", tree, ", node ", node, ": ", problem);
}

void ForeignTrees::add(int64_t number, std::span<const ForeignNode> nodes, int64_t unused) {
  const auto count = static_cast<int64_t>(nodes.size());
  if (count < 1 || count > std::numeric_limits<int32_t>::max()) fail(Code::data, origin_, ": tree ", number, " has ", count, " nodes");
  std::vector<int64_t> order = {0};  // grows while it is walked
  std::vector<uint8_t> reached(nodes.size());
  reached[0] = 1;
  for (size_t at = 0; at < order.size(); ++at) {
    const int64_t place = order[at];
    const ForeignNode& node = nodes[static_cast<size_t>(place)];
    append(number, place, node);
    if (node.is_leaf()) continue;
    trees_.left.back() = static_cast<int32_t>(order.size());
    trees_.right.back() = static_cast<int32_t>(order.size() + 1);
    for (const int64_t child : {node.left, node.right}) {
      if (child < 0 || child >= count) refuse(number, place, concat("child ", child, " is out of range (the tree has ", count, " nodes)"));
      if (reached[static_cast<size_t>(child)]) refuse(number, place, concat("child ", child, " has another parent already, or is the root"));
      reached[static_cast<size_t>(child)] = 1;
      order.push_back(child);
    }
  }
  if (static_cast<int64_t>(order.size()) != count - unused) {
    const auto lost = std::find(reached.begin(), reached.end(), 0) - reached.begin();
    refuse(number, lost, "no node leads to it");
  }
  trees_.first.push_back(trees_.first.back() + static_cast<int64_t>(order.size()));
}

void ForeignTrees::append(int64_t number, int64_t place, const ForeignNode& node) {
  if (!std::isfinite(node.value)) refuse(number, place, "its value is not finite");
  if (!(node.cover >= 0)) refuse(number, place, "its cover is not a number from 0 on");
  if (std::isnan(node.gain)) refuse(number, place, "its gain is not a number");
  const bool leaf = node.is_leaf();
  if (!leaf && (node.feature < 0 || node.feature >= trees_.columns)) {
    refuse(number, place, concat("feature ", node.feature, " is out of range (the model has ", trees_.columns, ")"));
  }
  const bool number_split = !leaf && !node.by_code;
  const double threshold = number_split ? node.threshold : 0;
  if (!std::isfinite(threshold)) refuse(number, place, "its threshold is not finite");
  trees_.feature.push_back(leaf ? -1 : static_cast<int32_t>(node.feature));
  trees_.threshold.push_back(as_float(threshold));
  exact_.push_back(threshold);
  if (number_split) thresholds_[static_cast<size_t>(node.feature)].push_back(threshold);
  trees_.left.push_back(0);
  trees_.right.push_back(0);
  trees_.missing_left.push_back(!leaf && node.missing_left);
  trees_.set.push_back(!leaf && node.by_code ? add_set(number, place, node) : -1);
  trees_.value.push_back(leaf ? node.value : 0);
  trees_.cover.push_back(as_float(node.cover));
  trees_.gain.push_back(leaf ? 0 : as_float(node.gain));
}

int32_t ForeignTrees::add_set(int64_t number, int64_t place, const ForeignNode& node) {
  const int64_t shift = shifted_[static_cast<size_t>(node.feature)];
  int64_t largest = 0;
  for (const int64_t code : node.codes) {
    if (code < 0 || code >= kMostCodes) refuse(number, place, concat("category ", code, " is not one of 0 to ", kMostCodes - 1));
    largest = std::max(largest, code + shift);
  }
  const size_t begin = trees_.set_bits.size(), words = node.codes.empty() ? 0 : static_cast<size_t>(largest / 32 + 1);
  if (words > kMostSetWords - begin) refuse(number, place, "the sets of categories so far would take more than 256 MiB");
  trees_.set_bits.resize(begin + words);
  for (const int64_t code : node.codes) {
    const auto at = static_cast<size_t>(code + shift);
    trees_.set_bits[begin + at / 32] |= 1u << (at % 32);
  }
  trees_.set_first.push_back(static_cast<int64_t>(begin + words));
  return static_cast<int32_t>(trees_.set_first.size() - 2);
}

ImportedModel finished(ImportedModel about, TreeParts parts, const std::string& origin) {
  check_trees(parts, origin);
  about.model = make_tree_model(std::move(parts));
  return about;
}

}  // namespace crisp
