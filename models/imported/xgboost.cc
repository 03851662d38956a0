#include "models/imported/xgboost.h"

#include <algorithm>
#include <cmath>

#include "core/words.h"
#include "cuda/error.h"
#include "cuda/exact_math.h"
#include "models/imported/number_text.h"
#include "models/imported/xgboost_trees.h"
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

class Reader : private XgboostJson {
 public:
  Reader(const Json& file, const std::string& origin) : XgboostJson(origin), file_(file) {}

  ImportedModel read() {
    learner_ = &member(file_, "learner", &Json::is_object);
    const Json& booster = booster_model();
    find_objective();
    find_columns(booster);
    TreeParts parts = read_trees(booster);
    parts.link = objective_.link;
    // XGBoost adds in 32 bits: to the base, tree after tree (its CPU predictor; the one on GPUs adds the base last).
    parts.base.assign(static_cast<size_t>(outputs_), 0.0);
    parts.trees.single_start = base();
    out_.library = concat("XGBoost", version());
    out_.objective = name_;
    out_.task = objective_.task;
    return finished(std::move(out_), std::move(parts), origin_);
  }

 private:
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
      if (!value || !std::isfinite(*value)) refuse("base_score is not a number, or a list of numbers");
      scores.push_back(static_cast<double>(static_cast<float>(*value)));
    }
    if (scores.size() == 1) scores.resize(static_cast<size_t>(outputs_), scores[0]);
    if (static_cast<int64_t>(scores.size()) != outputs_) refuse("base_score has ", scores.size(), " numbers for ", outputs_, " sums");
    for (double& score : scores) score = static_cast<double>(static_cast<float>(margin(score)));
    return scores;
  }

  double margin(double score) const {
    if (objective_.margin == Margin::same) return score;
    if (!(score > 0) || (objective_.margin == Margin::logit && !(score < 1))) refuse("base_score ", score, " is none that '", name_, "' can have");
    if (objective_.margin == Margin::log) return exact_log(score);
    return -exact_log(static_cast<double>(1.0f / static_cast<float>(score) - 1.0f));
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
    for (const size_t tree : order) add_xgboost_tree(*this, static_cast<int64_t>(tree), trees[tree], weights[tree], all);
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

  const Json& file_;
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
