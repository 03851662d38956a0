#include "models/imported/xgboost.h"

#include <algorithm>
#include <cmath>
#include <limits>

#include "cuda/error.h"
#include "cuda/exact_math.h"
#include "models/imported/foreign_tree.h"
#include "models/imported/number_text.h"
#include "models/trees/tree_model.h"

namespace crisp {
namespace {

constexpr int64_t kMostColumns = 100'000, kMostClasses = 1000;

/// How base_score, which stands in the units of the answers, becomes a sum.
enum class Margin { same, logit, log };

struct Objective {
  const char* name;
  TreeLink link;
  Margin margin;
  Task task = Task::regression;
};

constexpr Objective kObjectives[] = {
    {"binary:logistic", TreeLink::logistic, Margin::logit, Task::classification},
    {"multi:softprob", TreeLink::softmax, Margin::same, Task::classification},
    {"multi:softmax", TreeLink::softmax, Margin::same, Task::classification},
    {"reg:logistic", TreeLink::sigmoid, Margin::logit},
    {"binary:logitraw", TreeLink::identity, Margin::same},
    {"count:poisson", TreeLink::exponential, Margin::log},
    {"reg:gamma", TreeLink::exponential, Margin::log},
    {"reg:tweedie", TreeLink::exponential, Margin::log},
    {"survival:cox", TreeLink::exponential, Margin::log},
    {"survival:aft", TreeLink::exponential, Margin::log},
    {"reg:squarederror", TreeLink::identity, Margin::same},
    {"reg:linear", TreeLink::identity, Margin::same},
    {"reg:squaredlogerror", TreeLink::identity, Margin::same},
    {"reg:pseudohubererror", TreeLink::identity, Margin::same},
    {"reg:absoluteerror", TreeLink::identity, Margin::same},
    {"reg:quantileerror", TreeLink::identity, Margin::same},
    {"reg:expectileerror", TreeLink::identity, Margin::same},
};
constexpr Objective kRaw = {"", TreeLink::identity, Margin::same};

class Reader {
 public:
  Reader(const Json& file, const std::string& origin) : file_(file), origin_(origin) {}

  ImportedModel read() {
    learner_ = &member(file_, "learner", &Json::is_object);
    const Json& booster = booster_model();
    find_objective();
    find_columns(booster);
    TreeParts parts = read_trees(booster);
    parts.link = objective_.link;
    parts.base = base();
    out_.library = concat("XGBoost", version());
    out_.objective = name_;
    out_.task = objective_.task;
    return finished(std::move(out_), std::move(parts), origin_);
  }

 private:
  template <class... Parts>
  [[noreturn]] void refuse(const Parts&... parts) const {
    fail(Code::data, origin_, ": ", parts...);
  }

  const Json& member(const Json& json, const char* key, bool (Json::*is_kind)() const noexcept) const {
    if (json.is_object()) {
      const auto found = json.find(key);
      if (found != json.end() && ((*found).*is_kind)()) return *found;
    }
    refuse("'", key, "' is missing, or is not what XGBoost writes");
  }

  /// XGBoost writes its parameters as texts.
  int64_t parameter(const Json& json, const char* key, int64_t low, int64_t high) const {
    const auto& text = member(json, key, &Json::is_string).get_ref<const std::string&>();
    const auto value = whole_number(text);
    if (!value || *value < low || *value > high) refuse("'", key, "' is not a whole number from ", low, " to ", high);
    return *value;
  }

  std::vector<double> numbers(const Json& tree, const char* key, int64_t number, size_t expected) const {
    const Json& list = member(tree, key, &Json::is_array);
    if (list.size() != expected) refuse("tree ", number, ": '", key, "' has ", list.size(), " numbers for ", expected, " nodes");
    std::vector<double> out;
    out.reserve(list.size());
    for (const Json& value : list) {
      // JSON has no infinity or NaN; older releases write them as texts or null.
      out.push_back(value.is_number() ? value.get<double>() : value.is_boolean() ? value.get<bool>() : std::nan(""));
    }
    return out;
  }

  /// What is no whole number becomes -2, which is no node, no feature and no place.
  std::vector<int64_t> whole(const Json& tree, const char* key, int64_t number, size_t expected) const {
    std::vector<int64_t> out;
    for (const double value : numbers(tree, key, number, expected)) {
      out.push_back(value == std::floor(value) && std::fabs(value) < 0x1p53 ? static_cast<int64_t>(value) : -2);
    }
    return out;
  }

  std::string version() const {
    std::string text;
    const auto list = file_.find("version");
    if (list == file_.end() || !list->is_array()) return text;
    for (const Json& part : *list) text += concat(text.empty() ? " " : ".", part.is_number_integer() ? part.get<int64_t>() : 0);
    return text;
  }

