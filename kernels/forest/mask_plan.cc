#include "kernels/forest/mask_plan.h"

#include <algorithm>
#include <bit>
#include <limits>
#include <tuple>

namespace crisp::forest {
namespace {

constexpr int32_t kMostCodes = 4096;
constexpr int64_t kMostMemoryRows = 1 << 16;  // as far as a MaskStep's numbers reach
constexpr uint16_t kZeros = 0, kOnes = 1, kFirstMask = 2;

struct Question {
  int32_t feature, set;
  float threshold;
  bool missing_left;

  /// Thresholds before sets; of a column the highest threshold first.
  auto key() const { return std::tuple(feature, set, set >= 0 ? 0.0f : -threshold, missing_left); }
  bool operator==(const Question& other) const { return key() == other.key(); }
  bool same_column(const Question& other) const { return feature == other.feature && (set < 0) == (other.set < 0); }
};

int32_t left_of(const Node* nodes, int32_t i) { return i + nodes[i].child; }

Question question_of(const Node& node) {
  const bool has_set = (node.split & kHasSet) != 0;
  return {static_cast<int32_t>(node.split & kFeature), has_set ? node.extra : -1, has_set ? 0.0f : node.threshold,
          (node.split & kMissingLeft) != 0};
}

std::vector<Question> distinct_questions(const NodeTable& table) {
  std::vector<Question> questions;
  for (int64_t t = 0; t < table.trees(); ++t) {
    const Node* nodes = table.nodes.data() + table.first[t];
    for (int32_t i = 0; i < table.first[t + 1] - table.first[t]; ++i) {
      if (!is_leaf(nodes[i])) questions.push_back(question_of(nodes[i]));
    }
  }
  std::ranges::sort(questions, {}, &Question::key);
  const auto repeats = std::ranges::unique(questions);
  questions.erase(repeats.begin(), repeats.end());
  return questions;
}

/// Level l of the search holds what is compared after l answers: of the sorted thresholds, infinity beyond their end, the middle of each of
/// 2^l equal parts.
void add_search_levels(const std::vector<float>& sorted, int32_t levels, std::vector<float>& to) {
  for (int32_t level = 0; level < levels; ++level) {
    const size_t parts = size_t{1} << level, part = size_t{1} << (levels - level);
    for (size_t i = 0; i < std::max<size_t>(parts, 16); ++i) {
      const size_t middle = i * part + part / 2 - 1;
      to.push_back(middle < sorted.size() ? sorted[middle] : std::numeric_limits<float>::infinity());
    }
  }
}

class Planner {
 public:
  Planner(const NodeTable& table, MaskPlan& plan) : table_(table), plan_(plan) {}

  bool make() {
    for (int64_t t = 0; t < table_.trees(); ++t) {
      if (table_.first_leaf[t + 1] - table_.first_leaf[t] > int64_t{1} << kMostPlanes) return false;
    }
    questions_ = distinct_questions(table_);
    if (static_cast<int64_t>(questions_.size()) > kMostMemoryRows / 2 || !add_sets()) return false;
    for (size_t begin = 0, end; begin < questions_.size(); begin = end) {
      for (end = begin; end < questions_.size() && questions_[end].same_column(questions_[begin]);) ++end;
      add_column(begin, end);
    }
    first_free_ = static_cast<int64_t>(kFirstMask + questions_.size());
    plan_.memory_rows = first_free_;
    for (int64_t t = 0; t < table_.trees(); ++t) {
      if (!add_tree(t)) return false;
    }
    plan_.step.insert(plan_.step.end(), kAhead, MaskStep{});
    return true;
  }

 private:
  bool add_sets() {
    plan_.set_first = {0};
    for (size_t set = 0; set + 1 < table_.set_first.size(); ++set) {
      const int64_t words = table_.set_first[set + 1] - table_.set_first[set];
      if (words * 32 > kMostCodes) return false;
      for (int32_t code = 0; code < words * 32; ++code) {
        if (table_.set_bits[table_.set_first[set] + code / 32] >> (code % 32) & 1u) plan_.set_code.push_back(code);
      }
      plan_.set_first.push_back(static_cast<int64_t>(plan_.set_code.size()));
    }
    return true;
  }

