#include "models/trees/tree_file.h"

#include <algorithm>
#include <bit>
#include <iterator>

#include "cuda/error.h"

namespace crisp {
namespace {

constexpr const char* kLinks[] = {"identity", "logistic", "softmax", "exponential", "sigmoid", "one_against_rest", "signed_square"};

template <class T>
std::span<const T> all(const std::vector<T>& values) {
  return {values.data(), values.size()};
}

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

void save_trees(const TreeParts& parts, Tensors& weights, Json& about) {
  const Trees& trees = parts.trees;
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
  if (!trees.single_start.empty()) weights.put("single_start", all(trees.single_start));
  weights.put("base", all(parts.base));
  weights.put("scale", std::span<const double>(&parts.scale, 1));
  about["columns"] = trees.columns;
  about["outputs"] = trees.outputs;
  about["trees"] = trees.view().trees();
  about["vector_leaves"] = trees.vector_leaves;
  about["link"] = kLinks[static_cast<int>(parts.link)];
}

TreeParts load_trees(const Tensors& weights, const Json& about) {
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
  if (weights.has("single_start")) trees.single_start = weights.get<double>("single_start");
  check_trees(parts, "the model");
  CRISP_REQUIRE(told_count(about, "trees") == trees.view().trees(), Code::data, "the model says that it has another number of trees than it has");
  return parts;
}

}  // namespace crisp