  const Json& booster_model() {
    const Json& booster = member(*learner_, "gradient_booster", &Json::is_object);
    const auto& name = member(booster, "name", &Json::is_string).get_ref<const std::string&>();
    if (name == "gblinear") refuse("its booster is gblinear, a weighted sum and no trees; train crisp's linear or logistic instead");
    if (name == "dart") {
      weights_ = &member(booster, "weight_drop", &Json::is_array);
      return member(member(booster, "gbtree", &Json::is_object), "model", &Json::is_object);
    }
    if (name != "gbtree") refuse("its booster is none of gbtree and dart");
    return member(booster, "model", &Json::is_object);
  }

  void find_objective() {
    const Json& shape = member(*learner_, "learner_model_param", &Json::is_object);
    name_ = member(member(*learner_, "objective", &Json::is_object), "name", &Json::is_string).get<std::string>();
    const auto* known = std::find_if(std::begin(kObjectives), std::end(kObjectives), [&](const Objective& one) { return one.name == name_; });
    objective_ = known == std::end(kObjectives) ? kRaw : *known;
    if (known == std::end(kObjectives)) out_.notes.push_back("the answers are XGBoost's raw sums, as output_margin=True gives them");
    if (shape.contains("num_target") && parameter(shape, "num_target", 0, INT64_MAX) > 1) refuse("it predicts several targets at once; crisp's models predict one");
    const int64_t classes = parameter(shape, "num_class", 0, kMostClasses);
    outputs_ = std::max<int64_t>(classes, 1);
    if (objective_.link == TreeLink::softmax && classes < 2) refuse("it tells classes apart, and num_class is ", classes);
    if (objective_.link != TreeLink::softmax && outputs_ > 1) refuse("objective '", name_, "' gives one number, and num_class is ", classes);
    features_ = parameter(shape, "num_feature", 1, kMostColumns);
  }

  std::vector<double> base() const {
    const auto& text = member(member(*learner_, "learner_model_param", &Json::is_object), "base_score", &Json::is_string).get_ref<const std::string&>();
    std::vector<double> scores;
    for (const std::string_view word : words(text, "[], ")) {
      const auto value = real_number(word);
      if (!value) refuse("base_score is not a number, or a list of numbers");
      scores.push_back(static_cast<double>(static_cast<float>(*value)));
    }
    if (scores.size() == 1) scores.resize(static_cast<size_t>(outputs_), scores[0]);
    if (static_cast<int64_t>(scores.size()) != outputs_) refuse("base_score has ", scores.size(), " numbers for ", outputs_, " sums");
    for (double& score : scores) score = margin(score);
    return scores;
  }

  double margin(double score) const {
    if (objective_.margin == Margin::same) return score;
    if (!(score > 0) || (objective_.margin == Margin::logit && !(score < 1))) refuse("base_score ", score, " is none that '", name_, "' can have");
    return objective_.margin == Margin::log ? exact_log(score) : exact_log(score / (1 - score));
  }

  /// Names and, where the model was trained on texts, their categories.
  void find_columns(const Json& booster) {
    const Json names = learner_->value("feature_names", Json::array()), types = learner_->value("feature_types", Json::array());
    for (const Json* list : {&names, &types}) {
      const bool fits = list->is_array() && (list->empty() || static_cast<int64_t>(list->size()) == features_) &&
                        std::all_of(list->begin(), list->end(), [](const Json& word) { return word.is_string(); });
      if (!fits) refuse("feature_names or feature_types are not ", features_, " texts");
    }
    for (int64_t j = 0; j < features_; ++j) {
      out_.columns.push_back({names.empty() ? concat("f", j) : names[static_cast<size_t>(j)].get<std::string>()});
    }
    if (booster.contains("cats")) find_categories(booster["cats"]);
  }

  void find_categories(const Json& cats) {
    const Json& all = member(cats, "enc", &Json::is_array);
    if (all.empty()) return;
    if (static_cast<int64_t>(all.size()) != features_) refuse("the categories of ", all.size(), " columns are told, of ", features_);
    for (size_t j = 0; j < all.size(); ++j) {
      const Json& values = member(all[j], "values", &Json::is_array);
      if (values.empty()) continue;
      out_.columns[j].categories = all[j].contains("offsets") ? texts(values, member(all[j], "offsets", &Json::is_array), j) : number_texts(values, j);
      out_.columns[j].type = all[j].contains("offsets") ? ColumnType::text : ColumnType::real;
    }
  }

