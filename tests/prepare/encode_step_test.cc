#include <gtest/gtest.h>

#include <cmath>

#include "prepare/categories.h"
#include "tests/prepare/golden.h"
#include "tests/prepare/tables.h"

namespace crisp {
namespace {

using Texts = std::vector<std::string>;
using Numbers = std::vector<double>;

FittedRecipe fitted(const Table& train, const std::string& keys, Table* prepared = nullptr) {
  return Recipe::parse(Json::parse("[{\"step\": \"encode\", " + keys + "}]")).fit(test_exec(), train, prepared);
}

Table applied(const FittedRecipe& recipe, const Table& table, StepLog* log = nullptr) {
  StepLog own;
  return recipe.run(test_exec(), table, log ? *log : own);
}

Table cities(const Texts& city) { return Table().with_texts("city", city); }

/// All columns as one list of rows.
std::vector<Numbers> rows_of(const Table& table) {
  std::vector<Numbers> rows(static_cast<size_t>(table.rows()));
  for (const std::string& name : table.names()) {
    const Numbers column = table.numbers(name);
    for (size_t i = 0; i < rows.size(); ++i) rows[i].push_back(column[i]);
  }
  return rows;
}

void expect_near(const std::vector<Numbers>& got, const Json& want, double tolerance) {
  ASSERT_EQ(got.size(), want.size());
  for (size_t i = 0; i < got.size(); ++i) {
    ASSERT_EQ(got[i].size(), want[i].size());
    for (size_t k = 0; k < got[i].size(); ++k) EXPECT_NEAR(got[i][k], want[i][k].get<double>(), tolerance) << i << " " << k;
  }
}

TEST(EncodeStep, OneHotEqualsScikitLearn) {
  const Table train = golden_table().select({"city"});
  const Table fresh = cities(golden()["new_city"].get<Texts>());
  const auto check = [&](const char* keys, const char* wanted) {
    expect_near(rows_of(applied(fitted(train, keys), fresh)), golden()[wanted], 0.0);
  };
  check(R"j("columns": "city", "method": "one_hot")j", "one_hot");
  check(R"j("columns": "city", "method": "one_hot", "max_categories": 3)j", "one_hot_at_most_3");
  check(R"j("columns": "city", "method": "one_hot", "min_count": 5)j", "one_hot_from_5_rows");
  EXPECT_EQ(applied(fitted(train, R"j("columns": "city", "method": "one_hot", "min_count": 5)j"), fresh).names(),
            (Texts{"city=Ankara", "city=Oslo", "city=rome", "city=Łódź", "city=(other)"}));
}

TEST(EncodeStep, OrdinalEqualsScikitLearnAndCountsFromOne) {
  for (const char* name : {"city", "code"}) {
    const Table train = golden_table().select({name});
    Numbers wanted = golden()[concat("ordinal_", name)].get<Numbers>();
    for (double& code : wanted) code += 1;
    const FittedRecipe recipe = fitted(train, concat("\"columns\": \"", name, "\""));
    EXPECT_EQ(applied(recipe, train).numbers(name), wanted) << name;
    EXPECT_EQ(recipe.categories(), (CategoryCounts{{name, name == std::string("city") ? 7 : 5}}));
  }
}

TEST(EncodeStep, TargetMeansEqualScikitLearn) {
  const Table fresh = cities(golden()["new_city"].get<Texts>());
  const auto check = [&](const char* target, const char* keys, const char* wanted) {
    const Table train = golden_table().select({"city", target});
    const auto recipe = fitted(train, concat(R"j("columns": "*", "method": "target", "target": ")j", target, "\"", keys));
    expect_near(rows_of(applied(recipe, fresh)), golden()[wanted], 1e-12);
  };
  check("number", "", "target_number_auto");
  check("number", R"j(, "smooth": 5)j", "target_number_5");
  check("number", R"j(, "smooth": 0)j", "target_number_0");
  check("yes", "", "target_yes_auto");
  check("yes", R"j(, "smooth": 10, "task": "classification")j", "target_yes_10");
  check("kind", "", "target_kind_auto");
  check("kind", R"j(, "smooth": 2)j", "target_kind_2");
}

TEST(EncodeStep, TrainingRowsAreEncodedWithoutTheirOwnTarget) {
  // Every row its own category: the full encoding knows the target, the cross-fitted one must not.
  Texts city;
  Numbers y;
  for (int i = 0; i < 40; ++i) {
    city.push_back(concat("c", i));
    y.push_back(i % 2 == 0 ? 100.0 : -100.0);
  }
  const Table train = cities(city).with_numbers("y", y);
  Table prepared;
  const FittedRecipe recipe =
      fitted(train, R"j("columns": "city", "method": "target", "target": "y", "smooth": 0)j", &prepared);
  EXPECT_EQ(applied(recipe, train).numbers("city"), y);
  for (const double value : prepared.numbers("city")) EXPECT_LT(std::abs(value), 40.0);
  EXPECT_EQ(prepared.names(), train.names());
  EXPECT_EQ(prepared.numbers("y"), y);
}

TEST(EncodeStep, AFoldIsEncodedByTheOtherFolds) {
  const Table train = cities({"a", "a", "a", "a"}).with_numbers("y", {1, 2, 4, 8});
  Table prepared;
  fitted(train, R"j("columns": "city", "method": "target", "target": "y", "smooth": 0, "folds": 4)j", &prepared);
  const Numbers got = prepared.numbers("city");
  const Numbers wanted = {14.0 / 3, 13.0 / 3, 11.0 / 3, 7.0 / 3};
  for (size_t i = 0; i < wanted.size(); ++i) EXPECT_NEAR(got[i], wanted[i], 1e-12) << i;
}

TEST(EncodeStep, StepsAfterItLearnFromTheCrossFittedRows) {
  const Table train = cities({"a", "b", "c", "d"}).with_numbers("y", {1, 2, 4, 8});
  const Json steps = Json::parse(R"j([
    {"step": "encode", "columns": "city", "method": "target", "target": "y", "smooth": 0, "folds": 4},
    {"step": "scale", "columns": "city", "method": "min_max"}])j");
  Table prepared;
  StepLog log;
  Recipe::parse(steps).fit(test_exec(), train, &prepared, &log);
  const Numbers got = prepared.numbers("city");
  EXPECT_EQ(*std::min_element(got.begin(), got.end()), 0.0);
  EXPECT_EQ(*std::max_element(got.begin(), got.end()), 1.0);
  ASSERT_EQ(log.size(), 2u);
  EXPECT_EQ(log[0].notes, (Texts{"4 training rows encoded without their own target, in 4 folds"}));
}

