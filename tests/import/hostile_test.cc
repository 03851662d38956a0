/// Files that mean harm: every one is refused with a word about where, and none does any.
#include <gtest/gtest.h>

#include <fstream>
#include <functional>

#include "core/file_io.h"
#include "core/ubjson.h"
#include "cuda/error.h"
#include "cuda/random.h"
#include "models/registry.h"
#include "models/trees/tree_model.h"

namespace crisp {
namespace {

std::string contents(const std::string& name) { return read_text(CRISP_TEST_DATA "/import/" + name, 1 << 20); }

ImportedModel import(const std::string& text) { return import_model_file(as_bytes(text), "model"); }

void expect_refused(const std::string& text, const std::string& says) {
  try {
    import(text);
    FAIL() << "passed; expected: " << says;
  } catch (const Error& error) {
    EXPECT_EQ(error.code(), Code::data);
    EXPECT_NE(std::string(error.what()).find(says), std::string::npos) << error.what();
  }
}

struct Bend {
  std::string name;
  std::function<void(Json& file, Json& trees, Json& tree)> apply;
  std::string says;
};
void PrintTo(const Bend& bend, std::ostream* out) { *out << bend.name; }

/// Of xgboost_squarederror.json, whose tree 1 has 15 nodes.
std::vector<Bend> xgboost_bends() {
  return {
      {"ChildOutOfRange", [](Json&, Json&, Json& t) { t["left_children"][1] = 99; }, "model: tree 1, node 1: child 99 is out of range (the tree has"},
      {"ChildNegative", [](Json&, Json&, Json& t) { t["left_children"][1] = -7; }, "model: tree 1, node 1: child -7 is out of range"},
      {"ChildFraction", [](Json&, Json&, Json& t) { t["left_children"][1] = 3.5; }, "tree 1, node 1: child -2 is out of range"},
      {"Cycle", [](Json&, Json&, Json& t) { t["right_children"][1] = 0; }, "tree 1, node 1: child 0 has another parent already, or is the root"},
      {"SharedChild", [](Json&, Json&, Json& t) { t["right_children"][2] = t["left_children"][1]; }, "has another parent already"},
      {"HalfALeaf", [](Json&, Json&, Json& t) { t["right_children"][1] = -1; }, "tree 1, node 1: child -1 is out of range"},
      {"Lost", [](Json&, Json&, Json& t) { t["left_children"][1] = -1, t["right_children"][1] = -1; }, "no node leads to it"},
      {"FeatureOutOfRange", [](Json&, Json&, Json& t) { t["split_indices"][0] = 3; }, "tree 1, node 0: feature 3 is out of range (the model has 3)"},
      {"FeatureHuge", [](Json&, Json&, Json& t) { t["split_indices"][0] = 1e300; }, "tree 1, node 0: feature -2 is out of range"},
      {"ThresholdNull", [](Json&, Json&, Json& t) { t["split_conditions"][0] = nullptr; }, "tree 1, node 0: its threshold is not finite"},
      {"ThresholdHuge", [](Json&, Json&, Json& t) { t["split_conditions"][0] = 1e300; }, "tree 1, node 0: its threshold is not finite"},
      {"LeafNull", [](Json&, Json&, Json& t) { for (Json& v : t["split_conditions"]) v = nullptr; }, "is not finite"},
      {"CoverNegative", [](Json&, Json&, Json& t) { t["sum_hessian"][0] = -1; }, "tree 1, node 0: its cover"},
      {"ShortList", [](Json&, Json&, Json& t) { t["split_indices"].erase(0); }, "tree 1: 'split_indices' has"},
      {"NoList", [](Json&, Json&, Json& t) { t.erase("default_left"); }, "'default_left' is missing"},
      {"WrongCount", [](Json&, Json&, Json& t) { t["tree_param"]["num_nodes"] = "7"; }, "num_nodes"},
      {"VectorLeaves", [](Json&, Json&, Json& t) { t["tree_param"]["size_leaf_vector"] = "3"; }, "several numbers a leaf"},
      {"NoNodes", [](Json&, Json&, Json& t) { for (Json& list : t) if (list.is_array()) list = Json::array(); t["tree_param"]["num_nodes"] = "0"; }, "tree 1 has 0 nodes"},
      {"NotATree", [](Json&, Json&, Json& t) { t = 7; }, "'tree_param' is missing"},
      {"ClassOutOfRange", [](Json& f, Json&, Json&) { f["learner"]["gradient_booster"]["model"]["tree_info"][1] = 1; }, "tree 1 is of class 1"},
      {"TreeInfoShort", [](Json& f, Json&, Json&) { f["learner"]["gradient_booster"]["model"]["tree_info"].erase(0); }, "'tree_info' has 2"},
      {"NoFeatures", [](Json& f, Json&, Json&) { f["learner"]["learner_model_param"]["num_feature"] = "0"; }, "'num_feature' is not"},
      {"ManyFeatures", [](Json& f, Json&, Json&) { f["learner"]["learner_model_param"]["num_feature"] = "99999999999"; }, "'num_feature' is not"},
      {"OtherNames", [](Json& f, Json&, Json&) { f["learner"]["feature_names"].erase(0); }, "not 3 texts"},
      {"Targets", [](Json& f, Json&, Json&) { f["learner"]["learner_model_param"]["num_target"] = "2"; }, "several targets"},
      {"Classes", [](Json& f, Json&, Json&) { f["learner"]["learner_model_param"]["num_class"] = "3"; }, "num_class is 3"},
      {"BaseText", [](Json& f, Json&, Json&) { f["learner"]["learner_model_param"]["base_score"] = "[x]"; }, "base_score is not a number"},
      {"BaseNan", [](Json& f, Json&, Json&) { f["learner"]["learner_model_param"]["base_score"] = "nan"; }, "base_score is not a number"},
      {"BaseLong", [](Json& f, Json&, Json&) { f["learner"]["learner_model_param"]["base_score"] = "[1,2]"; }, "base_score has 2"},
      {"BaseBelow", [](Json& f, Json&, Json&) { f["learner"]["objective"]["name"] = "count:poisson"; f["learner"]["learner_model_param"]["base_score"] = "-1"; }, "base_score -1"},
      {"Linear", [](Json& f, Json&, Json&) { f["learner"]["gradient_booster"]["name"] = "gblinear"; }, "gblinear"},
      {"Booster", [](Json& f, Json&, Json&) { f["learner"]["gradient_booster"]["name"] = "x"; }, "none of gbtree and dart"},
      {"BestTooLate", [](Json& f, Json&, Json&) { f["learner"]["attributes"]["best_iteration"] = "3"; }, "best_iteration is 3"},
      {"NoLearner", [](Json& f, Json&, Json&) { f = {{"x", 1}}; }, "'learner' is missing"},
      {"Dump", [](Json& f, Json&, Json&) { f = {{"tree_info", 1}}; }, "dump_model"},
      {"SetsNowhere", [](Json&, Json&, Json& t) { t["split_type"][0] = 1; }, "tree 1, node 0: it splits by categories, and there are none"},
      {"SetOutOfRange", [](Json&, Json&, Json& t) { t["split_type"][0] = 1, t["categories_nodes"] = {0}, t["categories_segments"] = {0}, t["categories_sizes"] = {5}, t["categories"] = {1}; },
       "tree 1, node 0: its categories are not in the list"},
      {"SetOfNoNode", [](Json&, Json&, Json& t) { t["split_type"][0] = 1, t["categories_nodes"] = {99}, t["categories_segments"] = {0}, t["categories_sizes"] = {1}, t["categories"] = {1}; },
       "tree 1: categories of node 99"},
      {"CodeHuge", [](Json&, Json&, Json& t) { t["split_type"][0] = 1, t["categories_nodes"] = {0}, t["categories_segments"] = {0}, t["categories_sizes"] = {1}, t["categories"] = {1e12}; },
       "tree 1, node 0: category 1000000000000 is not one of"},
      {"CodeNegative", [](Json&, Json&, Json& t) { t["split_type"][0] = 1, t["categories_nodes"] = {0}, t["categories_segments"] = {0}, t["categories_sizes"] = {1}, t["categories"] = {-1}; },
       "tree 1, node 0: category -1 is not one of"},
  };
}

class BentXgboost : public ::testing::TestWithParam<Bend> {};

TEST_P(BentXgboost, IsRefused) {
  Json file = parse_json(contents("xgboost_squarederror.json"), "file");
  Json& trees = file["learner"]["gradient_booster"]["model"]["trees"];
  ASSERT_NO_THROW(import(to_text(file)));
  GetParam().apply(file, trees, trees[1]);
  expect_refused(to_text(file), GetParam().says);
  const std::vector<uint8_t> binary = Json::to_ubjson(file);
  expect_refused({binary.begin(), binary.end()}, GetParam().says);
}
INSTANTIATE_TEST_SUITE_P(All, BentXgboost, ::testing::ValuesIn(xgboost_bends()), [](const auto& info) { return info.param.name; });

struct Edit {
  std::string name, file, from, to, says;
};
void PrintTo(const Edit& edit, std::ostream* out) { *out << edit.name; }

/// `from`: the beginning of a line, which gets `to` instead; in the first tree, of which there is one a line.
const std::vector<Edit>& lightgbm_edits() {
  static const std::vector<Edit> edits = {
      {"ChildOutOfRange", "lightgbm_binary.txt", "left_child=", "left_child=1 2 3 4 5", "model: tree 0, node 4: child 5 is out of range (the tree has 5 splits and 6 leaves)"},
      {"LeafOutOfRange", "lightgbm_binary.txt", "left_child=", "left_child=1 2 3 4 -7", "tree 0, node 4: child -7 is out of range"},
      {"LeafFarOut", "lightgbm_binary.txt", "left_child=", "left_child=1 2 3 4 -9223372036854775808", "tree 0, node 4: child -9223372036854775808 is out of range"},
      {"Cycle", "lightgbm_binary.txt", "left_child=", "left_child=1 -1 3 -2 0", "tree 0, node 4: child 0 has another parent already, or is the root"},
      {"SharedLeaf", "lightgbm_binary.txt", "right_child=", "right_child=-1 -1 -1 -1 -1", "has another parent already"},
      {"ThresholdNan", "lightgbm_binary.txt", "threshold=", "threshold=nan 1 1 1 1", "tree 0, node 0: its threshold is not finite"},
      {"ThresholdWord", "lightgbm_binary.txt", "threshold=", "threshold=one 1 1 1 1", "model: tree 0: 'one' among 'threshold'"},
      {"ThresholdsFew", "lightgbm_binary.txt", "threshold=", "threshold=1 1 1 1", "model: tree 0: 'threshold' has 4 numbers; expected 5"},
      {"FeatureOutOfRange", "lightgbm_binary.txt", "split_feature=", "split_feature=3 0 0 0 0", "tree 0, node 0: feature 3 is out of range (the model has 3)"},
      {"FeatureNegative", "lightgbm_binary.txt", "split_feature=", "split_feature=-1 0 0 0 0", "tree 0, node 0: feature -1 is out of range"},
      {"LeafInfinite", "lightgbm_binary.txt", "leaf_value=", "leaf_value=inf 1 1 1 1 1", "its value is not finite"},
      {"CountNegative", "lightgbm_binary.txt", "leaf_count=", "leaf_count=-1 1 1 1 1 1", "its cover"},
      {"LeavesMany", "lightgbm_binary.txt", "num_leaves=", "num_leaves=99999999999", "tree 0: 'num_leaves' is not"},
      {"LeavesNone", "lightgbm_binary.txt", "num_leaves=", "num_leaves=0", "tree 0: 'num_leaves' is not"},
      {"Twice", "lightgbm_binary.txt", "leaf_count=", "num_leaves=6", "tree 0: 'num_leaves' stands twice"},
      {"Absent", "lightgbm_binary.txt", "leaf_value=", "x=", "tree 0: 'leaf_value' is missing"},
      {"Linear", "lightgbm_binary.txt", "is_linear=", "is_linear=1", "tree 0: it has linear models in its leaves"},
      {"OtherTree", "lightgbm_binary.txt", "Tree=", "Tree=5", "tree 0: it says that it is another one"},
      {"NamesFew", "lightgbm_binary.txt", "feature_names=", "feature_names=a b", "feature_names has 2 names"},
      {"Lambda", "lightgbm_binary.txt", "objective=", "objective=cross_entropy_lambda", "cross_entropy_lambda"},
      {"Sigmoid", "lightgbm_binary.txt", "objective=", "objective=binary sigmoid:-1", "sigmoid is not"},
      {"Outputs", "lightgbm_binary.txt", "num_tree_per_iteration=", "num_tree_per_iteration=3", "does not go with 3 numbers"},
      {"Uneven", "lightgbm_multiclass.txt", "num_tree_per_iteration=", "num_tree_per_iteration=2", "9 trees cannot be shared out among 2"},
      {"SetsBackwards", "lightgbm_codes.txt", "cat_boundaries=", "cat_boundaries=1 2", "cat_boundaries and cat_threshold do not fit"},
      {"SetsBeyond", "lightgbm_codes.txt", "cat_boundaries=", "cat_boundaries=0 9", "cat_boundaries and cat_threshold do not fit"},
      {"SetBitsHuge", "lightgbm_codes.txt", "cat_threshold=", "cat_threshold=99999999999 0 0 0", "cat_boundaries and cat_threshold do not fit"},
      {"Categories", "lightgbm_texts.txt", "pandas_categorical:", "pandas_categorical:[[[1]]]", "a category of column 'colour'"},
  };
  return edits;
}

class BentLightgbm : public ::testing::TestWithParam<Edit> {};

TEST_P(BentLightgbm, IsRefused) {
  std::string text = contents(GetParam().file);
  const size_t begin = text.find("\n" + GetParam().from) + 1, end = text.find('\n', begin);
  text.replace(begin, end - begin, GetParam().to);
  expect_refused(text, GetParam().says);
}
INSTANTIATE_TEST_SUITE_P(All, BentLightgbm, ::testing::ValuesIn(lightgbm_edits()), [](const auto& info) { return info.param.name; });

TEST(HostileFile, IsNoModel) {
  for (const std::string& text : {std::string(), std::string("x"), std::string("PK\3\4"), std::string("{"), std::string("{}"), std::string("[1]"), std::string("binf"),
                                  std::string("tree\n"), std::string("tree\nend of trees\n")}) {
    EXPECT_THROW(import(text), Error) << text;
  }
}

/// Cut off after every k bytes. What follows LightGBM's trees may be missing.
TEST(HostileFile, CutOffIsRefused) {
  for (const std::string name : {"xgboost_logistic.json", "xgboost_logistic.ubj", "lightgbm_codes.txt"}) {
    const std::string whole = contents(name);
    const size_t needed = name.ends_with(".txt") ? whole.find("end of trees") + 12 : whole.find_last_of('}') + 1;
    for (size_t bytes = 0; bytes < needed; ++bytes) EXPECT_THROW(import(whole.substr(0, bytes)), Error) << name << " " << bytes;
    EXPECT_NO_THROW(import(whole.substr(0, needed))) << name;
  }
}

/// Every bit of every file once, in a random one of 8: what passes can be walked.
TEST(HostileFile, FlippedBitsAreRefusedOrHarmless) {
  Exec exec(Device::cpu(), 1);
  int refused = 0;
  for (const std::string name : {"xgboost_codes.json", "xgboost_codes.ubj", "lightgbm_codes.txt"}) {
    const std::string whole = contents(name);
    for (size_t at = 0; at < whole.size(); ++at) {
      std::string bent = whole;
      bent[at] = static_cast<char>(bent[at] ^ (1 << random_below(3, 0, at, 8)));
      try {
        const ImportedModel model = import(bent);
        const std::vector<float> rows(static_cast<size_t>(3 * model.model->columns()), 1.5f);
        std::vector<double> out(static_cast<size_t>(3 * model.model->outputs()));
        model.model->scorer(exec)->score(exec, {rows.data(), 3, model.model->columns(), model.model->columns()}, out);
      } catch (const Error& error) {
        ASSERT_EQ(error.code(), Code::data) << error.what();
        ++refused;
      }
    }
  }
  EXPECT_GT(refused, 1000);
}

TEST(HostileFile, AMillionLevelsAreWalked) {
  constexpr int kDepth = 1'000'000;
  Json file = parse_json(contents("xgboost_squarederror.json"), "file");
  Json& trees = file["learner"]["gradient_booster"]["model"]["trees"];
  for (size_t t = 0; t < trees.size(); ++t) {
    Json& tree = trees[t];
    const int depth = t == 0 ? kDepth : 1;
    for (const char* key : {"left_children", "right_children", "split_indices", "split_conditions", "default_left", "sum_hessian", "loss_changes", "split_type"}) tree[key] = Json::array();
    for (int node = 0; node <= 2 * depth; ++node) {
      const bool leaf = node % 2 == 1 || node == 2 * depth;
      tree["left_children"].push_back(leaf ? -1 : node + 1);
      tree["right_children"].push_back(leaf ? -1 : node + 2);
      tree["split_indices"].push_back(0);
      tree["split_conditions"].push_back(t > 0 ? 0.0 : node / 2);
      for (const char* key : {"default_left", "sum_hessian", "loss_changes", "split_type"}) tree[key].push_back(0);
    }
    tree["tree_param"]["num_nodes"] = std::to_string(2 * depth + 1);
  }
  const std::vector<uint8_t> binary = Json::to_ubjson(file, true, true);
  const ImportedModel model = import({binary.begin(), binary.end()});
  const auto& parts = dynamic_cast<const TreeModel&>(*model.model).parts();
  Exec exec(Device::cpu(), 1);
  const std::vector<float> row = {5e6f, 0, 0};
  std::vector<double> out(1);
  model.model->scorer(exec)->score(exec, {row.data(), 1, 3, 3}, out);
  EXPECT_EQ(out[0], static_cast<double>(static_cast<float>(parts.trees.single_start[0] + kDepth)));
}

/// Brackets without end, and counts of what takes no bytes.
TEST(HostileUbjson, DepthAndCountsAreBounded) {
  const std::string key = "{i\7learner";
  expect_refused(key + std::string(1'000'000, '['), "nested deeper");
  std::string objects = "{";
  for (int i = 0; i < 100'000; ++i) objects += "i\1a{";
  expect_refused(objects, "nested deeper");
  for (const char type : {'Z', 'T', 'F', 'N'}) {
    const std::string text = key + "[$" + type + "#L" + std::string("\x0f\xff\xff\xff\xff\xff\xff\xff", 8);
    EXPECT_THROW(parse_ubjson(as_bytes(text), "file", Code::data, {.values = 1000}), Error) << type;
  }
  expect_refused(key + "SL" + std::string("\x0f\xff\xff\xff\xff\xff\xff\xff", 8) + "abc", "not valid UBJSON");
  expect_refused(key + "S" + std::string("l\xff\xff\xff\xff"), "not valid UBJSON");
}

}  // namespace
}  // namespace crisp
