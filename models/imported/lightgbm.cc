#include "models/imported/lightgbm.h"

#include <algorithm>
#include <cmath>
#include <limits>

#include "core/json.h"
#include "core/printable.h"
#include "core/words.h"
#include "cuda/error.h"
#include "models/imported/foreign_tree.h"
#include "models/imported/lightgbm_text.h"
#include "models/trees/tree_model.h"
#include "table/float_cuts.h"

namespace crisp {
namespace {

constexpr int64_t kMostColumns = 100'000, kMostClasses = 1000, kMostLeaves = 1 << 24;

/// Bits of decision_type.
constexpr int64_t kCategorical = 1, kDefaultLeft = 2, kMissingShift = 2;
enum MissingType : int64_t { kNone, kZero, kNan };

struct Objective {
  std::string_view name;
  TreeLink link;
  Task task = Task::regression;
};

constexpr Objective kObjectives[] = {
    {"binary", TreeLink::logistic, Task::classification},
    {"multiclass", TreeLink::softmax, Task::classification},
    {"softmax", TreeLink::softmax, Task::classification},
    {"multiclassova", TreeLink::one_against_rest, Task::classification},
    {"multiclass_ova", TreeLink::one_against_rest, Task::classification},
    {"ova", TreeLink::one_against_rest, Task::classification},
    {"ovr", TreeLink::one_against_rest, Task::classification},
    {"cross_entropy", TreeLink::sigmoid},
    {"xentropy", TreeLink::sigmoid},
    {"poisson", TreeLink::exponential},
    {"gamma", TreeLink::exponential},
    {"tweedie", TreeLink::exponential},
    {"regression", TreeLink::identity},
    {"regression_l2", TreeLink::identity},
    {"regression_l1", TreeLink::identity},
    {"huber", TreeLink::identity},
    {"fair", TreeLink::identity},
    {"quantile", TreeLink::identity},
    {"mape", TreeLink::identity},
};

class Reader {
 public:
  Reader(std::string_view file, const std::string& origin) : origin_(origin), file_(split_lightgbm(file, origin)) {}

  ImportedModel read() {
    outputs_ = file_.head.integer("num_tree_per_iteration", 1, kMostClasses);
    find_columns();
    TreeParts parts;
    find_objective(parts);
    read_trees(parts);
    out_.library = concat("LightGBM ", file_.head.has("version") ? file_.head.text("version") : "");
    out_.objective = file_.head.has("objective") ? std::string(file_.head.text("objective")) : "none";
    return finished(std::move(out_), std::move(parts), origin_);
  }

 private:
  template <class... Parts>
  [[noreturn]] void refuse(const Parts&... parts) const {
    fail(Code::data, origin_, ": ", parts...);
  }

  void find_objective(TreeParts& parts) {
    const std::vector<std::string_view> said = file_.head.has("objective") ? words(file_.head.text("objective"), " ") : std::vector<std::string_view>();
    const std::string_view name = said.empty() ? "" : said[0];
    if (name == "cross_entropy_lambda" || name == "xentlambda") refuse("objective cross_entropy_lambda answers log(1 + exp(sum)), which is not read");
    const auto* known = std::find_if(std::begin(kObjectives), std::end(kObjectives), [&](const Objective& one) { return one.name == name; });
    if (known == std::end(kObjectives)) {
      out_.notes.push_back("the answers are LightGBM's raw scores, as raw_score=True gives them");
      if (outputs_ > 1) refuse("objective '", printable(std::string(name)), "' is not known, and has ", outputs_, " numbers a row");
    } else {
      parts.link = known->link;
      out_.task = known->task;
    }
    for (const std::string_view word : said) {
      if (word == "sqrt") parts.link = TreeLink::signed_square;
      if (word.starts_with("sigmoid:")) parts.scale = steepness(word.substr(8));
    }
    const bool classes = parts.link == TreeLink::softmax || parts.link == TreeLink::one_against_rest;
    if (classes ? outputs_ < 2 : outputs_ != 1) refuse("objective '", printable(std::string(name)), "' does not go with ", outputs_, " numbers a row");
    parts.base.assign(static_cast<size_t>(outputs_), 0.0);
  }

  double steepness(std::string_view text) const {
    const auto value = real_number(text);
    if (!value || !std::isfinite(*value) || *value <= 0) refuse("sigmoid is not a number above 0");
    return *value;
  }

  void find_columns() {
    const int64_t count = file_.head.integer("max_feature_idx", 0, kMostColumns - 1) + 1;
    for (const std::string_view name : words(file_.head.text("feature_names"), " ")) out_.columns.push_back({std::string(name)});
    if (static_cast<int64_t>(out_.columns.size()) != count) refuse("feature_names has ", out_.columns.size(), " names; max_feature_idx says ", count);
    find_categories();
  }

