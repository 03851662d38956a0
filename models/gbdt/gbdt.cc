#include "models/gbdt/gbdt.h"

#include <algorithm>
#include <charconv>
#include <optional>

#include "core/format.h"
#include "core/interrupt.h"
#include "core/log.h"
#include "core/stable_hash.h"
#include "cuda/error.h"
#include "models/gbdt/boosting_run.h"
#include "models/gbdt/weighed_rows.h"
#include "models/trees/class_weights.h"
#include "models/trees/device_check.h"
#include "train/row_stream.h"
#include "train/shared_training.h"

namespace crisp {
namespace {

/// One round on a few rows, with its scores.
bool boosts_as_the_cpu(Exec& exec, Exec& cpu, const FitData& data, const BoostingPlan& plan) {
  return agrees_with_the_cpu(exec, "gbdt", [&] {
    const FitData part = rows_to_check(data);
    Booster here(exec, part, plan), there(cpu, part, plan);
    here.boost();
    there.boost();
    const MatrixView<const float> scores = here.train_scores(), wanted = there.train_scores();  // both without padding
    return same_trees(here.trees(), there.trees()) && std::equal(scores.data, scores.data + scores.rows * scores.columns, wanted.data);
  });
}

std::vector<Param> boosting_params() {
  return {
      {.name = "n_estimators", .fallback = int64_t{100}, .help = "rounds: trees, of more than two classes one a class each", .low = 1, .high = 1e6,
       .log_scale = true, .aliases = {"num_iterations", "num_boost_round", "iterations", "num_round", "num_trees", "max_iter", "n_iter"}},
      {.name = "learning_rate", .fallback = 0.1, .help = "what each tree's answer is multiplied by", .low = 1e-6, .high = 10, .log_scale = true,
       .aliases = {"eta", "shrinkage_rate", "lr"}},
      {.name = "num_leaves", .fallback = int64_t{31}, .help = "leaves of a tree, at most", .low = 2, .high = 131072, .log_scale = true,
       .aliases = {"max_leaves", "max_leaf_nodes"}},
      {.name = "max_depth", .fallback = int64_t{0}, .help = "levels of a tree, at most; 0: any", .low = 0, .high = 1000},
      {.name = "grow_policy", .fallback = std::string("lossguide"), .help = "lossguide parts the leaf that gains most, depthwise level by level",
       .choices = {"lossguide", "depthwise"}},
      {.name = "min_child_samples", .fallback = int64_t{10}, .help = "rows in a leaf, at least", .low = 1, .high = 1e9, .log_scale = true,
       .aliases = {"min_data_in_leaf", "min_samples_leaf"}},
      {.name = "min_child_weight", .fallback = 1e-3, .help = "sum of second derivatives in a leaf, at least", .low = 0, .high = 1e9,
       .aliases = {"min_sum_hessian_in_leaf"}},
      {.name = "reg_lambda", .fallback = 0.0, .help = "L2 penalty on the leaves' answers", .low = 0, .high = 1e9,
       .aliases = {"lambda_l2", "lambda", "l2_regularization", "l2_leaf_reg"}},
      {.name = "reg_alpha", .fallback = 0.0, .help = "L1 penalty on the leaves' answers", .low = 0, .high = 1e9, .aliases = {"lambda_l1", "alpha"}},
      {.name = "min_split_gain", .fallback = 0.0, .help = "a split gains more than this", .low = 0, .high = 1e9,
       .aliases = {"gamma", "min_gain_to_split", "min_split_loss"}},
      {.name = "max_delta_step", .fallback = 0.0, .help = "a leaf's largest answer; 0: any", .low = 0, .high = 1e9},
      {.name = "path_smooth", .fallback = -1.0,
       .help = "a leaf of so many rows answers half as its parent does; 0: as its own rows say; -1: 10 of classes, 0 of numbers; "
               "not where objective is absolute or quantile", .low = -1, .high = 1e9},
      {.name = "subsample", .fallback = 1.0, .help = "share of the rows that each round learns from", .low = 0.001, .high = 1,
       .aliases = {"bagging_fraction", "sub_row"}},
      {.name = "colsample_bytree", .fallback = 1.0, .help = "share of the columns that each tree learns from", .low = 0.001, .high = 1,
       .aliases = {"feature_fraction"}},
      {.name = "colsample_bynode", .fallback = 1.0, .help = "share of those that each node chooses from", .low = 0.001, .high = 1,
       .aliases = {"feature_fraction_bynode", "max_features"}},
      {.name = "max_bin", .fallback = int64_t{255}, .help = "bins of a column of numbers, at most", .low = 2, .high = kMostBins,
       .aliases = {"max_bins", "border_count"}},
      {.name = "objective", .fallback = std::string("auto"), .help = "of numbers: the loss; auto is squared",
       .choices = {"auto", "squared", "absolute", "huber", "quantile", "poisson"}, .aliases = {"loss", "loss_function"}},
      {.name = "quantile_alpha", .fallback = 0.5, .help = "objective quantile: which one", .low = 0.0001, .high = 0.9999},
      {.name = "huber_delta", .fallback = 1.0, .help = "objective huber: where the loss becomes straight, in the target's unit", .low = 1e-9,
       .high = 1e12, .aliases = {"huber_slope"}},
      {.name = "scale_pos_weight", .fallback = 1.0, .help = "of two classes: what the second one's rows weigh", .low = 1e-9, .high = 1e9},
      {.name = "class_weight", .fallback = std::string("none"), .help = "balanced lets rare classes weigh as much as usual ones",
       .choices = {"none", "balanced"}},
      {.name = "monotone_constraints", .fallback = std::string(),
       .help = "columns that the answer rises (1) or falls (-1) with, as in \"age: 1, price: -1\"", .aliases = {"monotonic_cst"}},
      {.name = "max_cat_to_onehot", .fallback = int64_t{4}, .help = "up to so many categories are parted one against all others", .low = 1, .high = 255},
      {.name = "max_cat_threshold", .fallback = int64_t{32}, .help = "categories on the smaller side of a split, at most", .low = 1, .high = 255},
      {.name = "cat_smooth", .fallback = 10.0, .help = "categories are ordered as if each had so much more weight", .low = 0, .high = 1e9},
      {.name = "cat_l2", .fallback = 10.0, .help = "L2 penalty of splits by more than one category, beside reg_lambda", .low = 0, .high = 1e9},
      {.name = "min_data_per_group", .fallback = int64_t{100}, .help = "rows between two splits that are tried in the order of categories", .low = 1, .high = 1e9},
      {.name = "patience", .fallback = int64_t{0}, .help = "rounds without improvement on the validation rows that are borne; 0: never stop early",
       .low = 0, .high = 1e6, .aliases = {"early_stopping_rounds", "early_stopping_round", "n_iter_no_change"}},
      {.name = "min_delta", .fallback = 0.0, .help = "an improvement of what is watched is more than this", .low = 0, .high = 1e9, .aliases = {"tol"}},
      {.name = "restore_best", .fallback = true, .help = "keep the best round's trees, not all"},
      {.name = "stopping_metric", .fallback = std::string("loss"),
       .help = "what patience watches: loss, or a figure of the validation rows such as roc_auc, f1_macro, mae",
       .aliases = {"eval_metric", "metric", "early_stopping_metric"}},
      {.name = "metrics", .fallback = std::string(),
       .help = "figures of the validation rows that are told each round beside the loss, as in \"roc_auc, log_loss\"",
       .aliases = {"eval_metrics", "validation_metrics"}},
  };
}

/// Nearest names for a column that is not there.
[[noreturn]] void fail_column(const std::string& name, const std::vector<FeatureInfo>& features) {
  std::vector<std::string> names;
  for (const FeatureInfo& feature : features) names.push_back(feature.name);
  const std::string nearest = nearest_name(name, names);
  throw Error(Code::config, concat("monotone_constraints: there is no column '", name, "'"), nearest.empty() ? "" : concat("did you mean '", nearest, "'?"));
}

/// "age: 1, price: -1", or numbers alone, one a column.
std::vector<int8_t> parse_monotone(std::string text, const std::vector<FeatureInfo>& features, int64_t columns) {
  std::vector<int8_t> directions;
  std::erase_if(text, [](char c) { return c == '(' || c == ')' || c == '{' || c == '}' || c == '"'; });
  const auto trimmed = [](std::string part) {
    part.erase(0, part.find_first_not_of(' '));
    return part.substr(0, part.find_last_not_of(' ') + 1);
  };
  if (trimmed(text).empty()) return directions;
  directions.resize(static_cast<size_t>(columns));
  size_t place = 0;
  for (size_t begin = 0; begin <= text.size();) {
    const size_t end = std::min(text.find(',', begin), text.size());
    const std::string entry = text.substr(begin, end - begin);
    const size_t colon = entry.rfind(':');
    const std::string number = trimmed(colon == std::string::npos ? entry : entry.substr(colon + 1));
    CRISP_REQUIRE(number == "1" || number == "+1" || number == "-1" || number == "0", Code::config, "monotone_constraints: '", entry,
                  "': expected 1, 0 or -1, as in \"age: 1, price: -1\"");
    if (colon != std::string::npos) {
      const std::string name = trimmed(entry.substr(0, colon));
      const auto feature = std::find_if(features.begin(), features.end(), [&](const FeatureInfo& f) { return f.name == name; });
      if (feature == features.end()) fail_column(name, features);
      place = static_cast<size_t>(feature - features.begin());
    }
    CRISP_REQUIRE(place < directions.size(), Code::config, "monotone_constraints: more numbers than the ", columns, " columns");
    directions[place++] = number == "0" ? int8_t{0} : number == "-1" ? int8_t{-1} : int8_t{1};
    begin = end + 1;
  }
  return directions;
}

Objective objective_of(const FitData& data, const std::string& name) {
  if (data.task == Task::classification) return data.classes == 2 ? Objective::logistic : Objective::softmax;
  if (name == "absolute") return Objective::absolute;
  if (name == "huber") return Objective::huber;
  if (name == "quantile") return Objective::quantile;
  return name == "poisson" ? Objective::poisson : Objective::squared;
}

BoostingPlan plan_of(const FitData& data, const Params& params, uint64_t seed) {
  BoostingPlan plan;
  plan.objective.objective = objective_of(data, params.text("objective"));
  plan.objective.alpha = plan.objective.objective == Objective::huber ? params.real("huber_delta") : params.real("quantile_alpha");
  plan.objective.positive_weight = params.real("scale_pos_weight");
  plan.objective.classes = plan.objective.objective == Objective::softmax ? data.classes : 1;
  SplitRules& rules = plan.growth.rules;
  rules.lambda_l2 = params.real("reg_lambda");
  rules.lambda_l1 = params.real("reg_alpha");
  rules.min_child_weight = params.real("min_child_weight");
  rules.min_child_rows = params.integer("min_child_samples");
  rules.min_split_gain = params.real("min_split_gain");
  rules.max_delta_step = params.real("max_delta_step");
  rules.path_smooth = params.real("path_smooth");
  if (rules.path_smooth < 0) rules.path_smooth = data.task == Task::classification ? 10 : 0;
  rules.max_cat_to_onehot = static_cast<int>(params.integer("max_cat_to_onehot"));
  rules.max_cat_threshold = static_cast<int>(params.integer("max_cat_threshold"));
  rules.cat_smooth = params.real("cat_smooth");
  rules.cat_l2 = params.real("cat_l2");
  rules.min_data_per_group = params.integer("min_data_per_group");
  rules.seed = seed;
  plan.growth.max_leaves = params.integer("num_leaves");
  plan.growth.max_depth = params.integer("max_depth");
  plan.growth.by_level = params.text("grow_policy") == "depthwise";
  plan.growth.columns_by_node = params.real("colsample_bynode");
  plan.stopping = {params.integer("patience"), params.real("min_delta"), false};
  plan.rounds = params.integer("n_estimators");
  plan.learning_rate = params.real("learning_rate");
  plan.rows_share = params.real("subsample");
  plan.columns_share = params.real("colsample_bytree");
  plan.most_bins = static_cast<int>(params.integer("max_bin"));
  plan.restore_best = params.flag("restore_best");
  plan.seed = seed;
  return plan;
}

class GbdtLearner : public Learner {
 public:
  std::string name() const override { return "gbdt"; }
  std::string title() const override { return "Gradient boosted trees"; }
  std::string about() const override {
    return "Trees by histograms, each on what the ones before it left. The best answers on most tables, with categories and missing values as "
           "they are; the same trees for any number of threads and processes.";
  }
  std::vector<std::string> aliases() const override { return {"gradient_boosting", "xgboost", "lightgbm", "boosting"}; }
  std::vector<Task> tasks() const override { return {Task::classification, Task::regression}; }
  FeatureNeeds needs() const override { return {.codes = true, .scaled = false, .missing = true}; }
  bool stops_early() const override { return true; }
  bool needs_validation(const Params& params) const override { return params.integer("patience") > 0 || !params.text("metrics").empty(); }
  bool weighs_rows() const override { return true; }
  bool in_processes() const override { return true; }
  bool streams() const override { return true; }
  Json refit_params(const Json& facts) const override {
    return {{"n_estimators", std::max<int64_t>(1, facts.value("best_epoch", int64_t{1}))}, {"patience", 0}};
  }
  const ParamTable& params() const override {
    static const ParamTable table(boosting_params());
    return table;
  }