  /// Bytes, one text after the other.
  std::vector<std::string> texts(const Json& bytes, const Json& offsets, size_t column) const {
    std::vector<std::string> out;
    for (size_t i = 0; i + 1 < offsets.size(); ++i) {
      const bool whole = offsets[i].is_number_integer() && offsets[i + 1].is_number_integer();
      const int64_t begin = whole ? offsets[i].get<int64_t>() : -1, end = whole ? offsets[i + 1].get<int64_t>() : -1;
      if (begin < 0 || end < begin || end > static_cast<int64_t>(bytes.size())) refuse("the categories of column '", out_.columns[column].name, "' are damaged");
      std::string text;
      for (int64_t at = begin; at < end; ++at) {
        const Json& byte = bytes[static_cast<size_t>(at)];
        text += static_cast<char>(byte.is_number_integer() ? byte.get<int64_t>() : '?');
      }
      out.push_back(std::move(text));
    }
    return out;
  }

  std::vector<std::string> number_texts(const Json& values, size_t column) const {
    std::vector<std::string> out;
    for (const Json& value : values) {
      if (!value.is_number()) refuse("the categories of column '", out_.columns[column].name, "' are damaged");
      out.push_back(concat(value.get<double>()));
    }
    return out;
  }

  TreeParts read_trees(const Json& booster) {
    const Json& trees = member(booster, "trees", &Json::is_array);
    ForeignTrees all(features_, outputs_, origin_);
    for (int64_t j = 0; j < features_; ++j) {
      if (!out_.columns[static_cast<size_t>(j)].categories.empty()) all.shift_codes(j);
    }
    const std::vector<size_t> order = trees_by_output(booster, trees.size());
    const std::vector<double> weights = weights_ ? weights_of(trees.size()) : std::vector<double>(trees.size(), 1.0);
    for (const size_t tree : order) read_tree(all, static_cast<int64_t>(tree), trees[tree], weights[tree]);
    // A model of no trees has its base alone.
    const ForeignNode nothing;
    for (int64_t k = 0; order.empty() && k < outputs_; ++k) all.add(k, {&nothing, 1});
    TreeParts parts;
    parts.trees = std::move(all.trees());
    return parts;
  }

  std::vector<double> weights_of(size_t trees) const {
    std::vector<double> weights;
    for (const Json& weight : *weights_) weights.push_back(weight.is_number() ? weight.get<double>() : std::nan(""));
    if (weights.size() != trees) refuse("weight_drop has ", weights.size(), " numbers for ", trees, " trees");
    return weights;
  }

  /// Those that count, in turns: one of each output.
  std::vector<size_t> trees_by_output(const Json& booster, size_t trees) {
    const std::vector<int64_t> output = whole(booster, "tree_info", 0, trees);
    const size_t used = trees_used(booster, trees);
    std::vector<std::vector<size_t>> of_output(static_cast<size_t>(outputs_));
    for (size_t tree = 0; tree < used; ++tree) {
      if (output[tree] < 0 || output[tree] >= outputs_) refuse("tree ", tree, " is of class ", output[tree], ", and there are ", outputs_);
      of_output[static_cast<size_t>(output[tree])].push_back(tree);
    }
    std::vector<size_t> order;
    for (size_t round = 0; round < of_output[0].size(); ++round) {
      for (const std::vector<size_t>& list : of_output) {
        if (list.size() != of_output[0].size()) refuse("its classes do not have equally many trees");
        order.push_back(list[round]);
      }
    }
    if (order.size() != used) refuse("its classes do not have equally many trees");
    return order;
  }

  /// After early stopping the rounds up to the best count, as XGBoost's own predict of its scikit-learn interface has it.
  size_t trees_used(const Json& booster, size_t trees) {
    const Json attributes = learner_->value("attributes", Json::object());
    if (!attributes.is_object() || !attributes.contains("best_iteration")) return trees;
    const int64_t best = parameter(attributes, "best_iteration", 0, INT32_MAX);
    const int64_t parallel = std::max<int64_t>(1, parameter(member(booster, "gbtree_model_param", &Json::is_object), "num_parallel_tree", 0, INT32_MAX));
    int64_t used = 0;
    if (__builtin_mul_overflow((best + 1) * parallel, outputs_, &used) || used > static_cast<int64_t>(trees)) {
      refuse("best_iteration is ", best, ", and there are ", trees, " trees");
    }
    if (used < static_cast<int64_t>(trees)) out_.notes.push_back(concat("rounds after the best, ", best, ", are left out: ", used, " of ", trees, " trees are kept"));
    return static_cast<size_t>(used);
  }

