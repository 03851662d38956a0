#include "models/trees/tree_model.h"

#include <algorithm>
#include <bit>
#include <cmath>
#include <iterator>

#include "cuda/error.h"
#include "kernels/forest/traverse.h"
#include "kernels/training/link_row.h"
#include "models/trees/torchscript.h"

namespace crisp {
namespace {

constexpr const char* kLinks[] = {"identity", "logistic", "softmax", "exponential", "sigmoid", "one_against_rest", "signed_square"};
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
    for (int64_t k = 0; k < parts_->sums(); ++k) sums[k] = parts_->base[static_cast<size_t>(k)] + parts_->scale * sums[k];
    answer_of_sums(parts_->link, sums, parts_->sums(), out);
  }

  std::shared_ptr<const TreeParts> parts_;
  Forest forest_;
};

template <class T>
std::span<const T> all(const std::vector<T>& values) {
  return {values.data(), values.size()};
}

class SavedTrees : public TreeModel {
 public:
  explicit SavedTrees(TreeParts parts) : parts_(std::make_shared<const TreeParts>(std::move(parts))) {}

  int64_t columns() const override { return parts_->trees.columns; }
  int64_t outputs() const override { return parts_->answers(); }
  const TreeParts& parts() const override { return *parts_; }

  void save(Tensors& weights, Json& about) const override {
    const Trees& trees = parts_->trees;
    weights.put("first", all(trees.first));
    weights.put("feature", all(trees.feature));
    weights.put("threshold", all(trees.threshold));
    weights.put("left", all(trees.left));
    weights.put("right", all(trees.right));
    weights.put("missing_left", all(trees.missing_left));
    weights.put("set", all(trees.set));
    weights.put("set_first", all(trees.set_first));
    std::vector<int32_t> bits;
    for (const uint32_t word : trees.set_bits) bits.push_back(std::bit_cast<int32_t>(word));
    weights.put("set_bits", all(bits));
    weights.put("value", all(trees.value));
    weights.put("cover", all(trees.cover));
    weights.put("gain", all(trees.gain));
    weights.put("base", all(parts_->base));
    weights.put("scale", std::span<const double>(&parts_->scale, 1));
    about["columns"] = trees.columns;
    about["outputs"] = trees.outputs;
    about["trees"] = trees.view().trees();
    about["vector_leaves"] = trees.vector_leaves;
    about["link"] = kLinks[static_cast<int>(parts_->link)];
  }

  std::unique_ptr<Scorer> scorer(Exec& exec) const override { return std::make_unique<TreeScorer>(exec, parts_); }
  std::string script(TorchScript& script, const std::string& rows) const override { return script_trees(script, *parts_, rows); }

 private:
  std::shared_ptr<const TreeParts> parts_;
};

const Json& told(const Json& about, const char* key, bool (Json::*is_kind)() const noexcept) {
  const bool there = about.is_object() && about.contains(key) && (about[key].*is_kind)();
  CRISP_REQUIRE(there, Code::data, "the model does not say its '", key, "'");
  return about[key];
}

TreeLink told_link(const Json& about) {
  const auto& name = told(about, "link", &Json::is_string).get_ref<const std::string&>();
  const auto* known = std::find(std::begin(kLinks), std::end(kLinks), name);
  CRISP_REQUIRE(known != std::end(kLinks), Code::data, "the model's link is none of ours");
  return static_cast<TreeLink>(known - std::begin(kLinks));
}

/// Whole numbers beyond int64_t become negative: no count of anything.
int64_t told_count(const Json& about, const char* key) { return told(about, key, &Json::is_number_integer).get<int64_t>(); }

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

std::unique_ptr<TreeModel> load_tree_model(const Tensors& weights, const Json& about) {
  TreeParts parts;
  Trees& trees = parts.trees;
  trees.columns = told_count(about, "columns");
  trees.outputs = told_count(about, "outputs");
  trees.vector_leaves = told(about, "vector_leaves", &Json::is_boolean).get<bool>();
  parts.link = told_link(about);
  parts.base = weights.get<double>("base");
  const std::vector<double> scale = weights.get<double>("scale");
  CRISP_REQUIRE(scale.size() == 1, Code::data, "the model's scale is not one number");
  parts.scale = scale[0];
  trees.first = weights.get<int64_t>("first");
  trees.feature = weights.get<int32_t>("feature");
  trees.threshold = weights.get<float>("threshold");
  trees.left = weights.get<int32_t>("left");
  trees.right = weights.get<int32_t>("right");
  trees.missing_left = weights.get<uint8_t>("missing_left");
  trees.set = weights.get<int32_t>("set");
  trees.set_first = weights.get<int64_t>("set_first");
  for (const int32_t word : weights.get<int32_t>("set_bits")) trees.set_bits.push_back(std::bit_cast<uint32_t>(word));
  trees.value = weights.get<double>("value");
  trees.cover = weights.get<float>("cover");
  trees.gain = weights.get<float>("gain");
  check_trees(parts, "the model");
  CRISP_REQUIRE(told_count(about, "trees") == trees.view().trees(), Code::data, "the model says that it has another number of trees than it has");
  return make_tree_model(std::move(parts));
}

}  // namespace crisp
