#include "models/random_cut_forest/random_cut_forest.h"

#include <utility>

#include "cuda/error.h"
#include "kernels/anomaly/random_cut_forest.h"
#include "models/random_cut_forest/torchscript.h"

namespace crisp {
namespace {

class ForestScorer : public Scorer {
 public:
  ForestScorer(Exec& exec, std::shared_ptr<const RandomCutForest> forest)
      : forest_(std::move(forest)), tables_(derive_tables(exec, *forest_)) {}

  void score(Exec& exec, MatrixView<const float> rows, std::span<double> scores) const override {
    score_random_cut_forest(exec, *forest_, tables_, rows, scores);
  }
  void attribute(Exec& exec, MatrixView<const float> rows, MatrixView<double> out) const override {
    attribute_random_cut_forest(exec, *forest_, tables_, rows, out);
  }

 private:
  std::shared_ptr<const RandomCutForest> forest_;
  ForestTables tables_;
};

template <class T>
std::span<const T> all(const std::vector<T>& values) {
  return {values.data(), values.size()};
}

class ForestModel : public Model {
 public:
  explicit ForestModel(RandomCutForest forest)
      : forest_(std::make_shared<const RandomCutForest>(std::move(forest))) {}

  int64_t columns() const override { return forest_->columns; }

  void save(Tensors& weights, Json& about) const override {
    weights.put("tree_begin", all(forest_->tree_begin));
    weights.put("cut_dimension", all(forest_->cut_dimension));
    weights.put("cut_value", all(forest_->cut_value));
    weights.put("right", all(forest_->right));
    weights.put("mass", all(forest_->mass));
    weights.put("leaf_points", all(forest_->leaf_points), {forest_->leaves(), forest_->columns});
    about["columns"] = forest_->columns;
    about["trees"] = forest_->trees();
  }

  std::unique_ptr<Scorer> scorer(Exec& exec) const override {
    return std::make_unique<ForestScorer>(exec, forest_);
  }

  std::string script(TorchScript& script, const std::string& rows) const override { return script_forest(script, *forest_, rows); }

 private:
  std::shared_ptr<const RandomCutForest> forest_;
};

class ForestLearner : public Learner {
 public:
  std::string name() const override { return "random_cut_forest"; }
  std::string title() const override { return "Random Cut Forest"; }
  std::string about() const override {
    return "Scores how easily random cuts set a row apart from a sample of the training rows, in many trees. "
           "Needs no "
           "labels; columns of larger range weigh more, so scale them.";
  }
  std::vector<std::string> aliases() const override { return {"rcf"}; }
  std::vector<Task> tasks() const override { return {Task::anomaly}; }

  const ParamTable& params() const override {
    static const ParamTable table({
        {.name = "num_trees",
         .fallback = int64_t{100},
         .help = "trees of the forest",
         .low = 50,
         .high = 1000,
         .aliases = {"n_estimators", "number_of_trees"}},
        {.name = "num_samples_per_tree",
         .fallback = int64_t{256},
         .help = "rows drawn for each tree; 1/this is about the share of anomalies expected",
         .low = 1,
         .high = 2048,
         .log_scale = true,
         .aliases = {"max_samples", "sample_size"}},
        {.name = "feature_dim",
         .fallback = int64_t{0},
         .help = "columns expected of the data; 0 takes what is there",
         .low = 0,
         .high = 10000},
    });
    return table;
  }

  std::unique_ptr<Model> fit(Exec& exec, const FitData& data, const Params& params, uint64_t seed,
                             TrainingRun&) const override {
    const MatrixView<const float> rows = data.train.rows;
    const int64_t expected = params.integer("feature_dim");
    if (expected != 0 && expected != rows.columns) {
      throw Error(Code::config,
                  concat("feature_dim is ", expected, ", the data have ", rows.columns, " columns"),
                  "leave feature_dim out, or select the columns that you mean");
    }
    CRISP_REQUIRE(rows.columns <= kMostColumns, Code::data, "a random cut forest takes up to ", kMostColumns,
                  " columns, the data have ", rows.columns);
    const RandomCutParams shape{params.integer("num_trees"), params.integer("num_samples_per_tree")};
    return std::make_unique<ForestModel>(build_random_cut_forest(exec, rows, shape, seed));
  }

  std::unique_ptr<Model> load(const Tensors& weights, const Json&) const override {
    RandomCutForest forest;
    forest.tree_begin = weights.get<int64_t>("tree_begin");
    forest.cut_dimension = weights.get<int32_t>("cut_dimension");
    forest.cut_value = weights.get<float>("cut_value");
    forest.right = weights.get<int32_t>("right");
    forest.mass = weights.get<int32_t>("mass");
    forest.leaf_points = weights.get<float>("leaf_points");
    const std::vector<int64_t>& shape = weights.at("leaf_points").shape;
    CRISP_REQUIRE(shape.size() == 2 && shape[1] > 0 && shape[1] <= kMostColumns, Code::data,
                  "random cut forest: leaf_points is not a matrix of 1 to ", kMostColumns, " columns");
    forest.columns = shape[1];
    check_random_cut_forest(forest);
    return std::make_unique<ForestModel>(std::move(forest));
  }

 private:
  static constexpr int64_t kMostColumns = 10000;
};

}  // namespace

std::unique_ptr<Learner> make_random_cut_forest() { return std::make_unique<ForestLearner>(); }

}  // namespace crisp
