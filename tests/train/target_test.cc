#include "train/target.h"

#include <gtest/gtest.h>

#include <cmath>

#include "cuda/error.h"

namespace crisp {
namespace {

Table numbers(const std::vector<double>& values) { return Table().with_numbers("y", values); }
Table texts(const std::vector<std::string>& values) { return Table().with_texts("y", values); }

Target learn(const Table& rows, const std::string& task = "", const std::string& positive = "") {
  TargetPlan plan{"y", {}, positive};
  if (!task.empty()) plan.task = parse_task(task);
  return Target::learn(rows, plan);
}

void expect_refused(Code code, const std::string& says, const Table& rows, const std::string& task = "", const std::string& positive = "") {
  try {
    learn(rows, task, positive);
    FAIL() << says;
  } catch (const Error& error) {
    EXPECT_EQ(error.code(), code) << error.what();
    EXPECT_NE((std::string(error.what()) + error.hint()).find(says), std::string::npos) << error.what() << " / " << error.hint();
  }
}

using Names = std::vector<std::string>;

TEST(Target, TheValuesSayWhichTaskItIs) {
  EXPECT_EQ(learn(numbers({1, 2.5, 3})).task(), Task::regression);
  EXPECT_EQ(learn(numbers({1, 2, 1})).classes(), (Names{"1", "2"}));
  EXPECT_EQ(learn(numbers({1, 2, NAN, 1})).classes(), (Names{"1", "2"}));
  EXPECT_EQ(learn(texts({"b", "a", "c"})).classes(), (Names{"a", "b", "c"}));
  EXPECT_EQ(learn(Table().with_booleans("y", {1, 0, 1})).classes(), (Names{"false", "true"}));
  EXPECT_EQ(learn(numbers({0.5, 0.25}), "regression").task(), Task::regression);
}

TEST(Target, ClassesOfNumbersStandInTheOrderOfNumbers) {
  EXPECT_EQ(learn(numbers({10, 9, -1, 2.5, 1e6}), "classification").classes(), (Names{"-1", "2.5", "9", "10", "1000000"}));
  EXPECT_EQ(learn(Table().with_integers("y", {10, 9, 100}), "classification").classes(), (Names{"9", "10", "100"}));
}

TEST(Target, ThePositiveClassIsTheSecondOfTwo) {
  EXPECT_EQ(learn(texts({"<=50K", ">50K"})).classes()[1], ">50K");
  EXPECT_EQ(learn(texts({"no", "yes"}), "", "no").classes(), (Names{"yes", "no"}));
  EXPECT_EQ(learn(numbers({0, 1}), "", "0").classes(), (Names{"1", "0"}));
  expect_refused(Code::config, "'yes'", texts({"no", "yes"}), "", "yess");
  expect_refused(Code::config, "has 3", texts({"a", "b", "c"}), "", "a");
  expect_refused(Code::config, "number", numbers({1, 2, 3}), "", "1");
}

TEST(Target, WholeNumbersAndRealsAreTheSameClasses) {
  const Target target = learn(Table().with_integers("y", {3, 7}));
  EXPECT_EQ(target.values(numbers({7, 3, NAN, 5}))[0], 1);
  EXPECT_EQ(target.values(numbers({7, 3, NAN, 5}))[1], 0);
  EXPECT_TRUE(std::isnan(target.values(numbers({7, 3, NAN, 5}))[2]));
  EXPECT_TRUE(std::isnan(target.values(numbers({7, 3, NAN, 5}))[3]));
  EXPECT_EQ(target.unknown_classes(numbers({7, 3, NAN, 5})), 1);
  EXPECT_EQ(target.values(texts({"7", "3"})), (std::vector<double>{1, 0}));
}

TEST(Target, RefusesWhatCannotBeLearned) {
  expect_refused(Code::data, "no column 'y'", numbers({1}).with_numbers("x", {1}).without({"y"}).with_numbers("yy", {1}), "", "");
  expect_refused(Code::data, "blank in all 2 rows", numbers({NAN, NAN}));
  expect_refused(Code::data, "one row", numbers({1}));
  expect_refused(Code::data, "one row", numbers({1, NAN}));
  expect_refused(Code::data, "same number", numbers({4, 4, 4}));
  expect_refused(Code::data, "'a' in every row", texts({"a", "a"}));
  expect_refused(Code::data, "texts", texts({"a", "b"}), "regression");
  expect_refused(Code::data, "times", Table().with_timestamps("y", {1, 2}));
  expect_refused(Code::data, "infinite", numbers({1, 2, INFINITY}));
  expect_refused(Code::data, "32-bit", numbers({1, 2, 1e39}));
  expect_refused(Code::usage, "anomaly", numbers({1, 2}), "anomaly");
  std::vector<std::string> ids;
  for (int i = 0; i < 1001; ++i) ids.push_back(concat("id", i));
  expect_refused(Code::data, "more than 1000", texts(ids));
}

TEST(Target, ComesBackFromJson) {
  for (const Target& target : {learn(texts({"a", "b"}), "", "a"), learn(texts({"x", "y", "z"})), learn(numbers({1, 2, 3}))}) {
    const Target read = Target::from_json(target.to_json());
    EXPECT_EQ(read.to_json(), target.to_json());
    EXPECT_EQ(read.classes(), target.classes());
  }
  const Json good = learn(texts({"a", "b"})).to_json();
  for (const char* key : {"column", "task", "classes"}) {
    Json bent = good;
    bent.erase(key);
    EXPECT_THROW(Target::from_json(bent), Error) << key;
  }
  for (const Json& classes : {Json::array({"a"}), Json::array({"a", "a"}), Json::array({"a", 1}), Json("a")}) {
    Json bent = good;
    bent["classes"] = classes;
    EXPECT_THROW(Target::from_json(bent), Error) << classes;
  }
}

TEST(Target, APartOfTheRowsMayHaveFewerClasses) {
  const Target target = learn(texts({"a", "b", "c"}));
  EXPECT_EQ(target.with_classes_of({0, 2, 2}).classes(), (Names{"a", "c"}));
  EXPECT_THROW(target.with_classes_of({1, 1}), Error);
}

}  // namespace
}  // namespace crisp
