/// Models of XGBoost and LightGBM answer here as they do there: tests/data/import/make.py.
#include "import/import_model.h"

#include <gtest/gtest.h>

#include <unistd.h>

#include <cmath>
#include <filesystem>
#include <fstream>

#include "core/file_io.h"
#include "core/output_directory.h"
#include "cuda/error.h"
#include "kernels/forest/shap.h"
#include "models/registry.h"
#include "models/trees/tree_model.h"
#include "read/read.h"
#include "table/float_cuts.h"
#include "train/explainable.h"
#include "train/features.h"

namespace crisp {
namespace {

const std::string kFolder = CRISP_TEST_DATA "/import/";

const Json& expected() {
  static const Json cases = [] {
    std::ifstream file(kFolder + "expected.json");
    return Json::parse(file);
  }();
  return cases;
}

std::vector<std::string> names() {
  std::vector<std::string> names;
  for (const auto& [name, unused] : expected().items()) names.push_back(name);
  return names;
}

const Registry& registry() {
  static const Registry registry = [] {
    Registry all;
    register_models(all);
    return all;
  }();
  return registry;
}

ImportResult imported(const std::string& name) {
  ImportPlan plan;
  plan.path = kFolder + name;
  plan.target = "answer";
  return import_model(registry(), import_model_file, plan);
}

/// The answers of the bundle that is written, for rows.csv.
std::vector<double> predicted(const ImportResult& result, const std::string& name) {
  const std::string folder = (std::filesystem::temp_directory_path() / concat("crisp_import_", name, "_", ::getpid())).string();
  std::vector<double> values;
  {
    OutputDirectory directory(folder, true);
    write_import(directory, result);
    const SavedPredictor saved = open_predictor(Bundle::open(folder), registry());
    Exec exec(Device::cpu(), 2);
    StepLog log;
    const Predictions predictions = saved.predict(exec, read_table(saved.request(kFolder + "rows.csv")), log);
    EXPECT_EQ(predictions.rows.rows(), 24);
    values = predictions.values;
  }
  std::filesystem::remove_all(folder);
  return values;
}

/// Rows x outputs, from a list of numbers or of lists.
std::vector<double> flat(const Json& rows) {
  std::vector<double> values;
  for (const Json& row : rows) {
    if (!row.is_array()) values.push_back(row);
    for (const Json& value : row) {
      if (row.is_array()) values.push_back(value);
    }
  }
  return values;
}

/// Of several outputs XGBoost gives a list each: the lists of a row become one.
Json flat_rows(const Json& rows) {
  Json out = Json::array();
  for (const Json& row : rows) out.push_back(row[0].is_array() ? Json(flat(row)) : row);
  return out;
}

/// As crisp gives them: two probabilities where the library gives the second, shares of one where it leaves them unequal to that.
std::vector<double> as_answers(const Json& one, const TreeParts& parts) {
  const std::vector<double> told = flat(one["prediction"]);
  if (parts.link == TreeLink::logistic) {
    std::vector<double> pairs;
    for (const double p : told) pairs.insert(pairs.end(), {1 - p, p});
    return pairs;
  }
  if (parts.link != TreeLink::one_against_rest) return told;
  std::vector<double> shares;
  const auto classes = static_cast<size_t>(parts.sums());
  for (size_t i = 0; i < told.size(); i += classes) {
    double total = 0;
    for (size_t k = 0; k < classes; ++k) total += told[i + k];
    for (size_t k = 0; k < classes; ++k) shares.push_back(told[i + k] / total);
  }
  return shares;
}

class Imported : public ::testing::TestWithParam<std::string> {};

TEST_P(Imported, AnswersAsTheLibraryDoes) {
  const Json& one = expected()[GetParam()];
  const ImportResult result = imported(GetParam());
  const auto& parts = dynamic_cast<const TreeModel&>(*result.model.model).parts();
  const std::vector<double> found = predicted(result, GetParam()), told = as_answers(one, parts);
  ASSERT_EQ(found.size(), told.size());
  // XGBoost's answers are of 32 bits, and of two classes it tells the second.
  const bool doubles = GetParam().starts_with("lightgbm"), pairs = parts.link == TreeLink::logistic;
  for (size_t i = 0; i < told.size(); ++i) {
    const double room = doubles ? 1e-12 * std::max(std::fabs(told[i]), 1e-3) : 3e-7 * (pairs && i % 2 == 0 ? 1 : std::fabs(told[i]));
    EXPECT_NEAR(found[i], told[i], room) << i;
  }
}

/// XGBoost adds in 32 bits, tree after tree: so do its models here, to the bit.
TEST_P(Imported, SumsAreXgboostsToTheBit) {
  if (!GetParam().starts_with("xgboost")) GTEST_SKIP() << "LightGBM's sums are of 64 bits";
  const ImportResult result = imported(GetParam());
  const auto& parts = dynamic_cast<const TreeModel&>(*result.model.model).parts();
  Exec exec(Device::cpu(), 2);
  StepLog log;
  const SavedPredictor saved{imported(GetParam()).pipeline, {result.facts.input, {}}};
  const Table rows = read_table(saved.request(kFolder + "rows.csv"));
  const Matrix features = model_features(result.pipeline.recipe().run(exec, rows, log), result.pipeline.features(), true);
  const int64_t sums = parts.sums();
  std::vector<double> found(static_cast<size_t>(24 * sums));
  result.model.model->explainable()->margin(exec, features.view(), {found.data(), 24, sums, sums});
  EXPECT_EQ(found, flat(expected()[GetParam()]["raw"]));
}

/// What each column moves a row's sum by, and the mean: the weights of rows came over, too. A sum here is `scale` times the library's.
TEST_P(Imported, IsExplainedAsByTheLibrary) {
  const Json& one = expected()[GetParam()];
  if (!one.contains("contributions")) GTEST_SKIP() << "make.py has no contributions of this model";
  const ImportResult result = imported(GetParam());
  const auto& parts = dynamic_cast<const TreeModel&>(*result.model.model).parts();
  Exec exec(Device::cpu(), 2);
  StepLog log;
  const SavedPredictor saved{imported(GetParam()).pipeline, {result.facts.input, {}}};
  const Table rows = read_table(saved.request(kFolder + "rows.csv")).slice(0, 4);
  const Matrix features = model_features(result.pipeline.recipe().run(exec, rows, log), result.pipeline.features(), true);
  const int64_t width = parts.trees.columns + 1, numbers = parts.sums() * width;
  std::vector<double> found(static_cast<size_t>(4 * numbers));
  tree_shap(exec, parts.trees.view(), features.view(), {found.data(), 4, numbers, numbers});
  const std::vector<double> told = flat(flat_rows(one["contributions"]));
  ASSERT_EQ(found.size(), told.size());
  const double room = GetParam().starts_with("lightgbm") ? 1e-9 : 2e-6;
  for (size_t i = 0; i < told.size(); ++i) {
    const bool mean = static_cast<int64_t>(i) % width == width - 1;
    const auto output = static_cast<size_t>(static_cast<int64_t>(i) % numbers / width);
    EXPECT_NEAR(found[i] + (mean ? parts.base[output] / parts.scale : 0), told[i], room * std::max(1.0, std::fabs(told[i]))) << i;
  }
}

TEST_P(Imported, KeepsItsColumnsInOrder) {
  const Json& one = expected()[GetParam()];
  EXPECT_EQ(imported(GetParam()).pipeline.features(), one["columns"].get<std::vector<std::string>>());
}

std::string test_name(const ::testing::TestParamInfo<std::string>& info) {
  std::string name = info.param;
  std::replace(name.begin(), name.end(), '.', '_');
  return name;
}
INSTANTIATE_TEST_SUITE_P(All, Imported, ::testing::ValuesIn(names()), test_name);

/// LightGBM writes "inf" where a split parts missing values from all others.
TEST(Import, InfiniteThresholdsPartMissingValuesFromAllOthers) {
  std::ifstream file(kFolder + "lightgbm_stump.txt");
  std::string text(std::istreambuf_iterator<char>(file), {});
  const size_t begin = text.find("num_leaves=1"), end = text.find("\nis_linear");
  text.replace(begin, end - begin, "num_leaves=2\nnum_cat=0\nsplit_feature=0\nsplit_gain=inf\nthreshold=inf\ndecision_type=8\nleft_child=-1\nright_child=-2\n"
                                   "leaf_value=1 2\nleaf_count=1 1\ninternal_count=2");
  text.replace(text.find("objective=binary sigmoid:1"), 26, "objective=regression");
  const ImportedModel model = import_model_file(as_bytes(text), "model");
  Exec exec(Device::cpu(), 1);
  const FloatCuts cuts(model.columns[0].cuts);
  const std::vector<float> rows = {static_cast<float>(cuts.narrow(1e300)), 0, 0, 0, 0, 0, static_cast<float>(cuts.narrow(-1e300)), 0, 0, NAN, 0, 0};
  std::vector<double> out(4);
  model.model->scorer(exec)->score(exec, {rows.data(), 4, 3, 3}, out);
  EXPECT_EQ(out, (std::vector<double>{1, 1, 1, 2}));
}

TEST(Import, SaysWhatItLeavesOut) {
  EXPECT_NE(imported("xgboost_best.json").model.notes.at(0).find("rounds after the best, 1, are left out: 2 of"), std::string::npos);
  EXPECT_NE(imported("xgboost_rank.json").model.notes.at(0).find("raw sums"), std::string::npos);
  EXPECT_NE(imported("lightgbm_rank.txt").model.notes.at(0).find("raw scores"), std::string::npos);
  EXPECT_TRUE(imported("lightgbm_binary.txt").model.notes.empty());
}

TEST(Import, NamesTargetAndClassesAsAsked) {
  ImportPlan plan;
  plan.path = kFolder + "xgboost_softprob.json";
  plan.target = "size";
  plan.classes = {"small", "middle", "large"};
  const ImportResult result = import_model(registry(), import_model_file, plan);
  EXPECT_EQ(result.pipeline.target().classes(), plan.classes);
  EXPECT_EQ(result.pipeline.target().column(), "size");
  plan.classes = {"small", "large"};
  EXPECT_THROW(import_model(registry(), import_model_file, plan), Error);
  plan.classes.clear();
  plan.target = "a";
  try {
    import_model(registry(), import_model_file, plan);
    FAIL();
  } catch (const Error& error) {
    EXPECT_EQ(error.code(), Code::config);
    EXPECT_NE(std::string(error.what()).find("reads a column 'a', and predicts it"), std::string::npos);
  }
}

TEST(Import, TakesNamesWithBlanksFromATable) {
  const std::string folder = (std::filesystem::temp_directory_path() / concat("crisp_import_names_", ::getpid())).string();
  std::filesystem::create_directories(folder);
  std::ifstream model(kFolder + "lightgbm_binary.txt");
  std::string text(std::istreambuf_iterator<char>(model), {});
  text.replace(text.find("feature_names=a b c"), 19, "feature_names=a b_one c");
  std::ofstream(folder + "/model.txt") << text;
  std::ofstream(folder + "/rows.csv") << "a,b one,c,answer\n1,2,3,0\n";
  ImportPlan plan;
  plan.path = folder + "/model.txt";
  plan.columns_of = folder + "/rows.csv";
  EXPECT_EQ(import_model(registry(), import_model_file, plan).pipeline.features(), (std::vector<std::string>{"a", "b one", "c"}));
  std::ofstream(folder + "/rows.csv") << "a,b two,c,answer\n1,2,3,0\n";
  EXPECT_THROW(import_model(registry(), import_model_file, plan), Error);
  std::filesystem::remove_all(folder);
}

TEST(Import, IsNotTrained) {
  Exec exec(Device::cpu(), 1);
  const Learner& learner = registry().at("imported_trees");
  TrainingRun run;
  EXPECT_THROW(learner.fit(exec, {}, learner.params().resolve(Json::object()), 0, run), Error);
  try {
    require_task(registry(), learner, Task::regression);
    FAIL();
  } catch (const Error& error) {
    EXPECT_NE(std::string(error.what()).find("not trained"), std::string::npos);
    EXPECT_NE(error.hint().find("gbdt"), std::string::npos);
  }
}

}  // namespace
}  // namespace crisp
