#include "models/dummy/dummy.h"

#include <algorithm>
#include <cmath>
#include <numeric>

#include "core/torch_script.h"
#include "cuda/error.h"
#include "models/dummy/naive.h"

namespace crisp {
namespace {

constexpr int64_t kMostOutputs = 100'000;

/// The same numbers for every row.
class ConstantScorer : public Scorer {
 public:
  ConstantScorer(int64_t columns, std::vector<double> answer) : columns_(columns), answer_(std::move(answer)) {}

  void score(Exec&, MatrixView<const float> rows, std::span<double> scores) const override {
    CRISP_REQUIRE(rows.columns == columns_, Code::data, "the model was made for ", columns_, " columns, not ", rows.columns);
    CRISP_ASSERT(scores.size() == static_cast<size_t>(rows.rows) * answer_.size());
    for (int64_t row = 0; row < rows.rows; ++row) {
      std::copy(answer_.begin(), answer_.end(), scores.begin() + row * static_cast<int64_t>(answer_.size()));
    }
  }

 private:
  int64_t columns_;
  std::vector<double> answer_;
};

class DummyModel : public Model {
 public:
  DummyModel(int64_t columns, std::vector<double> answer) : columns_(columns), answer_(std::move(answer)) {}

  int64_t columns() const override { return columns_; }
  int64_t outputs() const override { return static_cast<int64_t>(answer_.size()); }
  void save(Tensors& weights, Json& about) const override {
    weights.put("answer", std::span<const double>(answer_));
    about["columns"] = columns_;
  }
  std::unique_ptr<Scorer> scorer(Exec&) const override { return std::make_unique<ConstantScorer>(columns_, answer_); }
  std::string script(TorchScript& script, const std::string& rows) const override {
    return concat(script.constant<double>(answer_), ".unsqueeze(0).expand(", rows, ".size(0), ", answer_.size(), ")");
  }