  std::unique_ptr<Model> fit(Exec& exec, const FitData& data, const Params& params, uint64_t seed, TrainingRun& run) const override {
    CRISP_REQUIRE(data.train.rows.rows > 0, Code::data, "no rows to learn from");
    BoostingPlan plan = plan_of(data, params, seed);
    const std::vector<int8_t> monotone = parse_monotone(params.text("monotone_constraints"), data.features, data.train.rows.columns);
    plan.growth.rules.monotone = {monotone.data(), static_cast<int64_t>(monotone.size())};
    if (run.figures.watched) plan.stopping.maximise = run.figures.higher;
    const std::vector<float> streamed = data.stream ? targets_of(*data.stream) : std::vector<float>();
    const WeighedRows learned(data.train);
    FitData weighted = data;
    weighted.train = learned.view();
    if (data.stream) weighted.train = {{nullptr, data.train_rows(), data.train.rows.columns, data.train.rows.columns}, streamed, {}};
    check_target(weighted, plan.objective.objective);
    std::vector<float> weights;
    if (data.task == Task::classification && params.text("class_weight") == "balanced") {
      weights = balanced_weights(weighted.train, data.classes);
      weighted.train.weights = weights;
    }
    Json identity{{"parameters", params.to_json()}, {"seed", seed}, {"rows", weighted.train.rows.rows}, {"columns", data.train.rows.columns},
                  {"validation_rows", data.validation.rows.rows}};
    if (data.stream) identity["stream"] = data.stream->identity();
    if (run.peers) meet(*run.peers, identity, weighted);
    std::optional<Exec> cpu;
    if (exec.is_cuda()) cpu.emplace(Device::cpu(), exec.threads().threads());
    const bool on_cpu = cpu && (run.peers || !boosts_as_the_cpu(exec, *cpu, in_memory(weighted, data), plan));
    if (on_cpu && run.peers) warn("gbdt is trained on the CPU: several processes add up their histograms there");
    std::optional<Booster> booster;
    try {
      booster.emplace(on_cpu ? *cpu : exec, weighted, plan, run.peers);
    } catch (const LostPeer& lost) {
      fail_lost(*run.peers, lost, "no round", false);
    }
    return make_tree_model(BoostingRun(*booster, plan, std::move(identity), run).train());
  }

