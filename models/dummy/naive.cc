#include "models/dummy/naive.h"

#include <cmath>

#include "core/torch_script.h"
#include "cuda/error.h"
#include "train/manifest.h"
#include "train/windows.h"

namespace crisp {
namespace {

constexpr const char* kKey = "naive";
constexpr const char* kAnswer = "answer";
constexpr int64_t kMostColumns = 100'000;

/// A season that a window does not hold is none.
int64_t season_of(const NaivePlan& plan) { return plan.season <= plan.steps ? plan.season : 1; }

double newest(const NaivePlan& plan, const float* window) {
  for (int64_t t = plan.steps - 1; t >= 0; --t) {
    const float value = window[t * plan.columns + plan.target];
    if (!std::isnan(value)) return static_cast<double>(value);
  }
  return plan.otherwise;
}

/// The value at the same place of the newest season that has one.
double seasonal(const NaivePlan& plan, const float* window, int64_t ahead, double otherwise) {
  const int64_t season = season_of(plan);
  for (int64_t t = plan.steps - season + ahead % season; t >= 0; t -= season) {
    const float value = window[t * plan.columns + plan.target];
    if (!std::isnan(value)) return static_cast<double>(value);
  }
  return otherwise;
}

class NaiveScorer : public Scorer {
 public:
  explicit NaiveScorer(const NaivePlan& plan) : plan_(plan) {}

  void score(Exec&, MatrixView<const float> rows, std::span<double> scores) const override {
    CRISP_REQUIRE(rows.columns == plan_.columns * plan_.steps, Code::data, "the model reads windows of ",
                  plan_.columns * plan_.steps, " numbers, these have ", rows.columns);
    size_t place = 0;
    for (int64_t i = 0; i < rows.rows; ++i) {
      const double last = newest(plan_, rows.row(i));
      for (int64_t h = 0; h < plan_.horizon; ++h) scores[place++] = seasonal(plan_, rows.row(i), h, last);
    }
  }

 private:
  NaivePlan plan_;
};

class NaiveModel : public Model {
 public:
  explicit NaiveModel(const NaivePlan& plan) : plan_(plan) {}

  int64_t columns() const override { return plan_.columns * plan_.steps; }
  int64_t outputs() const override { return plan_.horizon; }
  void save(Tensors& weights, Json& about) const override {
    weights.put(kAnswer, std::span<const double>(&plan_.otherwise, 1));
    about[kKey] = {{"columns", plan_.columns}, {"steps", plan_.steps}, {"target", plan_.target},
                   {"season", plan_.season}, {"horizon", plan_.horizon}};
  }
  std::unique_ptr<Scorer> scorer(Exec&) const override { return std::make_unique<NaiveScorer>(plan_); }

  std::string script(TorchScript& script, const std::string& rows) const override {
    script.method(R"(
def naive(self, own: Tensor, season: int, horizon: int, otherwise: float) -> Tensor:
    newest = torch.full([own.size(0)], otherwise, dtype=7, device=own.device)
    for t in range(own.size(1)):
        newest = torch.where(torch.isnan(own[:, t]), newest, own[:, t])
    answers: List[Tensor] = []
    for ahead in range(horizon):
        answer = newest
        for t in range((own.size(1) + ahead % season) % season, own.size(1), season):
            answer = torch.where(torch.isnan(own[:, t]), answer, own[:, t])
        answers.append(answer)
    return torch.stack(answers, 1)
)");
    return concat("self.naive(", rows, "[:, ", plan_.target, "::", plan_.columns, "].to(7), ", season_of(plan_), ", ", plan_.horizon,
                  ", ", script_number(plan_.otherwise), ")");
  }

 private:
  NaivePlan plan_;
};

int64_t whole(const Json& json, const char* key, int64_t low, int64_t high) {
  const auto number = manifest_member(json, key, &Json::is_number_integer).get<int64_t>();
  CRISP_REQUIRE(number >= low && number <= high, Code::data, "dummy: ", key, " is ", number, ", not ", low, " to ", high);
  return number;
}

}  // namespace

std::unique_ptr<Model> make_naive_model(const NaivePlan& plan) { return std::make_unique<NaiveModel>(plan); }

bool is_naive_model(const Json& about) { return about.is_object() && about.contains(kKey); }

std::unique_ptr<Model> load_naive_model(const Tensors& weights, const Json& about) {
  const Json& json = manifest_member(about, kKey, &Json::is_object);
  NaivePlan plan;
  plan.columns = whole(json, "columns", 1, kMostColumns);
  plan.steps = whole(json, "steps", 1, kMostLookback);
  plan.target = whole(json, "target", 0, plan.columns - 1);
  plan.season = whole(json, "season", 1, INT32_MAX);
  plan.horizon = whole(json, "horizon", 1, kMostHorizon);
  const std::vector<double> answer = weights.get<double>(kAnswer);
  CRISP_REQUIRE(answer.size() == 1 && std::isfinite(answer[0]), Code::data, "dummy: not an answer for where no value is known");
  plan.otherwise = answer[0];
  return make_naive_model(plan);
}

}  // namespace crisp
