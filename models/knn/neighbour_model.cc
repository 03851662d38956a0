#include "models/knn/neighbour_model.h"

#include <algorithm>
#include <cmath>
#include <iterator>
#include <limits>

#include "cuda/error.h"
#include "kernels/distance/distance_parts.h"
#include "kernels/distance/neighbours.h"
#include "models/knn/torchscript.h"

namespace crisp {
namespace {

constexpr int64_t kMostClasses = 100'000;
constexpr int64_t kMostRows = std::numeric_limits<int32_t>::max(), kMostColumns = int64_t{1} << 20;
constexpr int64_t kAnswersAtOnce = int64_t{1} << 22;  // neighbours held at a time: 32 MiB
constexpr int64_t kMostRowsAtOnce = int64_t{1} << 16;
constexpr int64_t kGrain = 256;  // rows of one task

/// The neighbours of one row, nearest first.
struct Found {
  const int32_t* ids;
  const float* distances;
  int64_t count;
};

class NeighbourScorer : public Scorer {
 public:
  NeighbourScorer(Exec& exec, std::shared_ptr<const NeighbourParts> parts)
      : parts_(std::move(parts)),
        index_(exec, parts_->metric, {parts_->rows.data(), parts_->count(), parts_->columns, parts_->columns}) {}

  void score(Exec& exec, MatrixView<const float> rows, std::span<double> scores) const override {
    const int64_t outputs = parts_->task == Task::classification ? parts_->classes : 1;
    CRISP_ASSERT(scores.size() == static_cast<size_t>(rows.rows * outputs));
    for_each_row(exec, rows, [&](int64_t row, const Found& found) { answer(found, scores.data() + row * outputs); });
  }

  void attribute(Exec& exec, MatrixView<const float> rows, MatrixView<double> out) const override {
    if (parts_->task != Task::anomaly) return Scorer::attribute(exec, rows, out);
    for_each_row(exec, rows, [&](int64_t row, const Found& found) {
      std::fill(out.row(row), out.row(row) + 2 * parts_->columns, 0.0);
      const bool mean = parts_->farness == Farness::mean;
      for (int64_t k = mean ? 0 : found.count - 1; k < found.count; ++k) {
        const double distance = static_cast<double>(found.distances[k]) / (mean ? static_cast<double>(found.count) : 1.0);
        const float* other = parts_->rows.data() + found.ids[k] * parts_->columns;
        add_distance_parts(parts_->metric, rows.row(row), other, parts_->columns, distance, out.row(row));
      }
    });
  }

 private:
  /// Calls use(row, its neighbours), on many threads.
  template <class Use>
  void for_each_row(Exec& exec, MatrixView<const float> rows, Use use) const {
    CRISP_REQUIRE(rows.columns == parts_->columns, Code::data, "the model was made for ", parts_->columns, " columns, not ",
                  rows.columns);
    const int64_t k = parts_->neighbours;
    const int64_t step = std::min({rows.rows, kMostRowsAtOnce, std::max<int64_t>(1, kAnswersAtOnce / k)});
    std::vector<int32_t> ids(static_cast<size_t>(step * k));
    std::vector<float> distances(ids.size());
    for (int64_t first = 0; first < rows.rows; first += step) {
      const int64_t count = std::min(step, rows.rows - first);
      nearest_neighbours(exec, index_, {rows.row(first), count, rows.columns, rows.ld}, {ids.data(), count, k, k},
                         {distances.data(), count, k, k});
      exec.threads().for_ranges(count, kGrain, [&](int64_t begin, int64_t end) {
        for (int64_t i = begin; i < end; ++i) use(first + i, Found{ids.data() + i * k, distances.data() + i * k, k});
      });
    }
  }

  void answer(const Found& found, double* out) const {
    switch (parts_->task) {
      case Task::anomaly: out[0] = farness(found); return;
      case Task::regression: out[0] = mean_target(found); return;
      case Task::classification: class_shares(found, out); return;
    }
  }