  void add_column(size_t begin, size_t end) {
    MaskColumn column{questions_[begin].feature, 0, 0, static_cast<int64_t>(plan_.search.size()), static_cast<int64_t>(begin),
                      static_cast<int64_t>(end)};
    if (questions_[begin].set >= 0) {
      for (size_t i = begin; i < end; ++i) {
        const int32_t set = questions_[i].set;
        plan_.condition.push_back({set, questions_[i].missing_left});
        for (int64_t k = plan_.set_first[set]; k < plan_.set_first[set + 1]; ++k) {
          column.answers = std::max(column.answers, plan_.set_code[k] + 1);
        }
      }
    } else {
      std::vector<float> thresholds;
      for (size_t i = end; i > begin; --i) {
        if (thresholds.empty() || thresholds.back() != questions_[i - 1].threshold) thresholds.push_back(questions_[i - 1].threshold);
      }
      auto answer = static_cast<int32_t>(thresholds.size());
      for (size_t i = begin; i < end; ++i) {
        if (i > begin && questions_[i].threshold != questions_[i - 1].threshold) --answer;
        plan_.condition.push_back({answer, questions_[i].missing_left});
      }
      column.answers = static_cast<int32_t>(thresholds.size()) + 1;
      column.levels = static_cast<int32_t>(std::bit_width(thresholds.size()));
      add_search_levels(thresholds, column.levels, plan_.search);
    }
    plan_.most_answers = std::max(plan_.most_answers, column.answers);
    plan_.column.push_back(column);
  }

  /// Numbers the leaves. Of two children the one whose number of leaves is divisible by the higher power of two comes first, so that more
  /// subtrees begin at a round number and differ in few bits.
  void number_leaves(const Node* nodes, int32_t count) {
    size_.assign(static_cast<size_t>(count), 1);
    number_.assign(static_cast<size_t>(count), 0);
    order_.clear();
    std::vector<int32_t> pending{0};
    while (!pending.empty()) {  // parents before children
      const int32_t i = pending.back();
      pending.pop_back();
      if (is_leaf(nodes[i])) continue;
      order_.push_back(i);
      pending.push_back(left_of(nodes, i));
      pending.push_back(left_of(nodes, i) + 1);
    }
    for (size_t k = order_.size(); k-- > 0;) size_[order_[k]] = size_[left_of(nodes, order_[k])] + size_[left_of(nodes, order_[k]) + 1];
    for (const int32_t i : order_) {
      const int32_t left = left_of(nodes, i), right = left + 1;
      const bool right_first = std::countr_zero(static_cast<uint32_t>(size_[right])) > std::countr_zero(static_cast<uint32_t>(size_[left]));
      number_[left] = number_[i] + (right_first ? size_[right] : 0);
      number_[right] = number_[i] + (right_first ? 0 : size_[left]);
    }
  }

  /// The nodes of which the answers are made, children before parents, the larger child's subtree first: then few answers wait.
  std::vector<int32_t> bottom_up(const Node* nodes) const {
    std::vector<int32_t> order, pending{0};
    while (!pending.empty()) {
      const int32_t i = pending.back();
      pending.pop_back();
      if (is_leaf(nodes[i])) continue;
      order.push_back(i);
      const int32_t left = left_of(nodes, i), right = left + 1;
      const bool left_larger = size_[left] > size_[right];
      pending.push_back(left_larger ? left : right);
      pending.push_back(left_larger ? right : left);
    }
    std::ranges::reverse(order);
    return order;
  }

