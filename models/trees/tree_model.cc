#include "models/trees/tree_model.h"

#include <algorithm>
#include <cmath>

#include "cuda/error.h"
#include "kernels/forest/traverse.h"
#include "kernels/training/link_row.h"
#include "models/trees/torchscript.h"
#include "models/trees/tree_explanation.h"
#include "models/trees/tree_file.h"

namespace crisp {
namespace {

constexpr int64_t kGrain = 1024;  // rows of one task

void shares(double* values, int64_t count) {
  double total = 0;
  for (int64_t k = 0; k < count; ++k) total += values[k] = logistic(values[k]);
  for (int64_t k = 0; k < count; ++k) values[k] /= total;
}

template <class Change>
void each(double* values, int64_t count, double* out, Change change) {
  for (int64_t k = 0; k < count; ++k) out[k] = change(values[k]);
}

class TreeScorer : public Scorer {
 public:
  TreeScorer(Exec& exec, std::shared_ptr<const TreeParts> parts) : parts_(std::move(parts)), forest_(exec, parts_->trees.view()) {}

  void score(Exec& exec, MatrixView<const float> rows, std::span<double> scores) const override {
    CRISP_REQUIRE(rows.columns == forest_.columns(), Code::data, "the model was made for ", forest_.columns(), " columns, not ", rows.columns);
    const int64_t k = parts_->sums(), answers = parts_->answers();
    CRISP_ASSERT(scores.size() == static_cast<size_t>(rows.rows * answers));
    if (rows.rows == 0) return;
    // Sums lie where the answers will: of two classes in the place of the second.
    const MatrixView<double> sums{scores.data() + answers - k, rows.rows, k, answers};
    forest_.sum(exec, rows, sums);
    exec.threads().for_ranges(rows.rows, kGrain, [&](int64_t begin, int64_t end) {
      for (int64_t row = begin; row < end; ++row) answer(sums.row(row), scores.data() + row * answers);
    });
  }

 private:
  void answer(double* sums, double* out) const {
    for (int64_t k = 0; k < parts_->sums(); ++k) sums[k] = parts_->margin(k, sums[k]);
    answer_of_sums(parts_->link, sums, parts_->sums(), out);
  }

  std::shared_ptr<const TreeParts> parts_;
  Forest forest_;
};

class SavedTrees : public TreeModel {
 public:
  explicit SavedTrees(TreeParts parts) : parts_(std::make_shared<const TreeParts>(std::move(parts))), explanation_(*parts_) {}

  int64_t columns() const override { return parts_->trees.columns; }
  int64_t outputs() const override { return parts_->answers(); }
  const TreeParts& parts() const override { return *parts_; }

  void save(Tensors& weights, Json& about) const override { save_trees(*parts_, weights, about); }
  std::unique_ptr<Scorer> scorer(Exec& exec) const override { return std::make_unique<TreeScorer>(exec, parts_); }
  std::string script(TorchScript& script, const std::string& rows) const override { return script_trees(script, *parts_, rows); }
  const Explainable* explainable() const override { return &explanation_; }

 private:
  std::shared_ptr<const TreeParts> parts_;
  TreeExplanation explanation_;
};

}  // namespace

void answer_of_sums(TreeLink link, double* sums, int64_t count, double* out) {
  const auto in_place = [&] {
    if (out != sums) std::copy_n(sums, count, out);
  };
  switch (link) {
    case TreeLink::identity: return in_place();
    case TreeLink::logistic: return logistic_pair(sums[0], out);
    case TreeLink::softmax: return in_place(), softmax(out, count);
    case TreeLink::one_against_rest: return in_place(), shares(out, count);
    case TreeLink::exponential: return each(sums, count, out, [](double sum) { return exact_exp(sum); });
    case TreeLink::sigmoid: return each(sums, count, out, [](double sum) { return logistic(sum); });
    case TreeLink::signed_square: return each(sums, count, out, [](double sum) { return sum * std::fabs(sum); });
  }
}

std::unique_ptr<TreeModel> make_tree_model(TreeParts parts) { return std::make_unique<SavedTrees>(std::move(parts)); }

std::unique_ptr<TreeModel> load_tree_model(const Tensors& weights, const Json& about) { return make_tree_model(load_trees(weights, about)); }

}  // namespace crisp