  /// pandas_categorical has a list of categories for each column of type category, in the order of the columns, but does not say which
  /// these are: those whose range is told as codes, or, if that leaves some over, not told because they never varied.
  void find_categories() {
    if (file_.pandas_categories.empty()) return;
    const Json lists = parse_json(file_.pandas_categories, concat(origin_, ": pandas_categorical"));
    if (!lists.is_array() || lists.empty()) return;
    const std::vector<std::string_view> ranges = words(file_.head.text("feature_infos"), " ");
    std::vector<size_t> by_code, not_a_range;
    for (size_t j = 0; j < ranges.size() && j < out_.columns.size(); ++j) {
      if (ranges[j].starts_with('[')) continue;
      not_a_range.push_back(j);
      if (ranges[j] != "none") by_code.push_back(j);
    }
    const std::vector<size_t>& chosen = by_code.size() == lists.size() ? by_code : not_a_range;
    if (chosen.size() != lists.size()) {
      out_.notes.push_back("the file does not say which columns its categories belong to: give their codes, as numbers");
      return;
    }
    for (size_t i = 0; i < chosen.size(); ++i) set_categories(out_.columns[chosen[i]], lists[i]);
  }

  void set_categories(ImportedColumn& column, const Json& list) const {
    if (!list.is_array()) refuse("the categories of column '", printable(column.name), "' are no list");
    for (const Json& value : list) {
      if (value.is_string()) column.categories.push_back(value.get<std::string>());
      else if (value.is_boolean()) column.categories.emplace_back(value.get<bool>() ? "true" : "false");
      else if (value.is_number_integer()) column.categories.push_back(concat(value.get<int64_t>()));
      else if (value.is_number()) column.categories.push_back(concat(value.get<double>()));
      else refuse("a category of column '", printable(column.name), "' is no text or number");
    }
    if (list.empty()) return;
    const Json& one = list[0];
    column.type = one.is_string() ? ColumnType::text : one.is_boolean() ? ColumnType::boolean : ColumnType::real;
  }

  void read_trees(TreeParts& parts) {
    const auto columns = static_cast<int64_t>(out_.columns.size());
    ForeignTrees all(columns, outputs_, origin_);
    for (int64_t j = 0; j < columns; ++j) {
      if (!out_.columns[static_cast<size_t>(j)].categories.empty()) all.shift_codes(j);
    }
    zeros_.assign(out_.columns.size(), false);
    values_.assign(out_.columns.size(), false);
    for (size_t tree = 0; tree < file_.trees.size(); ++tree) read_tree(all, static_cast<int64_t>(tree), file_.trees[tree]);
    const ForeignNode nothing;
    for (int64_t k = 0; file_.trees.empty() && k < outputs_; ++k) all.add(k, {&nothing, 1});
    if (file_.head.has("average_output") && !file_.trees.empty()) {
      parts.scale *= static_cast<double>(outputs_) / static_cast<double>(file_.trees.size());
    }
    set_cuts(all);
    parts.trees = std::move(all.trees());
  }

  void read_tree(ForeignTrees& all, int64_t number, const LightgbmBlock& tree) {
    const int64_t leaves = tree.integer("num_leaves", 1, kMostLeaves), splits = leaves - 1;
    if (tree.has("is_linear") && tree.integer("is_linear", 0, 1) == 1) fail(Code::data, tree.where(), ": it has linear models in its leaves (linear_tree), which are not read");
    const auto inner = static_cast<size_t>(splits);
    const std::vector<double> value = tree.reals("leaf_value", static_cast<size_t>(leaves));
    std::vector<ForeignNode> nodes(static_cast<size_t>(splits + leaves));
    for (size_t leaf = 0; leaf < value.size(); ++leaf) nodes[inner + leaf].value = value[leaf];
    if (inner > 0) {
      const std::vector<int64_t> count = tree.integers("leaf_count", value.size());
      for (size_t leaf = 0; leaf < value.size(); ++leaf) nodes[inner + leaf].cover = static_cast<double>(count[leaf]);
      read_splits(tree, splits, nodes);
    }
    all.add(number, nodes);
  }

  void read_splits(const LightgbmBlock& tree, int64_t splits, std::vector<ForeignNode>& nodes) {
    const auto inner = static_cast<size_t>(splits);
    const std::vector<int64_t> feature = tree.integers("split_feature", inner), type = tree.integers("decision_type", inner);
    const std::vector<int64_t> left = tree.integers("left_child", inner), right = tree.integers("right_child", inner);
    const std::vector<int64_t> count = tree.integers("internal_count", inner);
    const std::vector<double> threshold = tree.reals("threshold", inner), gain = tree.reals("split_gain", inner);
    // Leaves have the numbers -1, -2, ...
    const auto place = [&](size_t split, int64_t child) {
      if (child < -splits - 1 || child >= splits) {
        fail(Code::data, tree.where(), ", node ", split, ": child ", child, " is out of range (the tree has ", splits, " splits and ", splits + 1, " leaves)");
      }
      return child >= 0 ? child : splits - 1 - child;
    };
    for (size_t i = 0; i < inner; ++i) {
      ForeignNode& node = nodes[i];
      node.left = place(i, left[i]), node.right = place(i, right[i]);
      node.feature = feature[i], node.cover = static_cast<double>(count[i]), node.gain = gain[i];
      if ((type[i] & kCategorical) != 0) {
        node.by_code = true;
        node.codes = codes(tree, threshold[i], i);
      } else {
        // It is infinite where missing values are parted from all others.
        constexpr double kLargest = std::numeric_limits<double>::max();
        node.threshold = std::isnan(threshold[i]) ? threshold[i] : std::clamp(threshold[i], -kLargest, kLargest);
        find_missing(tree, i, static_cast<MissingType>(type[i] >> kMissingShift & 3), (type[i] & kDefaultLeft) != 0, node);
      }
    }
  }

