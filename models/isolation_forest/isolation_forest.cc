#include "models/isolation_forest/isolation_forest.h"

#include "core/format.h"
#include "core/stable_hash.h"
#include "cuda/error.h"
#include "models/isolation_forest/isolation_trees.h"
#include "models/isolation_forest/path_parts.h"
#include "models/trees/gather_trees.h"
#include "models/trees/training_rows.h"
#include "models/trees/tree_model.h"
#include "train/shared_training.h"

namespace crisp {
namespace {

constexpr double kLog2 = 0.693147180559945309417;

/// Scores as trees do, and says which columns they come from.
class IsolationScorer : public Scorer {
 public:
  IsolationScorer(Exec& exec, std::shared_ptr<const TreeModel> model)
      : model_(std::move(model)), scorer_(model_->scorer(exec)), parts_(model_->parts().trees.view()) {}

  void score(Exec& exec, MatrixView<const float> rows, std::span<double> scores) const override { scorer_->score(exec, rows, scores); }

  void attribute(Exec& exec, MatrixView<const float> rows, MatrixView<double> out) const override {
    std::vector<double> scores(static_cast<size_t>(rows.rows));
    score(exec, rows, scores);
    parts_.share(exec, rows, scores.data(), out);
  }

 private:
  std::shared_ptr<const TreeModel> model_;
  std::unique_ptr<Scorer> scorer_;
  PathParts parts_;
};

/// 2^(-mean path / c(samples)): leaves hold paths, scale the rest.
class IsolationModel : public Model {
 public:
  explicit IsolationModel(std::unique_ptr<TreeModel> model) : model_(std::move(model)) {}

  int64_t columns() const override { return model_->columns(); }
  void save(Tensors& weights, Json& about) const override { model_->save(weights, about); }
  std::unique_ptr<Scorer> scorer(Exec& exec) const override { return std::make_unique<IsolationScorer>(exec, model_); }
  std::string script(TorchScript& script, const std::string& rows) const override { return model_->script(script, rows); }

 private:
  std::shared_ptr<const TreeModel> model_;
};

class IsolationLearner : public Learner {
 public:
  std::string name() const override { return "isolation_forest"; }
  std::string title() const override { return "Isolation Forest"; }
  std::string about() const override {
    return "Scores how few random cuts set a row apart from samples of the training rows: near 1 an anomaly, 0.5 and below usual. Very quick; looks at "
           "one column at a time, so their units do not matter.";
  }
  std::vector<std::string> aliases() const override { return {"iforest", "isolationforest"}; }
  std::vector<Task> tasks() const override { return {Task::anomaly}; }
  FeatureNeeds needs() const override { return {.codes = true, .scaled = false, .missing = true}; }
  bool in_processes() const override { return true; }

  const ParamTable& params() const override {
    static const ParamTable table({
        {.name = "n_estimators", .fallback = int64_t{100}, .help = "trees", .low = 1, .high = 100000, .log_scale = true,
         .aliases = {"num_trees", "ntrees"}},
        {.name = "max_samples", .fallback = int64_t{256}, .help = "rows drawn for each tree, without replacement; all where there are fewer", .low = 2,
         .high = 1 << 24, .log_scale = true, .aliases = {"sample_size", "num_samples_per_tree"}},
        {.name = "max_features", .fallback = 1.0, .help = "share of the columns that each tree looks at", .low = 1e-6, .high = 1},
    });
    return table;
  }

  std::unique_ptr<Model> fit(Exec& exec, const FitData& data, const Params& params, uint64_t seed, TrainingRun& run) const override {
    const MatrixView<const float> rows = data.train.rows;
    CRISP_REQUIRE(rows.rows >= 2, Code::data, "isolation_forest: ", rows.rows, " training rows; expected 2 at least, better ", params.integer("max_samples"));
    const IsolationPlan plan{params.integer("n_estimators"), std::min(params.integer("max_samples"), rows.rows), params.real("max_features"), seed};
    const std::vector<int32_t> categories = categories_of(data.features, rows.columns);
    TreeParts parts;
    if (run.peers) require_alike(*run.peers, stable_hash(concat(params.to_json().dump(), " ", seed, " ", rows_hash(data))));
    const Share own = run.peers ? share_of(plan.trees, run.peers->rank(), run.peers->size()) : Share{0, plan.trees};
    parts.trees = grow_isolation_trees(exec, rows, {categories.data(), rows.columns}, plan, own);
    if (run.peers) share_trees(*run.peers, plan.trees, parts.trees);
    parts.base = {0};
    parts.scale = -kLog2 / (static_cast<double>(plan.trees) * isolation_path(plan.samples));
    parts.link = TreeLink::exponential;
    const TreesView trees = parts.trees.view();
    run.facts = {{"trees", trees.trees()}, {"samples", plan.samples}, {"leaves", (trees.nodes() + trees.trees()) / 2}};
    return std::make_unique<IsolationModel>(make_tree_model(std::move(parts)));
  }

  std::unique_ptr<Model> load(const Tensors& weights, const Json& about) const override {
    std::unique_ptr<TreeModel> model = load_tree_model(weights, about);
    const TreeParts& parts = model->parts();
    CRISP_REQUIRE(parts.link == TreeLink::exponential && parts.sums() == 1, Code::data, "the model's trees do not hold paths");
    return std::make_unique<IsolationModel>(std::move(model));
  }

 private:
  /// All processes score the rows that were learned from, for their cutoff.
  static void share_trees(Peers& peers, int64_t count, Trees& trees) {
    try {
      gather_trees(peers, trees);
      spread_trees(peers, trees);
    } catch (const LostPeer& lost) {
      fail_lost(peers, lost, concat("0 of ", counted(count, "tree")), false);
    }
  }
};

}  // namespace

std::unique_ptr<Learner> make_isolation_forest() { return std::make_unique<IsolationLearner>(); }

}  // namespace crisp
