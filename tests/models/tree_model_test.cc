/// Models of trees: what they answer, that they come back as they were saved, and that nothing bent is believed.
#include "models/trees/tree_model.h"

#include <gtest/gtest.h>

#include <cmath>
#include <functional>
#include <limits>

#include "core/json.h"
#include "cuda/error.h"
#include "models/trees/rules.h"
#include "tests/models/random_trees.h"

namespace crisp {
namespace {

constexpr float kNan = std::numeric_limits<float>::quiet_NaN();

std::vector<double> answers(const Model& model, const std::vector<float>& rows, int threads = 2) {
  Exec exec(Device::cpu(), threads);
  const int64_t count = static_cast<int64_t>(rows.size()) / model.columns();
  std::vector<double> out(static_cast<size_t>(count * model.outputs()));
  model.scorer(exec)->score(exec, {rows.data(), count, model.columns(), model.columns()}, out);
  return out;
}

std::unique_ptr<TreeModel> saved_and_loaded(const Model& model) {
  Tensors weights;
  Json about;
  model.save(weights, about);
  return load_tree_model(Tensors::parse(weights.serialise(), "weights.safetensors"), parse_json(to_text(about), "about"));
}

std::vector<uint8_t> bytes_of(const Model& model) {
  Tensors weights;
  Json about;
  model.save(weights, about);
  std::vector<uint8_t> bytes = weights.serialise();
  const std::string text = to_text(about);
  bytes.insert(bytes.end(), text.begin(), text.end());
  return bytes;
}

TEST(TreeModel, NumbersCodesAndMissingValuesFindTheirLeaf) {
  const auto model = make_tree_model(small_trees());
  const std::vector<float> rows = {37.5f, 1,    0,  // in the set, though the threshold is met to the bit
                                   37.6f, 0,    -0.25f,
                                   37.6f, 0,    0,
                                   0,     33,   0,   // the set's second word
                                   0,     2,    0,
                                   0,     64,   0,   // behind the set's last word
                                   0,     -1,   0,
                                   0,     1e9f, 0,
                                   kNan,  kNan, 0,
                                   99,    0,    kNan};
  EXPECT_EQ(answers(*model, rows), (std::vector<double>{1.625, 3.625, -3.875, 1.625, 2.625, 2.625, 2.625, 2.625, 2.625, 3.625}));
}

TEST(TreeModel, EveryLinkMeansWhatItSays) {
  TreeParts parts = small_trees();
  parts.base = {0.25};
  parts.scale = 0.5;
  const std::vector<float> row = {99, 0, 0};
  const double sum = 0.25 + 0.5 * (-4.5 + 0.125);
  const auto answered = [&](TreeLink link) {
    parts.link = link;
    return answers(*make_tree_model(parts), row);
  };
  EXPECT_EQ(answered(TreeLink::identity), std::vector<double>{sum});
  EXPECT_NEAR(answered(TreeLink::exponential)[0], std::exp(sum), 1e-15);
  EXPECT_NEAR(answered(TreeLink::sigmoid)[0], 1 / (1 + std::exp(-sum)), 1e-15);
  EXPECT_EQ(answered(TreeLink::signed_square)[0], -sum * sum);
  const std::vector<double> pair = answered(TreeLink::logistic);
  ASSERT_EQ(pair.size(), 2u);
  EXPECT_NEAR(pair[1], 1 / (1 + std::exp(-sum)), 1e-15);
  EXPECT_NEAR(pair[0], 1 / (1 + std::exp(sum)), 1e-15);
}

TEST(TreeModel, UnlikelyClassesKeepTheirDigits) {
  TreeParts parts = small_trees();
  parts.link = TreeLink::logistic;
  parts.base = {-60};
  const std::vector<double> pair = answers(*make_tree_model(parts), {0, 1, 0});
  EXPECT_NEAR(pair[1] / std::exp(-58.875), 1, 1e-14);
}

TEST(TreeModel, ClassesShareOneSumEach) {
  TreeParts parts = small_trees();
  parts.trees.outputs = 2;
  parts.base = {0.5, -1};
  parts.link = TreeLink::softmax;
  const double first = 1.5, second = -0.875, total = std::exp(first) + std::exp(second);
  std::vector<double> pair = answers(*make_tree_model(parts), {0, 1, 0});
  EXPECT_NEAR(pair[0], std::exp(first) / total, 1e-15);
  EXPECT_NEAR(pair[1], std::exp(second) / total, 1e-15);
  parts.link = TreeLink::one_against_rest;
  pair = answers(*make_tree_model(parts), {0, 1, 0});
  const double one = 1 / (1 + std::exp(-first)), other = 1 / (1 + std::exp(-second));
  EXPECT_NEAR(pair[0], one / (one + other), 1e-15);
  EXPECT_NEAR(pair[1], other / (one + other), 1e-15);
}

TEST(TreeModel, AnswersAsThePlainWalk) {
  constexpr int64_t kRows = 3000;
  const std::vector<float> rows = random_rows(kRows);
  for (const bool vectors : {false, true}) {
    const TreeParts parts = random_trees(vectors, 3, 11, true);
    const auto model = make_tree_model(parts);
    const std::vector<double> found = answers(*model, rows, 1);
    for (int64_t i = 0; i < kRows; ++i) {
      const std::vector<double> sums = sums_of(parts, rows.data() + i * 5);
      for (int64_t k = 0; k < 3; ++k) ASSERT_EQ(found[static_cast<size_t>(3 * i + k)], sums[static_cast<size_t>(k)]) << i << " " << k;
    }
    EXPECT_EQ(answers(*model, rows, 7), found);
  }
}

TEST(TreeModel, ComesBackAsItWasSaved) {
  const std::vector<float> rows = random_rows(500);
  for (const bool vectors : {false, true}) {
    TreeParts parts = random_trees(vectors, 2, 5, true);
    parts.scale = 1.0 / 3;
    parts.link = TreeLink::softmax;
    const auto model = make_tree_model(parts), again = saved_and_loaded(*model);
    EXPECT_EQ(bytes_of(*again), bytes_of(*model));
    EXPECT_EQ(answers(*again, rows), answers(*model, rows));
    parts.trees.single_start = {0.25, -1};
    const auto single = make_tree_model(parts);
    EXPECT_NE(answers(*single, rows), answers(*model, rows));
    EXPECT_EQ(answers(*saved_and_loaded(*single), rows), answers(*single, rows));
  }
}

TEST(TreeModel, AMillionLevelsAreCheckedSavedLoadedAndWalked) {
  const auto model = make_tree_model(chain_of_trees(1'000'000));
  const auto again = saved_and_loaded(*model);
  EXPECT_EQ(answers(*again, {-1, 0.5f, 2, 999'999, 2e6f, kNan}), (std::vector<double>{0, 1, 2, 999'999, 1e6, 1e6}));
}

TEST(TreeModel, RefusesRowsOfOtherColumns) {
  Exec exec(Device::cpu(), 1);
  const std::vector<float> row(2);
  std::vector<double> out(1);
  EXPECT_THROW(make_tree_model(small_trees())->scorer(exec)->score(exec, {row.data(), 1, 2, 2}, out), Error);
}

struct Bend {
  std::string name;
  std::function<void(TreeParts&)> apply;
  std::string says;
};
void PrintTo(const Bend& bend, std::ostream* out) { *out << bend.name; }

constexpr double kInfinity = std::numeric_limits<double>::infinity();

std::vector<Bend> bends() {
  return {
      {"ChildOutOfRange", [](TreeParts& p) { p.trees.right[1] = 9; }, "the model's tree 0, node 1: child 9 is out of range (the tree has 7 nodes)"},
      {"ChildNegative", [](TreeParts& p) { p.trees.left[2] = -5; }, "the model's tree 0, node 2: child -5 is out of range"},
      {"ChildOfAnotherTree", [](TreeParts& p) { p.trees.right[2] = 7; }, "tree 0, node 2: child 7 is out of range"},
      {"Cycle", [](TreeParts& p) { p.trees.left[1] = 0; }, "tree 0, node 1: child 0 does not stand behind it"},
      {"OwnChild", [](TreeParts& p) { p.trees.right[2] = 2; }, "tree 0, node 2: child 2 does not stand behind it"},
      {"SharedChild", [](TreeParts& p) { p.trees.right[2] = 3; }, "tree 0, node 2: child 3 has another parent already"},
      {"TwinChild", [](TreeParts& p) { p.trees.right[0] = 1; }, "tree 0, node 0: child 1 has another parent already"},
      {"Orphan", [](TreeParts& p) { p.trees.feature[2] = -1, p.trees.left[2] = p.trees.right[2] = 0, p.trees.gain[2] = 0; },
       "tree 0, node 5: no node leads to it"},
      {"FeatureOutOfRange", [](TreeParts& p) { p.trees.feature[2] = 3; }, "tree 0, node 2: feature 3 is out of range (the rows have 3 columns)"},
      {"FeatureNegative", [](TreeParts& p) { p.trees.feature[3] = -2; }, "tree 0, node 3: its feature is -2"},
      {"LeafWithChildren", [](TreeParts& p) { p.trees.left[4] = 5; }, "tree 0, node 4: a leaf has children"},
      {"LeafWithASet", [](TreeParts& p) { p.trees.set[7] = 0; }, "tree 1, node 0: a leaf has a set"},
      {"LeafThatGained", [](TreeParts& p) { p.trees.gain[6] = 1; }, "tree 0, node 6: a leaf has gained 1"},
      {"InnerNodeWithAValue", [](TreeParts& p) { p.trees.value[1] = 2; }, "tree 0, node 1: it is no leaf, and has the value 2"},
      {"ThresholdNan", [](TreeParts& p) { p.trees.threshold[2] = kNan; }, "tree 0, node 2: its threshold is not finite"},
      {"ThresholdInfinite", [](TreeParts& p) { p.trees.threshold[7] = INFINITY; }, "tree 1, node 0: its threshold is not finite"},
      {"ValueNan", [](TreeParts& p) { p.trees.value[7] = NAN; }, "tree 1, node 0: its value is not finite"},
      {"ValueInfinite", [](TreeParts& p) { p.trees.value[6] = -kInfinity; }, "tree 0, node 6: its value is not finite"},
      {"CoverNan", [](TreeParts& p) { p.trees.cover[3] = kNan; }, "tree 0, node 3: its cover"},
      {"CoverNegative", [](TreeParts& p) { p.trees.cover[0] = -1; }, "tree 0, node 0: its cover"},
      {"CoverInfinite", [](TreeParts& p) { p.trees.cover[0] = INFINITY; }, "tree 0, node 0: its cover"},
      {"GainNan", [](TreeParts& p) { p.trees.gain[0] = kNan; }, "tree 0, node 0: its gain"},
      {"MissingLeftTwo", [](TreeParts& p) { p.trees.missing_left[1] = 2; }, "tree 0, node 1: missing_left is 2"},
      {"SetOutOfRange", [](TreeParts& p) { p.trees.set[1] = 1; }, "tree 0, node 1: set 1 is out of range (there are 1)"},
      {"SetBelowNone", [](TreeParts& p) { p.trees.set[0] = -2; }, "tree 0, node 0: set -2 is out of range"},
      {"SetsBackwards", [](TreeParts& p) { p.trees.set_first = {0, 2, 1, 2}; }, "set 1 of categories ends before"},
      {"SetsBeyondTheBits", [](TreeParts& p) { p.trees.set_first = {0, 3, 2}; }, "set 0 of categories ends before it begins, or behind the last"},
      {"SetsNotFromZero", [](TreeParts& p) { p.trees.set_first = {1, 2}; }, "sets of categories do not cover"},
      {"SetsNotToTheEnd", [](TreeParts& p) { p.trees.set_first = {0, 1}; }, "sets of categories do not cover"},
      {"SetsWithoutABegin", [](TreeParts& p) { p.trees.set_first.clear(); }, "sets of categories do not cover"},
      {"FirstNotZero", [](TreeParts& p) { p.trees.first[0] = 1; }, "does not begin at node 0"},
      {"FirstBackwards", [](TreeParts& p) { p.trees.first = {0, 7, 3, 8}; }, "tree 1 has no nodes"},
      {"FirstBeyond", [](TreeParts& p) { p.trees.first = {0, 9, 8}; }, "tree 0 has no nodes, or some of another tree"},
      {"FirstFarBelow", [](TreeParts& p) { p.trees.first = {0, INT64_MIN, 8}; }, "tree 0 has no nodes"},
      {"EmptyTree", [](TreeParts& p) { p.trees.first = {0, 7, 7, 8}; }, "tree 1 has no nodes"},
      {"LastTreeCutOff", [](TreeParts& p) { p.trees.first = {0, 7}; }, "the last tree does not end at the last of 8 nodes"},
      {"NoTrees", [](TreeParts& p) { p.trees.first = {0}; }, "there are no trees"},
      {"NoFirst", [](TreeParts& p) { p.trees.first.clear(); }, "there are no trees"},
      {"ShortThresholds", [](TreeParts& p) { p.trees.threshold.pop_back(); }, "threshold has 7 numbers for 8 nodes"},
      {"LongLeft", [](TreeParts& p) { p.trees.left.push_back(0); }, "left has 9 numbers for 8 nodes"},
      {"ShortRight", [](TreeParts& p) { p.trees.right.clear(); }, "right has 0 numbers"},
      {"ShortMissing", [](TreeParts& p) { p.trees.missing_left.pop_back(); }, "missing_left has 7"},
      {"ShortSet", [](TreeParts& p) { p.trees.set.pop_back(); }, "set has 7"},
      {"ShortCover", [](TreeParts& p) { p.trees.cover.pop_back(); }, "cover has 7"},
      {"ShortGain", [](TreeParts& p) { p.trees.gain.pop_back(); }, "gain has 7"},
      {"ShortValue", [](TreeParts& p) { p.trees.value.pop_back(); }, "value has 7 numbers for 8 nodes of 1"},
      {"VectorsOfOneNumber", [](TreeParts& p) { p.trees.outputs = 2, p.base = {0, 0}, p.trees.vector_leaves = true; }, "value has 8 numbers for 8 nodes of 2"},
      {"NoColumns", [](TreeParts& p) { p.trees.columns = 0; }, "0 columns"},
      {"TooManyColumns", [](TreeParts& p) { p.trees.columns = INT64_MAX; }, "columns; 1 to"},
      {"NoOutputs", [](TreeParts& p) { p.trees.outputs = 0, p.base.clear(); }, "0 outputs"},
      {"BaseOfAnotherLength", [](TreeParts& p) { p.base = {0, 0}; }, "base has 2 numbers for 1 outputs"},
      {"BaseNan", [](TreeParts& p) { p.base = {NAN}; }, "a number of base is not finite"},
      {"ScaleInfinite", [](TreeParts& p) { p.scale = kInfinity; }, "scale is not finite"},
      {"SingleStartOfAnotherLength", [](TreeParts& p) { p.trees.single_start = {0, 0}; }, "single_start has 2 numbers for 1 outputs"},
      {"SingleStartNan", [](TreeParts& p) { p.trees.single_start = {NAN}; }, "a number of single_start is not finite"},
      {"UnevenTrees", [](TreeParts& p) { p.trees.outputs = 3, p.base = {0, 0, 0}; }, "2 trees cannot be shared out among 3 outputs"},
      {"PairOfTwoSums", [](TreeParts& p) { p.trees.outputs = 2, p.base = {0, 0}, p.link = TreeLink::logistic; }, "one sum, not 2"},
      {"ClassesOfOneSum", [](TreeParts& p) { p.link = TreeLink::softmax; }, "one sum is given for several classes"},
  };
}

class BentTrees : public ::testing::TestWithParam<Bend> {};

/// Through a file, as a bent bundle comes.
TEST_P(BentTrees, AreRefused) {
  TreeParts parts = small_trees();
  ASSERT_NO_THROW(check_trees(parts, "the model"));
  GetParam().apply(parts);
  try {
    saved_and_loaded(*make_tree_model(parts));
    FAIL() << "passed";
  } catch (const Error& error) {
    EXPECT_EQ(error.code(), Code::data);
    EXPECT_NE(std::string(error.what()).find(GetParam().says), std::string::npos) << error.what();
  }
}

INSTANTIATE_TEST_SUITE_P(All, BentTrees, ::testing::ValuesIn(bends()), [](const auto& info) { return info.param.name; });

TEST(TreeModel, RefusesBentWords) {
  Tensors weights;
  Json about;
  make_tree_model(small_trees())->save(weights, about);
  const auto refused = [&](const char* key, const Json& value) {
    Json bent = about;
    if (value.is_null()) bent.erase(key);
    else bent[key] = value;
    EXPECT_THROW(load_tree_model(weights, bent), Error) << key << " " << value;
  };
  EXPECT_NO_THROW(load_tree_model(weights, about));
  for (const char* key : {"columns", "outputs", "trees", "vector_leaves", "link"}) {
    for (const Json& value : {Json(), Json("probit"), Json(-1), Json(0), Json(uint64_t{1} << 40), Json(UINT64_MAX), Json(1.5), Json::array()}) refused(key, value);
  }
  EXPECT_THROW(load_tree_model(weights, Json()), Error);
  for (const std::string& name : weights.names()) {
    Tensors bent = weights;
    bent.put(name, std::span<const double>(std::vector<double>(3, 0.5)));
    EXPECT_THROW(load_tree_model(bent, about), Error) << name;
  }
}

TEST(TreeRules, SayWhatLeadsToEveryLeaf) {
  const std::vector<RuleColumn> columns = {{"age"}, {"kind", {"a", "b", "c"}}, {"size"}};
  EXPECT_EQ(tree_rules(small_trees(), 0, columns),
            (std::vector<std::string>{"age <= 37.5 and kind in {b, 33} → 1 (25 rows)", "age <= 37.5 and kind not in {b, 33} → 2 (35 rows)",
                                      "age > 37.5 and size <= -0.25 → 3 (30 rows)", "age > 37.5 and size > -0.25 → -4.5 (10 rows)"}));
  EXPECT_EQ(tree_rules(small_trees(), 1, columns), std::vector<std::string>{"always → 0.125 (100 rows)"});
}

TEST(TreeRules, SayWhereMissingValuesGoIfAsked) {
  const std::vector<RuleColumn> columns = {{"age", {}, true}, {"kind"}, {"size"}};
  const std::vector<std::string> rules = tree_rules(small_trees(), 0, columns);
  EXPECT_EQ(rules[0], "(age <= 37.5 or age missing) and kind in {1, 33} → 1 (25 rows)");
  EXPECT_EQ(rules[3], "age > 37.5 and size > -0.25 → -4.5 (10 rows)");
}

TEST(TreeRules, JoinConditionsOnOneColumn) {
  TreeParts parts = chain_of_trees(3);
  parts.trees.cover[3] = 2.5f;
  EXPECT_EQ(tree_rules(parts, 0, {{"x"}}), (std::vector<std::string>{"x <= 0 → 0 (1 row)", "0 < x <= 1 → 1 (weight 2.5)", "1 < x <= 2 → 2 (1 row)",
                                                                    "x > 2 → 3 (1 row)"}));
}

}  // namespace
}  // namespace crisp
