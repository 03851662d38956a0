/// Trees come from files: nothing of them is believed. Every child stands behind its parent and has one parent only, so that all
/// nodes are reached from the root, no walk turns in a circle, and no check needs recursion, however deep the tree.
#include <cmath>
#include <limits>

#include "cuda/error.h"
#include "models/trees/tree_model.h"

namespace crisp {
namespace {

constexpr int64_t kMostColumns = int64_t{1} << 20;
constexpr int64_t kMostOutputs = 100'000;

class Check {
 public:
  Check(const TreeParts& parts, const std::string& whose) : parts_(parts), trees_(parts.trees.view()), whose_(whose) {}

  void everything() {
    shape();
    lengths();
    first_nodes();
    sets();
    for (tree_ = 0; tree_ < trees_.trees(); ++tree_) tree();
  }

 private:
  template <class... Parts>
  [[noreturn]] void refuse(const Parts&... parts) const {
    fail(Code::data, whose_, ": ", parts...);
  }
  template <class... Parts>
  [[noreturn]] void refuse_node(int64_t node, const Parts&... parts) const {
    fail(Code::data, whose_, "'s tree ", tree_, ", node ", node, ": ", parts...);
  }

  void shape() const {
    if (trees_.columns < 1 || trees_.columns > kMostColumns) refuse(trees_.columns, " columns; 1 to ", kMostColumns, " are allowed");
    if (trees_.outputs < 1 || trees_.outputs > kMostOutputs) refuse(trees_.outputs, " outputs; 1 to ", kMostOutputs, " are allowed");
    if (parts_.sums() != trees_.outputs) refuse("base has ", parts_.sums(), " numbers for ", trees_.outputs, " outputs");
    for (const double base : parts_.base) {
      if (!std::isfinite(base)) refuse("a number of base is not finite");
    }
    if (!std::isfinite(parts_.scale)) refuse("scale is not finite");
    single_sums();
    const bool classes = parts_.link == TreeLink::softmax || parts_.link == TreeLink::one_against_rest;
    if (parts_.link == TreeLink::logistic && trees_.outputs != 1) refuse("two classes are told apart by one sum, not ", trees_.outputs);
    if (classes && trees_.outputs < 2) refuse("one sum is given for several classes");
  }

  void single_sums() const {
    const ArrayView<const double> start = trees_.single_start;
    if (start.size != 0 && start.size != trees_.outputs) refuse("single_start has ", start.size, " numbers for ", trees_.outputs, " outputs");
    for (const double number : start) {
      if (!std::isfinite(number)) refuse("a number of single_start is not finite");
    }
  }

  void length(int64_t size, int64_t expected, const char* what) const {
    if (size != expected) refuse(what, " has ", size, " numbers for ", expected, " nodes");
  }

  void lengths() const {
    const int64_t nodes = trees_.nodes();
    length(trees_.threshold.size, nodes, "threshold");
    length(trees_.left.size, nodes, "left");
    length(trees_.right.size, nodes, "right");
    length(trees_.missing_left.size, nodes, "missing_left");
    length(trees_.set.size, nodes, "set");
    length(trees_.cover.size, nodes, "cover");
    length(trees_.gain.size, nodes, "gain");
    int64_t values = 0;
    if (__builtin_mul_overflow(nodes, trees_.values_of_node(), &values) || trees_.value.size != values) {
      refuse("value has ", trees_.value.size, " numbers for ", nodes, " nodes of ", trees_.values_of_node());
    }
  }

  void first_nodes() const {
    if (trees_.trees() < 1) refuse("there are no trees");
    if (trees_.first[0] != 0) refuse("the first tree does not begin at node 0");
    if (trees_.first[trees_.trees()] != trees_.nodes()) refuse("the last tree does not end at the last of ", trees_.nodes(), " nodes");
    for (int64_t t = 0; t < trees_.trees(); ++t) {
      const int64_t begin = trees_.first[t], end = trees_.first[t + 1];
      // Both lie in [0, nodes], or an earlier pair was refused: the difference cannot overflow.
      if (end <= begin || end > trees_.nodes()) refuse("tree ", t, " has no nodes, or some of another tree");
      if (end - begin > std::numeric_limits<int32_t>::max()) refuse("tree ", t, " has ", end - begin, " nodes, too many");
    }
    if (!trees_.vector_leaves && trees_.trees() % trees_.outputs != 0) {
      refuse(trees_.trees(), " trees cannot be shared out among ", trees_.outputs, " outputs");
    }
  }