  double farness(const Found& found) const {
    if (parts_->farness == Farness::largest) return found.distances[found.count - 1];
    double sum = 0;
    for (int64_t k = 0; k < found.count; ++k) sum += static_cast<double>(found.distances[k]);
    return sum / static_cast<double>(found.count);
  }

  double mean_target(const Found& found) const {
    double sum = 0, total = 0;
    for_each_vote(found, [&](float target, double vote) { sum += vote * static_cast<double>(target), total += vote; });
    return sum / total;
  }

  void class_shares(const Found& found, double* out) const {
    std::fill(out, out + parts_->classes, 0.0);
    double total = 0;
    for_each_vote(found, [&](float target, double vote) { out[static_cast<int64_t>(target)] += vote, total += vote; });
    for (int64_t c = 0; c < parts_->classes; ++c) out[c] /= total;
  }

  template <class Use>
  void for_each_vote(const Found& found, Use use) const {
    // The nearest counts 1, so that no distance, however large or small, leaves the range of numbers.
    const auto nearest = static_cast<double>(found.distances[0]);
    const bool by_distance = parts_->vote == Vote::distance && std::isfinite(nearest);
    for (int64_t k = 0; k < found.count; ++k) {
      const auto id = static_cast<size_t>(found.ids[k]);
      const auto distance = static_cast<double>(found.distances[k]);
      double vote = parts_->weights.empty() ? 1.0 : static_cast<double>(parts_->weights[id]);
      if (by_distance) vote *= nearest == 0 ? (distance == 0 ? 1.0 : 0.0) : nearest / distance;
      use(parts_->targets[id], vote);
    }
  }

  std::shared_ptr<const NeighbourParts> parts_;
  NeighbourIndex index_;
};

struct Named {
  const char* name;
  int value;
};
constexpr Named kMetrics[] = {{"euclidean", static_cast<int>(Metric::l2)}, {"manhattan", static_cast<int>(Metric::l1)},
                              {"cosine", static_cast<int>(Metric::cosine)}, {"l2", static_cast<int>(Metric::l2)},
                              {"l1", static_cast<int>(Metric::l1)}};
constexpr Named kVotes[] = {{"uniform", static_cast<int>(Vote::uniform)}, {"distance", static_cast<int>(Vote::distance)}};
constexpr Named kFarness[] = {{"mean", static_cast<int>(Farness::mean)}, {"largest", static_cast<int>(Farness::largest)}};

template <class Kind, size_t n>
Kind parse(const Named (&known)[n], const std::string& name, const char* what) {
  const auto* found = std::find_if(std::begin(known), std::end(known), [&](const Named& one) { return name == one.name; });
  CRISP_REQUIRE(found != std::end(known), Code::data, "knn: there is no ", what, " '", name, "'");
  return static_cast<Kind>(found->value);
}

template <class Kind, size_t n>
const char* name_of(const Named (&known)[n], Kind kind) {
  return std::find_if(std::begin(known), std::end(known), [&](const Named& one) { return static_cast<int>(kind) == one.value; })->name;
}

class NeighbourModel : public Model {
 public:
  explicit NeighbourModel(NeighbourParts parts) : parts_(std::make_shared<const NeighbourParts>(std::move(parts))) {}

  int64_t columns() const override { return parts_->columns; }
  int64_t outputs() const override { return parts_->task == Task::classification ? parts_->classes : 1; }

  void save(Tensors& weights, Json& about) const override {
    weights.put("rows", std::span<const float>(parts_->rows), {parts_->count(), parts_->columns});
    if (parts_->task != Task::anomaly) weights.put("targets", std::span<const float>(parts_->targets));
    if (!parts_->weights.empty()) weights.put("row_weights", std::span<const float>(parts_->weights));
    about["task"] = task_name(parts_->task);
    about["metric"] = name_of(kMetrics, parts_->metric);
    about["weights"] = name_of(kVotes, parts_->vote);
    about["method"] = name_of(kFarness, parts_->farness);
    about["n_neighbors"] = parts_->neighbours;
    about["classes"] = parts_->classes;
  }

  std::unique_ptr<Scorer> scorer(Exec& exec) const override { return std::make_unique<NeighbourScorer>(exec, parts_); }
  std::string script(TorchScript& script, const std::string& rows) const override { return script_neighbours(script, *parts_, rows); }

