#include "models/trees/rules.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <map>
#include <optional>
#include <set>

#include "core/format.h"
#include "cuda/error.h"

namespace crisp {
namespace {

constexpr int kDigits = 6;

/// What a path has said of one column so far.
struct Condition {
  double above = -std::numeric_limits<double>::infinity(), most = std::numeric_limits<double>::infinity();
  std::optional<std::set<int64_t>> among;  ///< absent: any
  std::set<int64_t> none_of;
  bool missing = true;  ///< whether a missing value comes this way, too

  void number(float threshold, bool left) {
    const auto cut = static_cast<double>(threshold);
    if (left) most = std::min(most, cut);
    else above = std::max(above, cut);
  }

  void codes(const std::set<int64_t>& set, bool left) {
    if (!left) return none_of.insert(set.begin(), set.end()), void();
    std::set<int64_t> both;
    for (const int64_t code : set) {
      if (!among || among->contains(code)) both.insert(code);
    }
    among = both;
  }
};

std::set<int64_t> codes_of(const TreesView& trees, int32_t set) {
  std::set<int64_t> codes;
  const int64_t begin = trees.set_first[set], end = trees.set_first[set + 1];
  for (int64_t word = begin; word < end; ++word) {
    for (int bit = 0; bit < 32; ++bit) {
      if (trees.set_bits[word] >> bit & 1) codes.insert((word - begin) * 32 + bit);
    }
  }
  return codes;
}

std::string listed(const std::set<int64_t>& codes, const RuleColumn& column) {
  std::string text;
  for (const int64_t code : codes) {
    const bool named = code < static_cast<int64_t>(column.categories.size());
    text += concat(text.empty() ? "" : ", ", named ? column.categories[static_cast<size_t>(code)] : concat(code));
  }
  return concat("{", text, "}");
}

std::string interval(const Condition& condition, const std::string& name) {
  const std::string above = format_number(condition.above, kDigits), most = format_number(condition.most, kDigits);
  if (std::isinf(condition.above)) return concat(name, " <= ", most);
  if (std::isinf(condition.most)) return concat(name, " > ", above);
  return concat(above, " < ", name, " <= ", most);
}

std::string sets(const Condition& condition, const RuleColumn& column) {
  if (!condition.among) return concat(column.name, " not in ", listed(condition.none_of, column));
  std::set<int64_t> left = *condition.among;
  for (const int64_t code : condition.none_of) left.erase(code);
  return concat(column.name, " in ", listed(left, column));
}

std::string text_of(const Condition& condition, const RuleColumn& column) {
  std::vector<std::string> said;
  if (!std::isinf(condition.above) || !std::isinf(condition.most)) said.push_back(interval(condition, column.name));
  if (condition.among || !condition.none_of.empty()) said.push_back(sets(condition, column));
  std::string text;
  for (const std::string& part : said) text += concat(text.empty() ? "" : " and ", part);
  if (!column.missing) return text;
  return condition.missing ? concat("(", text, " or ", column.name, " missing)") : text;
}

class Tree {
 public:
  Tree(const TreeParts& parts, int64_t tree, const std::vector<RuleColumn>& columns)
      : trees_(parts.trees.view()), begin_(trees_.first[tree]), nodes_(trees_.first[tree + 1] - begin_), columns_(columns) {
    parent_.resize(static_cast<size_t>(nodes_), -1);
    for (int64_t node = 0; node < nodes_; ++node) {
      if (is_leaf(node)) continue;
      for (const int32_t child : {trees_.left[begin_ + node], trees_.right[begin_ + node]}) parent_[static_cast<size_t>(child)] = node;
    }
  }

  /// Without recursion, as deep as the tree may be.
  std::vector<std::string> rules() const {
    std::vector<std::string> rules;
    std::vector<int64_t> open = {0};
    while (!open.empty()) {
      const int64_t node = open.back();
      open.pop_back();
      if (is_leaf(node)) {
        rules.push_back(rule(node));
      } else {
        open.push_back(trees_.right[begin_ + node]);
        open.push_back(trees_.left[begin_ + node]);
      }
    }
    return rules;
  }

 private:
  bool is_leaf(int64_t node) const { return trees_.feature[begin_ + node] < 0; }

  std::string rule(int64_t leaf) const {
    std::vector<int32_t> order;
    const std::map<int32_t, Condition> said = conditions(leaf, order);
    std::string text;
    for (const int32_t feature : order) {
      text += concat(text.empty() ? "" : " and ", text_of(said.at(feature), columns_[static_cast<size_t>(feature)]));
    }
    return concat(text.empty() ? "always" : text, " → ", values(leaf), " (", weight(leaf), ")");
  }

  /// `order`: the columns as the path asks for them.
  std::map<int32_t, Condition> conditions(int64_t leaf, std::vector<int32_t>& order) const {
    std::vector<int64_t> path;
    for (int64_t node = leaf; node >= 0; node = parent_[static_cast<size_t>(node)]) path.push_back(node);
    std::map<int32_t, Condition> said;
    for (size_t step = path.size() - 1; step > 0; --step) {
      const int64_t at = begin_ + path[step];
      const bool left = trees_.left[at] == path[step - 1];
      const auto [place, fresh] = said.try_emplace(trees_.feature[at]);
      if (fresh) order.push_back(trees_.feature[at]);
      place->second.missing = place->second.missing && left == (trees_.missing_left[at] != 0);
      if (trees_.set[at] < 0) place->second.number(trees_.threshold[at], left);
      else place->second.codes(codes_of(trees_, trees_.set[at]), left);
    }
    return said;
  }

  std::string values(int64_t leaf) const {
    const int64_t count = trees_.values_of_node();
    std::string text;
    for (int64_t k = 0; k < count; ++k) text += concat(k ? ", " : "", format_number(trees_.value[(begin_ + leaf) * count + k], kDigits));
    return count == 1 ? text : concat("[", text, "]");
  }

  std::string weight(int64_t leaf) const {
    const auto cover = static_cast<double>(trees_.cover[begin_ + leaf]);
    constexpr double kWhole = 1 << 24;  // above, a float holds whole numbers only, whatever it meant
    if (cover == std::floor(cover) && cover < kWhole) return counted(static_cast<int64_t>(cover), "row");
    return concat("weight ", format_number(cover, kDigits));
  }

  const TreesView trees_;
  const int64_t begin_, nodes_;
  const std::vector<RuleColumn>& columns_;
  std::vector<int64_t> parent_;
};

}  // namespace

std::vector<std::string> tree_rules(const TreeParts& parts, int64_t tree, const std::vector<RuleColumn>& columns) {
  CRISP_ASSERT(tree >= 0 && tree < parts.trees.view().trees() && static_cast<int64_t>(columns.size()) == parts.trees.columns);
  return Tree(parts, tree, columns).rules();
}

}  // namespace crisp