  int64_t sets_there() const { return trees_.set_first.size - 1; }

  void sets() const {
    if (trees_.set_first.size < 1 || trees_.set_first[0] != 0 || trees_.set_first[sets_there()] != trees_.set_bits.size) {
      refuse("the sets of categories do not cover set_bits");
    }
    for (int64_t s = 0; s < sets_there(); ++s) {
      if (trees_.set_first[s + 1] < trees_.set_first[s] || trees_.set_first[s + 1] > trees_.set_bits.size) {
        refuse("set ", s, " of categories ends before it begins, or behind the last");
      }
    }
  }

  void tree() {
    const int64_t begin = trees_.first[tree_], nodes = trees_.first[tree_ + 1] - begin;
    has_parent_.assign(static_cast<size_t>(nodes), 0);
    for (int64_t node = 0; node < nodes; ++node) {
      if (node > 0 && !has_parent_[static_cast<size_t>(node)]) refuse_node(node, "no node leads to it");
      numbers(node, begin + node);
      if (trees_.feature[begin + node] < 0) {
        leaf(node, begin + node);
      } else {
        inner(node, begin + node, nodes);
      }
    }
  }

  void numbers(int64_t node, int64_t at) const {
    if (!std::isfinite(trees_.threshold[at])) refuse_node(node, "its threshold is not finite");
    if (!std::isfinite(trees_.gain[at])) refuse_node(node, "its gain is not finite");
    if (!(trees_.cover[at] >= 0) || !std::isfinite(trees_.cover[at])) refuse_node(node, "its cover is not a number from 0 on");
    if (trees_.missing_left[at] > 1) refuse_node(node, "missing_left is ", int{trees_.missing_left[at]}, ", not 0 or 1");
    for (int64_t k = 0; k < trees_.values_of_node(); ++k) {
      const double value = trees_.value[at * trees_.values_of_node() + k];
      if (!std::isfinite(value)) refuse_node(node, "its value is not finite");
      if (trees_.feature[at] >= 0 && value != 0) refuse_node(node, "it is no leaf, and has the value ", value);
    }
  }

  void leaf(int64_t node, int64_t at) const {
    if (trees_.feature[at] != -1) refuse_node(node, "its feature is ", trees_.feature[at]);
    if (trees_.left[at] != 0 || trees_.right[at] != 0) refuse_node(node, "a leaf has children");
    if (trees_.set[at] != -1) refuse_node(node, "a leaf has a set of categories");
    if (trees_.gain[at] != 0) refuse_node(node, "a leaf has gained ", trees_.gain[at]);
  }

  void inner(int64_t node, int64_t at, int64_t nodes) {
    if (trees_.feature[at] >= trees_.columns) {
      refuse_node(node, "feature ", trees_.feature[at], " is out of range (the rows have ", trees_.columns, " columns)");
    }
    if (trees_.set[at] < -1 || trees_.set[at] >= sets_there()) {
      refuse_node(node, "set ", trees_.set[at], " is out of range (there are ", sets_there(), ")");
    }
    child(node, trees_.left[at], nodes);
    child(node, trees_.right[at], nodes);
  }

  void child(int64_t node, int64_t child, int64_t nodes) {
    if (child < 0 || child >= nodes) refuse_node(node, "child ", child, " is out of range (the tree has ", nodes, " nodes)");
    if (child <= node) refuse_node(node, "child ", child, " does not stand behind it");
    if (has_parent_[static_cast<size_t>(child)]) refuse_node(node, "child ", child, " has another parent already");
    has_parent_[static_cast<size_t>(child)] = 1;
  }

  const TreeParts& parts_;
  const TreesView trees_;
  const std::string& whose_;
  int64_t tree_ = 0;
  std::vector<uint8_t> has_parent_;
};

}  // namespace

void check_trees(const TreeParts& parts, const std::string& whose) { Check(parts, whose).everything(); }

}  // namespace crisp