  std::unique_ptr<Model> load(const Tensors& weights, const Json& about) const override { return load_tree_model(weights, about); }

 private:
  static std::vector<float> targets_of(const RowStream& stream) {
    std::vector<float> all;
    all.reserve(static_cast<size_t>(stream.rows()));
    for (size_t group = 0; group < stream.groups().size(); ++group) {
      check_interrupt();
      const std::vector<float> part = stream.targets(static_cast<int64_t>(group));
      all.insert(all.end(), part.begin(), part.end());
    }
    return all;
  }

  /// Some rows to try a GPU with: of a stream, the sample that is there.
  static FitData in_memory(const FitData& weighted, const FitData& given) {
    FitData some = weighted;
    if (given.stream) some.train = given.train;
    some.stream = nullptr;
    return some;
  }

  /// Every process has some rows, and all would train alike.
  static void meet(Peers& peers, const Json& identity, const FitData& data) {
    require_alike(peers, stable_hash(concat(identity.dump(), " ", rows_hash(data))));
    CRISP_REQUIRE(data.train.rows.rows >= peers.size(), Code::usage, "there are ", peers.size(), " processes for ",
                  counted(data.train.rows.rows, "row"), " to learn from: start fewer");
  }

  static void check_target(const FitData& data, Objective objective) {
    if (objective != Objective::poisson) return;
    const auto& target = data.train.target;
    const auto negative = std::find_if(target.begin(), target.end(), [](float value) { return value < 0; });
    CRISP_REQUIRE(negative == target.end(), Code::data, "objective poisson counts events: the target holds ", *negative, ", expected 0 and above");
  }
};

}  // namespace

std::unique_ptr<Learner> make_gbdt() { return std::make_unique<GbdtLearner>(); }

}  // namespace crisp
