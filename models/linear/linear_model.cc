#include "models/linear/linear_model.h"

#include <algorithm>
#include <cmath>
#include <iterator>

#include "core/torch_script.h"
#include "cuda/error.h"
#include "kernels/training/link_row.h"
#include "models/linear/linear_explanation.h"

namespace crisp {
namespace {

constexpr const char* kLinks[] = {"identity", "logistic", "softmax"};
constexpr int64_t kScoreGrain = 1024;  // rows of one task

class LinearScorer : public Scorer {
 public:
  explicit LinearScorer(std::shared_ptr<const LinearParts> parts) : parts_(std::move(parts)) {}

  void score(Exec& exec, MatrixView<const float> rows, std::span<double> scores) const override {
    const LinearParts& parts = *parts_;
    CRISP_REQUIRE(rows.columns == parts.columns, Code::data, "the model was made for ", parts.columns, " columns, not ", rows.columns);
    const int64_t outputs = parts.link == Link::logistic ? 2 : parts.sums();
    CRISP_ASSERT(scores.size() == static_cast<size_t>(rows.rows * outputs));
    exec.threads().for_ranges(rows.rows, kScoreGrain, [&](int64_t begin, int64_t end) {
      for (int64_t row = begin; row < end; ++row) answer(rows.row(row), scores.data() + row * outputs);
    });
  }

 private:
  void answer(const float* row, double* out) const {
    if (parts_->link == Link::logistic) return logistic_pair(parts_->sum(row, 0), out);
    for (int64_t k = 0; k < parts_->sums(); ++k) out[k] = parts_->sum(row, k);
    if (parts_->link == Link::softmax) softmax(out, parts_->sums());
  }

  std::shared_ptr<const LinearParts> parts_;
};

class LinearModel : public Model {
 public:
  explicit LinearModel(LinearParts parts) : parts_(std::make_shared<const LinearParts>(std::move(parts))), explanation_(*parts_) {}

  int64_t columns() const override { return parts_->columns; }
  int64_t outputs() const override { return parts_->link == Link::logistic ? 2 : parts_->sums(); }

  void save(Tensors& weights, Json& about) const override {
    weights.put("weights", std::span<const double>(parts_->weights), {parts_->sums(), parts_->columns});
    weights.put("intercepts", std::span<const double>(parts_->intercepts));
    about["link"] = kLinks[static_cast<int>(parts_->link)];
  }

  std::unique_ptr<Scorer> scorer(Exec&) const override { return std::make_unique<LinearScorer>(parts_); }

  std::string script(TorchScript& script, const std::string& rows) const override {
    const std::string weights = script.constant<double>(parts_->weights, {parts_->sums(), parts_->columns});
    const std::string sums = script.let(
        concat("torch.mm(", rows, ".to(7), ", weights, ".t()) + ", script.constant<double>(parts_->intercepts)));
    if (parts_->link == Link::logistic) return concat("torch.cat([torch.sigmoid(-", sums, "), torch.sigmoid(", sums, ")], 1)");
    return parts_->link == Link::softmax ? concat("torch.softmax(", sums, ", 1)") : sums;
  }

  const Explainable* explainable() const override { return &explanation_; }

 private:
  std::shared_ptr<const LinearParts> parts_;
  LinearExplanation explanation_;
};

bool all_finite(const std::vector<double>& values) {
  return std::all_of(values.begin(), values.end(), [](double value) { return std::isfinite(value); });
}

}  // namespace

std::unique_ptr<Model> make_linear_model(LinearParts parts) { return std::make_unique<LinearModel>(std::move(parts)); }

std::unique_ptr<Model> load_linear_model(const Tensors& weights, const Json& about) {
  LinearParts parts;
  const std::string link = about.is_object() && about.contains("link") && about["link"].is_string() ? about["link"].get<std::string>() : "";
  const auto* known = std::find(std::begin(kLinks), std::end(kLinks), link);
  CRISP_REQUIRE(known != std::end(kLinks), Code::data, "linear model: there is no link '", link, "'");
  parts.link = static_cast<Link>(known - std::begin(kLinks));
  const std::vector<int64_t> shape = weights.at("weights").shape;
  parts.weights = weights.get<double>("weights");
  parts.intercepts = weights.get<double>("intercepts");
  CRISP_REQUIRE(shape.size() == 2 && shape[0] == parts.sums() && (parts.link == Link::softmax ? shape[0] > 2 : parts.link == Link::identity ? shape[0] > 0 : shape[0] == 1),
                Code::data, "linear model: weights and intercepts do not fit together");
  CRISP_REQUIRE(all_finite(parts.weights) && all_finite(parts.intercepts), Code::data, "linear model: a weight is not a number");
  parts.columns = shape[1];
  return make_linear_model(std::move(parts));
}

}  // namespace crisp