 private:
  int64_t columns_;
  std::vector<double> answer_;
};

/// Of the i-th target.
double weight(const LabelledRows& rows, size_t i) {
  return rows.weights.empty() ? 1.0 : rows.weights[i / static_cast<size_t>(rows.answers)];
}

std::vector<double> class_shares(const FitData& data) {
  std::vector<double> shares(static_cast<size_t>(data.classes));
  double total = 0;
  for (size_t i = 0; i < data.train.target.size(); ++i) {
    shares[static_cast<size_t>(data.train.target[i])] += weight(data.train, i);
    total += weight(data.train, i);
  }
  CRISP_REQUIRE(total > 0, Code::data, "the weights of all rows are 0");
  for (double& share : shares) share /= total;
  return shares;
}

double mean(const LabelledRows& rows) {
  double sum = 0, total = 0;
  for (size_t i = 0; i < rows.target.size(); ++i) {
    sum += weight(rows, i) * static_cast<double>(rows.target[i]);
    total += weight(rows, i);
  }
  CRISP_REQUIRE(total > 0, Code::data, "the weights of all rows are 0");
  return sum / total;
}

/// Half of the weight lies at or below it; where that is so for two neighbours, the middle between them.
double median(const LabelledRows& rows) {
  std::vector<size_t> order(rows.target.size());
  std::iota(order.begin(), order.end(), size_t{0});
  std::stable_sort(order.begin(), order.end(), [&](size_t a, size_t b) { return rows.target[a] < rows.target[b]; });
  double total = 0, below = 0;
  for (size_t i = 0; i < order.size(); ++i) total += weight(rows, i);
  CRISP_REQUIRE(total > 0, Code::data, "the weights of all rows are 0");
  for (size_t k = 0; k < order.size(); ++k) {
    below += weight(rows, order[k]);
    const double value = rows.target[order[k]];
    if (below == total / 2 && k + 1 < order.size()) return (value + static_cast<double>(rows.target[order[k + 1]])) / 2;
    if (below > total / 2) return value;
  }
  return rows.target[order.back()];
}

std::vector<double> answer_of(const FitData& data, const std::string& strategy) {
  if (data.task == Task::forecast) {
    return std::vector<double>(static_cast<size_t>(data.train.answers), strategy == "median" ? median(data.train) : mean(data.train));
  }
  if (data.task == Task::regression) return {strategy == "median" ? median(data.train) : mean(data.train)};
  std::vector<double> shares = class_shares(data);
  if (strategy == "uniform") return std::vector<double>(shares.size(), 1.0 / static_cast<double>(shares.size()));
  if (strategy != "most_frequent") return shares;
  const auto usual = std::max_element(shares.begin(), shares.end()) - shares.begin();
  std::fill(shares.begin(), shares.end(), 0.0);
  shares[static_cast<size_t>(usual)] = 1.0;
  return shares;
}

std::unique_ptr<Model> naive(const FitData& data, const std::string& strategy) {
  const WindowLayout& window = data.window;
  const int64_t season = strategy == "last" ? 1 : window.season;
  return make_naive_model({data.train.rows.columns / window.steps, window.steps, window.target, season, data.train.answers, mean(data.train)});
}

void require_strategy(const std::string& strategy, Task task) {
  const auto is_one_of = [&](std::initializer_list<const char*> names) { return std::find(names.begin(), names.end(), strategy) != names.end(); };
  const bool fits = strategy == "auto" ||
                    (task == Task::classification ? is_one_of({"prior", "most_frequent", "uniform"})
                                                  : is_one_of({"mean", "median"}) || (task == Task::forecast && is_one_of({"seasonal", "last"})));
  if (fits) return;
  throw Error(Code::config, concat("the dummy's strategy '", strategy, "' is none of a ", task_name(task)),
              task == Task::classification ? "of classes: prior, most_frequent or uniform"
              : task == Task::forecast     ? "of forecasts: seasonal, last, mean or median"
                                           : "of numbers: mean or median");
}

class DummyLearner : public Learner {
 public:
  std::string name() const override { return "dummy"; }
  std::string title() const override { return "Dummy"; }
  std::string about() const override {
    return "Answers every row alike: the mean or the median of the target, or the shares of its classes. The least that any "
           "other model has to beat.";
  }
  std::vector<std::string> aliases() const override { return {"baseline"}; }
  std::vector<Task> tasks() const override { return {Task::regression, Task::classification, Task::forecast}; }
  FeatureNeeds needs() const override { return {.codes = true, .scaled = false, .missing = true}; }
  bool weighs_rows() const override { return true; }

  const ParamTable& params() const override {
    static const ParamTable table({{.name = "strategy",
                                    .fallback = std::string("auto"),
                                    .help = "auto: mean of numbers, prior of classes (the usual class, with each class's share as its "
                                            "probability), seasonal of forecasts (as a season ago; last: as the newest value)",
                                    .choices = {"auto", "mean", "median", "prior", "most_frequent", "uniform", "seasonal", "last"}}});
    return table;
  }

  std::unique_ptr<Model> fit(Exec&, const FitData& data, const Params& params, uint64_t, TrainingRun&) const override {
    const std::string& strategy = params.text("strategy");
    require_strategy(strategy, data.task);
    CRISP_REQUIRE(!data.train.target.empty(), Code::data, "no rows to learn from");
    if (data.task == Task::forecast && strategy != "mean" && strategy != "median") return naive(data, strategy);
    return std::make_unique<DummyModel>(data.train.rows.columns, answer_of(data, strategy));
  }

  std::unique_ptr<Model> load(const Tensors& weights, const Json& about) const override {
    if (is_naive_model(about)) return load_naive_model(weights, about);
    std::vector<double> answer = weights.get<double>("answer");
    const bool counted = about.is_object() && about.contains("columns") && about["columns"].is_number_integer();
    const int64_t columns = counted ? about["columns"].get<int64_t>() : -1;
    CRISP_REQUIRE(columns >= 0 && !answer.empty() && answer.size() <= kMostOutputs &&
                      std::all_of(answer.begin(), answer.end(), [](double value) { return std::isfinite(value); }),
                  Code::data, "dummy: not an answer and a number of columns");
    return std::make_unique<DummyModel>(columns, std::move(answer));
  }
};

}  // namespace

std::unique_ptr<Learner> make_dummy() { return std::make_unique<DummyLearner>(); }

}  // namespace crisp