  void read_tree(ForeignTrees& all, int64_t number, const Json& tree, double weight) const {
    const Json& shape = member(tree, "tree_param", &Json::is_object);
    if (shape.contains("size_leaf_vector") && parameter(shape, "size_leaf_vector", 0, INT64_MAX) > 1) {
      refuse("tree ", number, " has several numbers a leaf (multi_strategy = multi_output_tree), which is not read");
    }
    const size_t count = member(tree, "left_children", &Json::is_array).size();
    if (parameter(shape, "num_nodes", 0, INT64_MAX) != static_cast<int64_t>(count)) refuse("tree ", number, ": num_nodes is not the number of nodes");
    const std::vector<int64_t> left = whole(tree, "left_children", number, count), right = whole(tree, "right_children", number, count);
    const std::vector<int64_t> feature = whole(tree, "split_indices", number, count);
    const std::vector<double> condition = numbers(tree, "split_conditions", number, count), default_left = numbers(tree, "default_left", number, count);
    const std::vector<double> cover = numbers(tree, "sum_hessian", number, count), gain = numbers(tree, "loss_changes", number, count);
    std::vector<ForeignNode> nodes(count);
    for (size_t i = 0; i < count; ++i) {
      ForeignNode& node = nodes[i];
      node.left = left[i], node.right = right[i], node.cover = cover[i], node.gain = gain[i];
      if (node.is_leaf()) {
        node.value = weight * static_cast<double>(static_cast<float>(condition[i]));
        continue;
      }
      node.feature = feature[i];
      node.missing_left = default_left[i] != 0;
      // x < t is x <= the float before t.
      const auto cut = static_cast<float>(condition[i]);
      node.threshold = std::isfinite(cut) ? std::nextafter(cut, -std::numeric_limits<float>::infinity()) : cut;
    }
    read_sets(tree, number, nodes);
    all.add(number, nodes, unused_nodes(shape, count));
  }

  int64_t unused_nodes(const Json& shape, size_t count) const {
    return shape.contains("num_deleted") ? parameter(shape, "num_deleted", 0, static_cast<int64_t>(count)) : 0;
  }

  /// A node by categories sends its list to the right, and all others to the left: our children change places.
  void read_sets(const Json& tree, int64_t number, std::vector<ForeignNode>& nodes) const {
    if (!tree.contains("split_type")) return;
    const std::vector<int64_t> type = whole(tree, "split_type", number, nodes.size());
    const size_t sets = tree.contains("categories_nodes") ? member(tree, "categories_nodes", &Json::is_array).size() : 0;
    std::vector<uint8_t> found(nodes.size());
    if (sets > 0) {
      const std::vector<int64_t> node = whole(tree, "categories_nodes", number, sets), size = whole(tree, "categories_sizes", number, sets);
      const std::vector<int64_t> begin = whole(tree, "categories_segments", number, sets);
      const std::vector<int64_t> codes = whole(tree, "categories", number, member(tree, "categories", &Json::is_array).size());
      const auto all = static_cast<int64_t>(codes.size());
      int64_t taken = 0;
      for (size_t s = 0; s < sets; ++s) {
        if (node[s] < 0 || node[s] >= static_cast<int64_t>(nodes.size())) refuse("tree ", number, ": categories of node ", node[s], ", which is not there");
        if (begin[s] < 0 || size[s] < 0 || begin[s] > all || size[s] > all - begin[s] || (taken += size[s]) > all) refuse("tree ", number, ", node ", node[s], ": its categories are not in the list");
        found[static_cast<size_t>(node[s])] = 1;
        nodes[static_cast<size_t>(node[s])].codes.assign(codes.begin() + begin[s], codes.begin() + begin[s] + size[s]);
      }
    }
    for (size_t i = 0; i < nodes.size(); ++i) {
      if (type[i] == 0 || nodes[i].is_leaf()) continue;
      if (type[i] != 1 || !found[i]) refuse("tree ", number, ", node ", i, ": it splits by categories, and there are none");
      nodes[i].by_code = true;
      nodes[i].threshold = 0;
      std::swap(nodes[i].left, nodes[i].right);
      nodes[i].missing_left = !nodes[i].missing_left;
    }
  }

  const Json& file_;
  const std::string& origin_;
  const Json* learner_ = nullptr;
  const Json* weights_ = nullptr;  ///< of dart: one a tree
  std::string name_;
  Objective objective_ = kRaw;
  int64_t features_ = 0, outputs_ = 1;
  ImportedModel out_;
};

}  // namespace

ImportedModel import_xgboost(const Json& file, const std::string& origin) { return Reader(file, origin).read(); }

}  // namespace crisp