TEST(EncodeStep, FrequencyIsTheShareOfTrainingRows) {
  const Table train = Table().with_numbers("x", {7, 7, 8, NAN});
  const FittedRecipe recipe = fitted(train, R"j("columns": "x", "method": "frequency")j");
  EXPECT_EQ(applied(recipe, Table().with_numbers("x", {8, 7, NAN, 9})).numbers("x"), (Numbers{0.25, 0.5, 0.25, 0}));
}

TEST(EncodeStep, UnseenValuesAreCountedTreatedAsAskedOrRefused) {
  const Table train = cities({"a", "b", "b"}).with_numbers("y", {1, 2, 4});
  const Table fresh = cities({"b", "new\nline", "", "new\nline", "z"});
  StepLog log;
  EXPECT_EQ(applied(fitted(train, R"j("columns": "city")j"), fresh, &log).numbers("city"), (Numbers{2, 0, 0, 0, 0}));
  EXPECT_EQ(log[0].notes, (Texts{"city: 4 rows of 3 values that training did not have (new\\nline, , z)"}));
  const Table missing = applied(fitted(train, R"j("columns": "city", "unseen": "missing")j"), fresh);
  EXPECT_EQ(missing.missing("city"), (std::vector<uint8_t>{0, 1, 1, 1, 1}));
  const Table hot = applied(fitted(train, R"j("columns": "city", "method": "one_hot", "unseen": "missing")j"), fresh);
  EXPECT_EQ(hot.missing("city=a"), (std::vector<uint8_t>{0, 1, 1, 1, 1}));
  const Table means =
      applied(fitted(train, R"j("columns": "city", "method": "target", "target": "y", "unseen": "missing")j"), fresh);
  EXPECT_EQ(means.missing("city"), (std::vector<uint8_t>{0, 1, 1, 1, 1}));
  EXPECT_EQ(refusal([&] { applied(fitted(train, R"j("columns": "city", "unseen": "error")j"), fresh); }, Code::data),
            "recipe step 1 (encode): column 'city': 4 rows of 3 values that training did not have (new\\nline, , z) | "
            "unseen = \"other\" lets them pass");
}

