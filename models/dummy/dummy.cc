#include "models/dummy/dummy.h"

#include <algorithm>
#include <cmath>
#include <numeric>

#include "core/torch_script.h"
#include "cuda/error.h"

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

double weight(const LabelledRows& rows, size_t row) { return rows.weights.empty() ? 1.0 : rows.weights[row]; }

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
  if (data.task == Task::regression) return {strategy == "median" ? median(data.train) : mean(data.train)};
  std::vector<double> shares = class_shares(data);
  if (strategy == "uniform") return std::vector<double>(shares.size(), 1.0 / static_cast<double>(shares.size()));
  if (strategy != "most_frequent") return shares;
  const auto usual = std::max_element(shares.begin(), shares.end()) - shares.begin();
  std::fill(shares.begin(), shares.end(), 0.0);
  shares[static_cast<size_t>(usual)] = 1.0;
  return shares;
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
  std::vector<Task> tasks() const override { return {Task::regression, Task::classification}; }
  FeatureNeeds needs() const override { return {.codes = true, .scaled = false, .missing = true}; }
  bool weighs_rows() const override { return true; }

  const ParamTable& params() const override {
    static const ParamTable table({{.name = "strategy",
                                    .fallback = std::string("auto"),
                                    .help = "auto: mean of numbers, prior of classes (the usual class, with each class's share as its "
                                            "probability)",
                                    .choices = {"auto", "mean", "median", "prior", "most_frequent", "uniform"}}});
    return table;
  }

  std::unique_ptr<Model> fit(Exec&, const FitData& data, const Params& params, uint64_t, TrainingRun&) const override {
    const std::string& strategy = params.text("strategy");
    const bool of_numbers = strategy == "mean" || strategy == "median";
    if (strategy != "auto" && of_numbers != (data.task == Task::regression)) {
      throw Error(Code::config, concat("the dummy's strategy '", strategy, "' is none of a ", task_name(data.task)),
                  of_numbers ? "of classes: prior, most_frequent or uniform" : "of numbers: mean or median");
    }
    CRISP_REQUIRE(!data.train.target.empty(), Code::data, "no rows to learn from");
    return std::make_unique<DummyModel>(data.train.rows.columns, answer_of(data, strategy));
  }

  std::unique_ptr<Model> load(const Tensors& weights, const Json& about) const override {
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