 private:
  std::shared_ptr<const NeighbourParts> parts_;
};

std::string text_at(const Json& about, const char* key) {
  const bool there = about.is_object() && about.contains(key) && about[key].is_string();
  CRISP_REQUIRE(there, Code::data, "knn: the model does not say its ", key);
  return about[key].get<std::string>();
}

int64_t integer_at(const Json& about, const char* key, int64_t low, int64_t high) {
  const bool there = about.contains(key) && about[key].is_number_integer();
  const int64_t value = there ? about[key].get<int64_t>() : -1;
  CRISP_REQUIRE(there && value >= low && value <= high, Code::data, "knn: ", key, " is not a number from ", low, " to ", high);
  return value;
}

bool all_finite(const std::vector<float>& values) {
  return std::all_of(values.begin(), values.end(), [](float value) { return std::isfinite(value); });
}

Task task_at(const Json& about) {
  const std::string name = text_at(about, "task");
  for (const Task task : {Task::anomaly, Task::regression, Task::classification}) {
    if (name == task_name(task)) return task;
  }
  fail(Code::data, concat("knn: there is no task '", name, "'"));
}

void load_targets(const Tensors& weights, NeighbourParts& parts) {
  const auto count = static_cast<size_t>(parts.count());
  parts.targets = weights.get<float>("targets");
  CRISP_REQUIRE(parts.targets.size() == count && all_finite(parts.targets), Code::data, "knn: not one target for each of ", count, " rows");
  const auto is_class = [&](float target) {
    return target >= 0 && target < static_cast<float>(parts.classes) && target == std::floor(target);
  };
  CRISP_REQUIRE(parts.task != Task::classification || std::all_of(parts.targets.begin(), parts.targets.end(), is_class), Code::data,
                "knn: a target is none of the ", parts.classes, " classes");
}

void load_row_weights(const Tensors& weights, NeighbourParts& parts) {
  if (!weights.has("row_weights")) return;
  parts.weights = weights.get<float>("row_weights");
  const bool positive = std::all_of(parts.weights.begin(), parts.weights.end(), [](float weight) { return weight > 0; });
  CRISP_REQUIRE(positive && all_finite(parts.weights) && parts.weights.size() == static_cast<size_t>(parts.count()), Code::data,
                "knn: not one positive weight for each row");
}

}  // namespace

Metric parse_metric(const std::string& name) { return parse<Metric>(kMetrics, name, "metric"); }
Vote parse_vote(const std::string& name) { return parse<Vote>(kVotes, name, "weighting"); }
Farness parse_farness(const std::string& name) { return parse<Farness>(kFarness, name, "method"); }

std::unique_ptr<Model> make_neighbour_model(NeighbourParts parts) { return std::make_unique<NeighbourModel>(std::move(parts)); }

std::unique_ptr<Model> load_neighbour_model(const Tensors& weights, const Json& about) {
  NeighbourParts parts;
  parts.task = task_at(about);
  parts.metric = parse_metric(text_at(about, "metric"));
  parts.vote = parse_vote(text_at(about, "weights"));
  parts.farness = parse_farness(text_at(about, "method"));
  const std::vector<int64_t> shape = weights.at("rows").shape;
  parts.rows = weights.get<float>("rows");
  CRISP_REQUIRE(shape.size() == 2 && shape[0] > 0 && shape[0] < kMostRows && shape[1] > 0 && shape[1] <= kMostColumns &&
                    all_finite(parts.rows),
                Code::data, "knn: the rows are not a matrix of finite numbers");
  parts.columns = shape[1];
  parts.neighbours = integer_at(about, "n_neighbors", 1, std::min(kMostNeighbours, shape[0]));
  parts.classes = integer_at(about, "classes", parts.task == Task::classification ? 1 : 0, kMostClasses);
  if (parts.task != Task::anomaly) load_targets(weights, parts);
  load_row_weights(weights, parts);
  return make_neighbour_model(std::move(parts));
}

}  // namespace crisp