  bool add_tree(int64_t t) {
    const Node* nodes = table_.nodes.data() + table_.first[t];
    const auto count = static_cast<int32_t>(table_.first[t + 1] - table_.first[t]);
    number_leaves(nodes, count);
    MaskTree tree{static_cast<int64_t>(plan_.step.size()), 0, static_cast<int32_t>(std::bit_width(static_cast<uint32_t>(size_[0] - 1))), {},
                  static_cast<int64_t>(plan_.value.size())};
    planes_ = tree.planes;
    answer_.assign(static_cast<size_t>(count) * static_cast<size_t>(planes_), kZeros);
    add_values(t, nodes, count);
    free_.clear();
    next_free_ = first_free_;
    for (const int32_t i : bottom_up(nodes)) {
      if (!add_node(nodes[i], i)) return false;
    }
    std::copy_n(answer_.begin(), planes_, tree.plane);
    tree.last_step = static_cast<int64_t>(plan_.step.size());
    plan_.tree.push_back(tree);
    return true;
  }

  /// In the order of the leaves' numbers; and the leaves' answers are constant.
  void add_values(int64_t t, const Node* nodes, int32_t count) {
    const int64_t width = table_.values_of_leaf(), begin = static_cast<int64_t>(plan_.value.size());
    plan_.value.resize(static_cast<size_t>(begin + size_[0] * width));
    for (int32_t i = 0; i < count; ++i) {
      if (!is_leaf(nodes[i])) continue;
      std::copy_n(table_.value.begin() + (table_.first_leaf[t] + nodes[i].extra) * width, width,
                  plan_.value.begin() + begin + number_[i] * width);
      for (int32_t p = 0; p < planes_; ++p) answer_[i * planes_ + p] = number_[i] >> p & 1 ? kOnes : kZeros;
    }
  }

  bool add_node(const Node& node, int32_t i) {
    const auto found = std::ranges::lower_bound(questions_, question_of(node).key(), {}, &Question::key);
    const auto mask = static_cast<uint16_t>(kFirstMask + (found - questions_.begin()));
    uint16_t* mine = answer_.data() + i * planes_;
    const uint16_t* left = answer_.data() + (i + node.child) * planes_;
    const uint16_t* right = left + planes_;
    for (int32_t p = 0; p < planes_; ++p) {
      if (left[p] == right[p]) {
        mine[p] = left[p];
      } else if (left[p] == kZeros && right[p] == kOnes) {
        mine[p] = mask;
      } else {
        mine[p] = take_free();
        if (next_free_ > kMostMemoryRows) return false;
        plan_.step.push_back({mask, left[p], right[p], mine[p]});
      }
    }
    give_back(left);
    give_back(right);
    return true;
  }

  uint16_t take_free() {
    if (free_.empty()) {
      free_.push_back(static_cast<uint16_t>(next_free_++));
      plan_.memory_rows = std::max(plan_.memory_rows, next_free_);
    }
    const uint16_t row = free_.back();
    free_.pop_back();
    return row;
  }

  /// A child's rows: its parent never keeps one, because no two answers are one row unless they are constant or a mask.
  void give_back(const uint16_t* child) {
    for (int32_t p = 0; p < planes_; ++p) {
      if (child[p] >= first_free_) free_.push_back(child[p]);
    }
  }

  const NodeTable& table_;
  MaskPlan& plan_;
  std::vector<Question> questions_;
  int64_t first_free_ = 0, next_free_ = 0;
  int32_t planes_ = 0;
  std::vector<int32_t> size_, number_, order_;
  std::vector<uint16_t> answer_;  // per node and plane: the row that holds it
  std::vector<uint16_t> free_;
};

}  // namespace

std::optional<MaskPlan> make_mask_plan(const NodeTable& table) {
  MaskPlan plan;
  plan.columns = table.columns;
  plan.outputs = table.outputs;
  plan.vector_leaves = table.vector_leaves;
  plan.single = table.single;
  plan.start = table.start;
  if (!Planner(table, plan).make()) return std::nullopt;
  return plan;
}

}  // namespace crisp::forest
