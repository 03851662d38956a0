#include "models/trees/forest_params.h"

#include <charconv>
#include <cmath>

#include "cuda/error.h"

namespace crisp {
namespace {

/// A whole number is a number of columns, one with a point a share of them.
int64_t columns_by_node(const std::string& text, const std::string& model, bool classes, int64_t columns) {
  const auto real = static_cast<double>(columns);
  const bool automatic = text == "auto";
  if (text == "sqrt" || (automatic && classes)) return std::max<int64_t>(1, static_cast<int64_t>(std::sqrt(real)));
  if (text == "log2") return std::max<int64_t>(1, static_cast<int64_t>(std::log2(real)));
  if (text == "all" || text == "none" || automatic) return columns;
  double value = 0;
  const char* end = text.data() + text.size();
  const auto parsed = std::from_chars(text.data(), end, value);
  const bool share = text.find('.') != std::string::npos;
  const bool fine = parsed.ec == std::errc() && parsed.ptr == end && value > 0 && (share ? value <= 1 : value == std::floor(value) && value <= 1e9);
  if (!fine) {
    throw Error(Code::config, concat(model, ": max_features is '", text, "'"), "expected sqrt, log2, all, a share such as 0.5, or a number of columns");
  }
  if (share) return std::max<int64_t>(1, static_cast<int64_t>(value * real));
  return std::min(columns, static_cast<int64_t>(value));
}

Impurity impurity_of(const std::string& criterion, const std::string& model, bool classes) {
  const bool of_numbers = criterion == "squared_error";
  if (criterion != "auto" && of_numbers == classes) {
    throw Error(Code::config, concat(model, ": criterion ", criterion, " is of ", of_numbers ? "numbers" : "classes", ", the target holds ", classes ? "classes" : "numbers"),
                classes ? "gini or entropy" : "squared_error");
  }
  if (!classes) return Impurity::squared;
  return criterion == "entropy" || criterion == "log_loss" ? Impurity::entropy : Impurity::gini;
}

}  // namespace

std::vector<Param> forest_params(const ForestKind& kind) {
  std::vector<Param> params;
  if (!kind.single) {
    params.push_back({.name = "n_estimators", .fallback = int64_t{100}, .help = "trees", .low = 1, .high = 1e6, .log_scale = true,
                      .aliases = {"num_trees", "ntree", "trees"}});
  }
  const std::vector<Param> growth = {
      {.name = "criterion", .fallback = std::string("auto"), .help = "what splits make purer; auto: gini of classes, squared_error of numbers",
       .choices = {"auto", "gini", "entropy", "log_loss", "squared_error"}, .aliases = {"split_criterion"}},
      {.name = "max_depth", .fallback = int64_t{0}, .help = "levels of a tree, at most; 0: any", .low = 0, .high = 1e6},
      {.name = "min_samples_split", .fallback = int64_t{2}, .help = "rows of a node that is parted, at least", .low = 2, .high = 1e9, .log_scale = true},
      {.name = "min_samples_leaf", .fallback = int64_t{1}, .help = "rows in a leaf, at least", .low = 1, .high = 1e9, .log_scale = true,
       .aliases = {"min_child_samples", "min_data_in_leaf", "nodesize"}},
      {.name = "max_features", .fallback = std::string(kind.single ? "all" : "auto"),
       .help = kind.single ? "columns that each node chooses from: all, sqrt, log2, a share (0.5) or a number"
                           : "columns that each node chooses from: sqrt, log2, all, a share (0.5) or a number; auto: sqrt for classes, all for numbers",
       .aliases = {"mtry"}},
      {.name = "max_leaf_nodes", .fallback = int64_t{0}, .help = "leaves of a tree, at most, those that gain most first; 0: any", .low = 0, .high = 1e9,
       .aliases = {"max_leaves", "num_leaves"}},
      {.name = "min_impurity_decrease", .fallback = 0.0, .help = "what a split lowers the impurity by, weighed by its share of the rows, at least", .low = 0,
       .high = 1e300},
      {.name = "class_weight", .fallback = std::string("none"), .help = "balanced lets rare classes weigh as much as usual ones",
       .choices = {"none", "balanced"}},
      {.name = "max_bin", .fallback = int64_t{kMostBins}, .help = "bins of a column of numbers, at most", .low = 2, .high = kMostBins,
       .aliases = {"max_bins"}},
  };
  params.insert(params.end(), growth.begin(), growth.end());
  if (kind.single) return params;
  params.push_back({.name = "bootstrap", .fallback = kind.bootstrap, .help = "each tree learns from rows drawn with replacement; else from all"});
  params.push_back({.name = "max_samples", .fallback = 1.0, .help = "with bootstrap: rows drawn for a tree, up to 1 a share, above 1 a number", .low = 1e-9,
                    .high = 1e12, .aliases = {"sample_fraction"}});
  params.push_back({.name = "oob_score", .fallback = true, .help = "with bootstrap: judge each row by the trees that did not draw it"});
  return params;
}

void check_forest_params(const ForestKind& kind, const Params& params) {
  columns_by_node(params.text("max_features"), kind.name, true, 1);
  CRISP_REQUIRE(params.integer("max_leaf_nodes") != 1, Code::config, kind.name, ": max_leaf_nodes is 1; expected 0 (any) or at least 2");
}

ForestPlan forest_plan(const ForestKind& kind, const FitData& data, const Params& params, uint64_t seed) {
  check_forest_params(kind, params);
  const bool classes = data.task == Task::classification;
  ForestPlan plan;
  ImpurityRules& rules = plan.growth.rules;
  rules.impurity = impurity_of(params.text("criterion"), kind.name, classes);
  rules.classes = classes ? data.classes : 1;
  rules.min_leaf_rows = params.integer("min_samples_leaf");
  rules.random_thresholds = kind.random_thresholds;
  rules.seed = seed;
  plan.growth.columns_by_node = columns_by_node(params.text("max_features"), kind.name, classes, data.train.rows.columns);
  plan.growth.random_order = !kind.single;
  plan.growth.max_depth = params.integer("max_depth");
  plan.growth.max_leaves = params.integer("max_leaf_nodes");
  plan.growth.min_split_rows = params.integer("min_samples_split");
  plan.growth.min_decrease = params.real("min_impurity_decrease");
  plan.balanced = params.text("class_weight") == "balanced";
  plan.most_bins = static_cast<int>(params.integer("max_bin"));
  plan.seed = seed;
  plan.trees = kind.single ? 1 : params.integer("n_estimators");
  plan.bootstrap = !kind.single && params.flag("bootstrap");
  if (!kind.single) {
    plan.max_samples = params.real("max_samples");
    plan.oob_score = params.flag("oob_score");
  }
  return plan;
}

}  // namespace crisp
