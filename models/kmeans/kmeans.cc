#include "models/kmeans/kmeans.h"

#include <algorithm>
#include <cmath>
#include <limits>

#include "core/log.h"
#include "core/torch_script.h"
#include "cuda/error.h"
#include "kernels/distance/centroids.h"
#include "kernels/distance/distance_parts.h"
#include "kernels/distance/kmeans.h"

namespace crisp {
namespace {

constexpr int64_t kMostColumns = int64_t{1} << 20;
constexpr int64_t kMostClusters = 1'000'000;
constexpr int64_t kGrain = 1024;  // rows of one task

struct Centroids {
  int64_t columns = 0;
  std::vector<float> values;  ///< clusters x columns

  int64_t clusters() const { return static_cast<int64_t>(values.size()) / columns; }
  MatrixView<const float> view() const { return {values.data(), clusters(), columns, columns}; }
};

class KMeansScorer : public Scorer {
 public:
  explicit KMeansScorer(std::shared_ptr<const Centroids> centroids) : centroids_(std::move(centroids)) {}

  void score(Exec& exec, MatrixView<const float> rows, std::span<double> scores) const override {
    const Nearest nearest = assign(exec, rows);
    CRISP_ASSERT(scores.size() == nearest.distances.size());
    std::copy(nearest.distances.begin(), nearest.distances.end(), scores.begin());
  }

  void attribute(Exec& exec, MatrixView<const float> rows, MatrixView<double> out) const override {
    const Nearest nearest = assign(exec, rows);
    exec.threads().for_ranges(rows.rows, kGrain, [&](int64_t begin, int64_t end) {
      for (int64_t i = begin; i < end; ++i) {
        const auto place = static_cast<size_t>(i);
        std::fill(out.row(i), out.row(i) + 2 * rows.columns, 0.0);
        add_distance_parts(Metric::l2, rows.row(i), centroids_->view().row(nearest.labels[place]), rows.columns,
                           nearest.distances[place], out.row(i));
      }
    });
  }

 private:
  struct Nearest {
    std::vector<int32_t> labels;
    std::vector<float> distances;
  };

  Nearest assign(Exec& exec, MatrixView<const float> rows) const {
    CRISP_REQUIRE(rows.columns == centroids_->columns, Code::data, "the model was made for ", centroids_->columns, " columns, not ",
                  rows.columns);
    Nearest nearest{std::vector<int32_t>(static_cast<size_t>(rows.rows)), std::vector<float>(static_cast<size_t>(rows.rows))};
    nearest_centroid(exec, centroids_->view(), rows, {nearest.labels.data(), rows.rows}, {nearest.distances.data(), rows.rows});
    return nearest;
  }

  std::shared_ptr<const Centroids> centroids_;
};

/// The nearest centroid's distance, a piece of the rows at a time: all distances at once may not fit. Mode 2 of cdist: by
/// differences, never by products of the rows, which lose the digits of small distances.
constexpr const char* kNearest = R"(
def nearest_centroid(self, x: Tensor, centroids: Tensor) -> Tensor:
    chunk = max(1, 4194304 // centroids.size(0))
    parts = [torch.zeros([0, 1], dtype=7, device=x.device)]
    for begin in range(0, x.size(0), chunk):
        apart = torch.cdist(x[begin : begin + chunk], centroids, 2.0, 2)
        parts.append(apart.min(1, True)[0].to(6).to(7))
    return torch.cat(parts)
)";

class KMeansModel : public Model {
 public:
  explicit KMeansModel(Centroids centroids) : centroids_(std::make_shared<const Centroids>(std::move(centroids))) {}

  int64_t columns() const override { return centroids_->columns; }
  void save(Tensors& weights, Json& about) const override {
    weights.put("centroids", std::span<const float>(centroids_->values), {centroids_->clusters(), centroids_->columns});
    about["clusters"] = centroids_->clusters();
  }
  std::unique_ptr<Scorer> scorer(Exec&) const override { return std::make_unique<KMeansScorer>(centroids_); }

  std::string script(TorchScript& script, const std::string& rows) const override {
    script.method(kNearest);
    const std::span<const float> values = centroids_->values;
    return concat("self.nearest_centroid(", rows, ".to(7), ", script.constant(values, {centroids_->clusters(), columns()}), ".to(7))");
  }

 private:
  std::shared_ptr<const Centroids> centroids_;
};

class KMeansLearner : public Learner {
 public:
  std::string name() const override { return "kmeans"; }
  std::string title() const override { return "k-means"; }
  std::string about() const override {
    return "Cuts the training rows into clusters; the score is the distance to the nearest cluster's centre. Small and quick where "
           "usual rows lie in a few round heaps.";
  }
  std::vector<std::string> aliases() const override { return {"k_means", "k-means"}; }
  std::vector<Task> tasks() const override { return {Task::anomaly}; }

  FeatureNeeds needs() const override { return {.detector_scale = "robust"}; }

  const ParamTable& params() const override {
    static const ParamTable table({
        {.name = "n_clusters", .fallback = int64_t{8}, .help = "how many clusters", .low = 1, .high = static_cast<double>(kMostClusters),
         .log_scale = true, .aliases = {"k", "clusters"}},
        {.name = "max_iter", .fallback = int64_t{300}, .help = "the most passes over the rows", .low = 1, .high = 1e6,
         .aliases = {"max_iterations"}},
        {.name = "tol", .fallback = 1e-4,
         .help = "ends where the squared shift of all centres together is at most this times the columns' mean variance", .low = 0,
         .high = 1, .log_scale = true, .aliases = {"tolerance"}},
    });
    return table;
  }

  std::unique_ptr<Model> fit(Exec& exec, const FitData& data, const Params& params, uint64_t seed, TrainingRun& run) const override {
    const MatrixView<const float> rows = data.train.rows;
    const KMeansParams shape{params.integer("n_clusters"), params.integer("max_iter"), params.real("tol")};
    if (shape.clusters > rows.rows) {
      throw Error(Code::data, concat("kmeans: n_clusters is ", shape.clusters, ", but there are ", rows.rows, " training rows"),
                  concat("n_clusters of at most ", std::max<int64_t>(1, rows.rows)));
    }
    KMeans fitted = fit_kmeans(exec, rows, shape, seed);
    run.facts = {{"inertia", fitted.inertia}, {"iterations", fitted.iterations}, {"converged", fitted.converged}};
    if (!fitted.converged) warn("k-means stopped after max_iter = ", shape.max_iterations, " before it had settled; raise max_iter, or tol");
    return std::make_unique<KMeansModel>(Centroids{rows.columns, std::move(fitted.centroids)});
  }

  std::unique_ptr<Model> load(const Tensors& weights, const Json&) const override {
    const std::vector<int64_t> shape = weights.at("centroids").shape;
    Centroids centroids;
    centroids.values = weights.get<float>("centroids");
    const bool finite = std::all_of(centroids.values.begin(), centroids.values.end(), [](float value) { return std::isfinite(value); });
    CRISP_REQUIRE(finite && shape.size() == 2 && shape[0] > 0 && shape[0] <= kMostClusters && shape[1] > 0 && shape[1] <= kMostColumns,
                  Code::data, "kmeans: the centroids are not a matrix of finite numbers, of at most ", kMostClusters, " rows");
    centroids.columns = shape[1];
    return std::make_unique<KMeansModel>(std::move(centroids));
  }
};

}  // namespace

std::unique_ptr<Learner> make_kmeans() { return std::make_unique<KMeansLearner>(); }

}  // namespace crisp