  /// `none`: a missing value counts as 0. `zero`: 0 counts as missing, which the rows' preparation brings about.
  void find_missing(const LightgbmBlock& tree, size_t split, MissingType type, bool default_left, ForeignNode& node) {
    node.missing_left = type == kNone ? 0 <= node.threshold : default_left;
    if (node.feature < 0 || node.feature >= static_cast<int64_t>(out_.columns.size())) return;  // refused with its place later
    const auto column = static_cast<size_t>(node.feature);
    (type == kZero ? zeros_ : values_)[column] = true;
    if (zeros_[column] && values_[column]) {
      fail(Code::data, tree.where(), ", node ", split, ": zeros of column '", printable(out_.columns[column].name), "' are missing values here, and numbers elsewhere");
    }
  }

  std::vector<int64_t> codes(const LightgbmBlock& tree, double number, size_t split) const {
    const int64_t sets = tree.integer("num_cat", 0, kMostLeaves);
    const std::vector<int64_t>& first = set_first(tree, sets);
    const auto set = static_cast<int64_t>(number);
    if (number != std::floor(number) || number < 0 || set >= sets) fail(Code::data, tree.where(), ", node ", split, ": its set of categories is not one of ", sets);
    const int64_t begin = first[static_cast<size_t>(set)], end = first[static_cast<size_t>(set) + 1];
    std::vector<int64_t> codes;
    for (int64_t word = begin; word < end; ++word) {
      for (int64_t bit = 0; bit < 32; ++bit) {
        if (set_bits_[static_cast<size_t>(word)] >> bit & 1) codes.push_back((word - begin) * 32 + bit);
      }
    }
    return codes;
  }

  /// Parsed once a tree.
  const std::vector<int64_t>& set_first(const LightgbmBlock& tree, int64_t sets) const {
    if (set_tree_ == &tree) return set_first_;
    set_first_ = tree.integers("cat_boundaries", static_cast<size_t>(sets) + 1);
    set_bits_ = tree.integers("cat_threshold", words(tree.text("cat_threshold"), " ").size());
    const bool bits = std::all_of(set_bits_.begin(), set_bits_.end(), [](int64_t word) { return word >= 0 && word <= UINT32_MAX; });
    const bool ascend = std::is_sorted(set_first_.begin(), set_first_.end()) && set_first_.front() == 0;
    if (!bits || !ascend || set_first_.back() > static_cast<int64_t>(set_bits_.size())) fail(Code::data, tree.where(), ": cat_boundaries and cat_threshold do not fit together");
    set_tree_ = &tree;
    return set_first_;
  }

  /// Rows of 64-bit numbers are narrowed to 32 without crossing a threshold.
  void set_cuts(ForeignTrees& all) {
    std::vector<FloatCuts> cuts;
    for (size_t j = 0; j < out_.columns.size(); ++j) {
      cuts.emplace_back(all.thresholds()[j]);
      out_.columns[j].cuts = cuts.back().thresholds();
      out_.columns[j].zeros_missing = zeros_[j];
      if (!out_.columns[j].cuts.empty() && !out_.columns[j].categories.empty()) refuse("column '", printable(out_.columns[j].name), "' has categories, and is split as a number");
    }
    Trees& trees = all.trees();
    for (size_t node = 0; node < trees.feature.size(); ++node) {
      if (trees.feature[node] >= 0 && trees.set[node] < 0) {
        trees.threshold[node] = cuts[static_cast<size_t>(trees.feature[node])].of(all.exact_thresholds()[node]);
      }
    }
  }

  const std::string& origin_;
  const LightgbmFile file_;
  int64_t outputs_ = 1;
  ImportedModel out_;
  std::vector<bool> zeros_, values_;  ///< of a column: whether zeros are missing values in some node, and numbers in some
  mutable const LightgbmBlock* set_tree_ = nullptr;
  mutable std::vector<int64_t> set_first_, set_bits_;
};

}  // namespace

ImportedModel import_lightgbm(std::string_view file, const std::string& origin) { return Reader(file, origin).read(); }

}  // namespace crisp