TEST(EncodeStep, ACategoryIsKnownAgainWhateverTypeTheFileGivesIt) {
  const auto codes = [](const Table& train, const Table& fresh) {
    return applied(fitted(train, R"j("columns": "x")j"), fresh).numbers("x");
  };
  const Table integers = Table().with_integers("x", {10, 9, 2});
  const Table reals = Table().with_numbers("x", {2, 9, 0.5, NAN});
  const Table texts = Table().with_texts("x", {"9", "10", "2", "x"});
  EXPECT_EQ(codes(integers, reals), (Numbers{1, 2, 0, 0}));
  EXPECT_EQ(codes(integers, texts), (Numbers{2, 3, 1, 0}));
  EXPECT_EQ(codes(reals, integers), (Numbers{0, 3, 2}));
  EXPECT_EQ(codes(texts, integers), (Numbers{1, 3, 2}));
  const Table flags = Table().with_booleans("x", {1, 0});
  EXPECT_EQ(codes(flags, Table().with_integers("x", {0, 1, 2})), (Numbers{1, 2, 0}));
  EXPECT_EQ(codes(flags, Table().with_texts("x", {"true", "no"})), (Numbers{2, 0}));
}

TEST(EncodeStep, NamesOfColumnsAreDifferentAndOnOneLine) {
  const std::string longer(200, 'a');
  const Table train = cities({"x\ny", "x\\ny", "", longer + "1", longer + "2"});
  const Texts names = applied(fitted(train, R"j("columns": "city", "method": "one_hot")j"), train).names();
  EXPECT_EQ(names, (Texts{"city=", "city=" + std::string(60, 'a') + "…", "city=" + std::string(60, 'a') + "… (2)",
                          "city=x\\ny", "city=x\\ny (2)"}));
  const Table taken = cities({"a"}).with_integers("city=a", {1});
  EXPECT_NE(refusal([&] { applied(fitted(taken, R"j("columns": "city", "method": "one_hot")j"), taken); }, Code::data)
                .find("has a column 'city=a' already"),
            std::string::npos);
}

