#include "models/knn/knn.h"

#include <algorithm>

#include "core/log.h"
#include "cuda/error.h"
#include "kernels/distance/neighbours.h"
#include "models/knn/neighbour_model.h"

namespace crisp {
namespace {

/// A parameter that this task has no use for is a mistake, not a detail.
void require_of_task(const Params& params, Task task) {
  const bool detects = task == Task::anomaly;
  if (detects && params.text("weights") != "uniform") {
    throw Error(Code::config, "knn: weights = \"distance\" is for predicting; an anomaly's score is a distance already",
                "leave weights out, or choose method = \"largest\"");
  }
  if (!detects && params.text("method") != "mean") {
    throw Error(Code::config, concat("knn: method is for anomaly scores; this is a ", task_name(task)), "leave method out");
  }
}

class NeighbourLearner : public Learner {
 public:
  std::string name() const override { return "knn"; }
  std::string title() const override { return "k nearest neighbours"; }
  std::string about() const override {
    return "Answers a row as the training rows nearest to it: shares of their classes, the mean of their targets, or their distance "
           "as an anomaly score. Keeps all training rows; each of them is its own nearest neighbour, so judge by rows held out.";
  }
  std::vector<std::string> aliases() const override { return {"nearest_neighbors", "k_nearest_neighbors", "neighbors"}; }
  std::vector<Task> tasks() const override { return {Task::classification, Task::regression, Task::anomaly}; }

  FeatureNeeds needs() const override { return {.detector_scale = "robust"}; }
  bool weighs_rows() const override { return true; }

  const ParamTable& params() const override {
    static const ParamTable table({
        {.name = "n_neighbors", .fallback = int64_t{5}, .help = "how many training rows are asked", .low = 1,
         .high = static_cast<double>(kMostNeighbours), .log_scale = true, .aliases = {"k", "neighbors"}},
        {.name = "weights", .fallback = std::string("uniform"),
         .help = "of predictions: uniform, or distance: by 1/distance, rows at distance 0 alone where there are any",
         .choices = {"uniform", "distance"}},
        {.name = "metric", .fallback = std::string("euclidean"), .help = "the distance; l2 and l1 are euclidean and manhattan",
         .choices = {"euclidean", "manhattan", "cosine", "l2", "l1"}},
        {.name = "method", .fallback = std::string("mean"), .help = "of anomaly scores: the mean distance to the neighbours, or the largest",
         .choices = {"mean", "largest"}},
    });
    return table;
  }

  std::unique_ptr<Model> fit(Exec&, const FitData& data, const Params& params, uint64_t, TrainingRun& run) const override {
    require_of_task(params, data.task);
    NeighbourParts parts = keep_rows(data);
    const int64_t count = parts.count(), asked = params.integer("n_neighbors");
    parts.neighbours = std::min(asked, count);
    if (asked > count) warn("knn: n_neighbors is ", asked, ", but there are ", count, " training rows; all of them are asked");
    parts.metric = parse_metric(params.text("metric"));
    parts.vote = parse_vote(params.text("weights"));
    parts.farness = parse_farness(params.text("method"));
    run.facts = {{"rows_kept", count}, {"neighbors", parts.neighbours}};
    return make_neighbour_model(std::move(parts));
  }

  std::unique_ptr<Model> load(const Tensors& weights, const Json& about) const override { return load_neighbour_model(weights, about); }

 private:
  /// A row of weight 0 is nobody's neighbour.
  static NeighbourParts keep_rows(const FitData& data) {
    const LabelledRows& train = data.train;
    CRISP_REQUIRE(train.rows.columns > 0, Code::data, "no columns to measure distances by");
    NeighbourParts parts;
    parts.task = data.task;
    parts.columns = train.rows.columns;
    parts.classes = data.task == Task::classification ? data.classes : 0;
    parts.rows.reserve(static_cast<size_t>(train.rows.rows * parts.columns));
    for (int64_t i = 0; i < train.rows.rows; ++i) {
      const auto place = static_cast<size_t>(i);
      if (!train.weights.empty() && !(train.weights[place] > 0)) continue;
      parts.rows.insert(parts.rows.end(), train.rows.row(i), train.rows.row(i) + parts.columns);
      if (data.task != Task::anomaly) parts.targets.push_back(train.target[place]);
      if (!train.weights.empty() && data.task != Task::anomaly) parts.weights.push_back(train.weights[place]);
    }
    CRISP_REQUIRE(!parts.rows.empty(), Code::data, "no rows to learn from");
    return parts;
  }
};

}  // namespace

std::unique_ptr<Learner> make_knn() { return std::make_unique<NeighbourLearner>(); }

}  // namespace crisp