TEST(EncodeStep, ManyCategoriesAreKeptUpToTheLimit) {
  Texts many;
  for (int i = 0; i < 100'001; ++i) many.push_back(concat("v", i));
  const FittedRecipe recipe = fitted(cities(many), R"j("columns": "city")j");
  EXPECT_EQ(recipe.categories().at("city"), 100'001);
  const FittedRecipe loaded = FittedRecipe::from_json(parse_json(recipe.to_json().dump(), "recipe"), "recipe");
  EXPECT_EQ(applied(loaded, cities({"v7", "w"})).numbers("city"), applied(recipe, cities({"v7", "w"})).numbers("city"));
  const Table long_texts = cities({std::string(3 << 20, 'a'), std::string(3 << 20, 'b')});
  EXPECT_NE(refusal([&] { fitted(long_texts, R"j("columns": "city")j"); }, Code::data).find("the limit is 4.0 MiB"),
            std::string::npos);
}

TEST(EncodeStep, CategoriesFollowTheColumnThroughLaterSteps) {
  const auto counts = [](const char* step) {
    const Json steps = Json::parse(concat(R"j([{"step": "encode", "columns": "city"}, )j", step, "]"));
    return Recipe::parse(steps).fit(test_exec(), cities({"a", "b"})).categories();
  };
  EXPECT_EQ(counts(R"j({"step": "rename", "columns": {"town": "city"}})j"), (CategoryCounts{{"town", 3}}));
  EXPECT_EQ(counts(R"j({"step": "cast", "columns": {"city": "real"}})j"), (CategoryCounts{{"city", 3}}));
  EXPECT_EQ(counts(R"j({"step": "cast", "columns": {"city": "text"}})j"), CategoryCounts{});
  EXPECT_EQ(counts(R"j({"step": "scale", "columns": "city"})j"), CategoryCounts{});
  EXPECT_EQ(counts(R"j({"step": "derive", "name": "city", "as": "city * 2"})j"), CategoryCounts{});
  EXPECT_EQ(counts(R"j({"step": "encode", "columns": "city", "method": "one_hot"})j"), CategoryCounts{});
}

TEST(EncodeStep, SavedAndLoadedItAppliesEquallyAndHostileStatesAreBadData) {
  const Table train = cities({"a", "b", "b", "c"}).with_texts("y", {"u", "v", "w", "w"});
  for (const char* keys : {R"j("method": "ordinal")j", R"j("method": "one_hot", "max_categories": 1)j",
                           R"j("method": "frequency")j", R"j("method": "target", "target": "y")j"}) {
    const FittedRecipe recipe = fitted(train, concat(R"j("columns": "city", )j", keys));
    expect_sound_state(recipe, train);
  }
}

TEST(EncodeStep, AStateMustHaveANumberForEachCategory) {
  const Table train = cities({"a", "b"}).with_numbers("y", {1, 2});
  Json json = fitted(train, R"j("columns": "city", "method": "target", "target": "y")j").to_json();
  Json& values = json["fitted"][0]["columns"][0]["values"];
  values.erase(values.size() - 1);
  EXPECT_NE(refusal([&] { FittedRecipe::from_json(json, "recipe"); }, Code::data).find("not one number for each category"), std::string::npos);
}

TEST(EncodeStep, RefusesWhatMakesNoSense) {
  const Table train = cities({"a", "b"}).with_numbers("y", {NAN, NAN}).with_texts("one", {"a", "a"});
  const auto mistake = [&](const char* keys, Code code) { return refusal([&] { fitted(train, keys); }, code); };
  EXPECT_NE(mistake(R"j("columns": "city", "method": "target")j", Code::config).find("'target' is missing"), std::string::npos);
  EXPECT_NE(mistake(R"j("columns": "city", "target": "y")j", Code::config).find("unknown key 'target'"), std::string::npos);
  EXPECT_NE(mistake(R"j("columns": "city", "method": "onehot")j", Code::config).find("did you mean 'one_hot'"), std::string::npos);
  EXPECT_NE(mistake(R"j("columns": "city", "unseen": "error", "min_count": 2)j", Code::config).find("min_count"), std::string::npos);
  EXPECT_NE(mistake(R"j("columns": "city", "unseen": "error", "max_categories": 1)j", Code::data).find("more values than the 1"),
            std::string::npos);
  EXPECT_NE(mistake(R"j("columns": "city", "method": "target", "target": "y")j", Code::data).find("blank in all"), std::string::npos);
  EXPECT_NE(mistake(R"j("columns": "city", "method": "target", "target": "one")j", Code::data).find("one value only"), std::string::npos);
  EXPECT_NE(mistake(R"j("columns": "city", "method": "target", "target": "city")j", Code::data).find("no column to encode"),
            std::string::npos);
}

}  // namespace
}  // namespace crisp
