#include "core/config.h"

#include <gtest/gtest.h>

#include "tests/core/expect_error.h"
#include "tests/core/scratch.h"

namespace crisp {
namespace {

constexpr const char* kProject = R"(# a project
title = "harbour"
threads = 2

[model]
name = "random_cut_forest"
per = ["sensor_id", "ship"]
rate = 0.5
trees = 50
quiet = true

[[recipe.step]]
kind = "filter"
[[recipe.step]]
kind = "scale"
options = { how = "robust", day = 2024-12-06, at = 2024-12-06T07:08:09.25+01:30 }
)";

Config project(const std::vector<std::string>& sets = {}) {
  return Config::parse(kProject, "crisp.toml", sets);
}

TEST(Config, TypedReading) {
  const Config config = project();
  const ConfigTable model = config.table("model");
  EXPECT_EQ(config.text("title"), "harbour");
  EXPECT_EQ(model.text("name", "x"), "random_cut_forest");
  EXPECT_EQ(model.text("nothing", "x"), "x");
  EXPECT_EQ(model.texts("per"), (std::vector<std::string>{"sensor_id", "ship"}));
  EXPECT_EQ(model.texts("name"), std::vector<std::string>{"random_cut_forest"});
  EXPECT_EQ(model.reals("trees"), std::vector<double>{50});
  EXPECT_EQ(model.real("rate"), 0.5);
  EXPECT_EQ(model.real("trees", 1), 50.0);
  EXPECT_EQ(model.integer("trees", 1, 1, 100), 50);
  EXPECT_TRUE(model.flag("quiet", false));
  EXPECT_FALSE(config.table("no").table("such").flag("key", false));
  EXPECT_TRUE(config.tables("steps").empty());
  EXPECT_EQ(model.choice("name", "", {"iforest", "random_cut_forest"}), "random_cut_forest");
}

TEST(Config, JsonKeepsTheOrderAndWritesDatesAsText) {
  const Config config = project();
  EXPECT_EQ(
      to_text(config.table("recipe").json("step")[1]),
      R"({"kind":"scale","options":{"how":"robust","day":"2024-12-06","at":"2024-12-06T07:08:09.25+01:30"}})");
  EXPECT_EQ(config.keys(), (std::vector<std::string>{"title", "threads", "model", "recipe"}));
  EXPECT_TRUE(config.json("absent").is_null());
}

TEST(Config, TablesOutliveTheFile) {
  const auto steps = [] { return project().table("recipe").tables("step"); }();
  EXPECT_EQ(steps[1].table("options").text("how"), "robust");
  EXPECT_EQ(steps[1].where("kind"), "crisp.toml:15");
}

TEST(Config, SaysWhereAndWhatWasExpected) {
  const Config config = project();
  const ConfigTable model = config.table("model");
  EXPECT_ERROR(model.integer("rate"), Code::config,
               "crisp.toml:8: [model] rate: expected a whole number, found 0.5");
  EXPECT_ERROR(model.real("name"), Code::config, "expected a number, found the text 'random_cut_forest'");
  EXPECT_ERROR(model.text("trees"), Code::config, "expected a text in quotes, found 50");
  EXPECT_ERROR(model.flag("trees"), Code::config, "expected true or false, found 50");
  EXPECT_ERROR(model.texts("trees"), Code::config, "expected a text");
  EXPECT_ERROR(model.integer("trees", 1, 60, 70), Code::config, "[model] trees: 50 is not in 60 to 70");
  EXPECT_ERROR(model.real("rate", 1, 2), Code::config, "0.5 is less than 2");
  EXPECT_ERROR(model.text("nam"), Code::config, "crisp.toml:5: [model]: 'nam' is missing");
  EXPECT_ERROR(model.text("nam"), Code::config, "is 'name' meant?");
  EXPECT_ERROR(config.text("absent"), Code::config, "crisp.toml: 'absent' is missing");
  EXPECT_ERROR(config.table("title"), Code::config, "expected a table, [title]");
  EXPECT_ERROR(config.tables("model"), Code::config, "expected a list of tables, [[model]], found a table");
  EXPECT_ERROR(model.tables("per"), Code::config, "expected a list of tables");
  EXPECT_ERROR(model.choice("name", "", {"random_forest"}), Code::config, "did you mean 'random_forest'?");
}

TEST(Config, NamesUnknownKeys) {
  const Config config = Config::parse("[model]\nname = 'x'\n\ntres = 3\n", "p.toml");
  EXPECT_ERROR(config.require_all_known(), Code::config, "p.toml:1: unknown key 'model'");
  config.table("model").text("name");
  config.table("model").integer("trees", 5);
  EXPECT_ERROR(config.require_all_known(), Code::config, "p.toml:4: unknown key 'tres' in [model]");
  EXPECT_ERROR(config.require_all_known(), Code::config, "did you mean 'trees'?");
  config.table("model").integer("tres");
  EXPECT_NO_THROW(config.require_all_known());
}

TEST(Config, UnknownKeysInListsOfTables) {
  const Config config = project();
  for (const char* key : {"title", "threads", "model"}) config.json(key);
  for (const ConfigTable& step : config.table("recipe").tables("step")) step.text("kind");
  EXPECT_ERROR(config.require_all_known(), Code::config,
               "crisp.toml:16: unknown key 'options' in [recipe.step[1]]");
}

TEST(ConfigSet, OverlaysTheFile) {
  const Config config = project({"model.trees=100", "model.name=isolation forest", "new.deep.key=[1, 2]",
                                 "recipe.step.1.options.how=\"none\"", "title=5", "model.\"a.b\"=true",
                                 "model.text='7'", "model.empty="});
  const ConfigTable model = config.table("model");
  EXPECT_EQ(model.integer("trees"), 100);
  EXPECT_EQ(model.text("name"), "isolation forest");
  EXPECT_EQ(model.text("text"), "7");
  EXPECT_EQ(model.text("empty"), "");
  EXPECT_TRUE(model.flag("a.b"));
  EXPECT_EQ(to_text(config.json("new")), R"({"deep":{"key":[1,2]}})");
  EXPECT_EQ(config.table("recipe").tables("step")[1].table("options").text("how"), "none");
  EXPECT_ERROR(config.text("title"), Code::config, "--set title: title: expected a text in quotes, found 5");
}

TEST(ConfigSet, RefusesWhatCannotBePlaced) {
  EXPECT_ERROR(project({"model"}), Code::usage, "expected section.key=value");
  EXPECT_ERROR(project({"=3"}), Code::usage, "expected section.key=value");
  EXPECT_ERROR(project({"a b=3"}), Code::usage, "expected section.key=value");
  EXPECT_EQ(project({"a=1\nb=2"}).text("a"), "1\nb=2");
}

TEST(ConfigSet, RefusesPathsThroughValues) {
  EXPECT_ERROR(project({"title.x=3"}), Code::config, "not a table");
  EXPECT_ERROR(project({"recipe.step.2.kind=3"}), Code::config, "not an index into this list of 2");
  EXPECT_ERROR(project({"recipe.step.x.kind=3"}), Code::config, "not an index");
  EXPECT_ERROR(project({"x=inf"}), Code::config, "--set x: infinities");
}

TEST(ConfigHostile, SyntaxErrorsNameLineAndColumn) {
  EXPECT_ERROR(Config::parse("a = 1\nb = \n", "p.toml"), Code::config, "p.toml:2:");
  EXPECT_ERROR(Config::parse("a = 1\na = 2\n", "p.toml"), Code::config, "p.toml:2:");
  EXPECT_ERROR(Config::parse("a = '\xff'", "p.toml"), Code::config, "p.toml:1:");
  EXPECT_ERROR(Config::parse("a = nan", "p.toml"), Code::config, "p.toml:1: infinities and nan");
  EXPECT_ERROR(Config::parse("a = 99999999999999999999", "p.toml"), Code::config, "p.toml:1:");
}

std::string repeated(const std::string& part, int times) {
  std::string out;
  for (int i = 0; i < times; ++i) out += part;
  return out;
}

TEST(ConfigHostile, DepthIsBoundedBeforeParsing) {
  EXPECT_NO_THROW(Config::parse("a = " + repeated("[", 32) + repeated("]", 32), "p"));
  EXPECT_ERROR(Config::parse("a = " + repeated("[", 33) + repeated("]", 33), "p"), Code::config, "deeper");
  EXPECT_ERROR(Config::parse("a = " + repeated("[", 500'000), "p"), Code::config, "p:1: nested deeper");
  EXPECT_ERROR(Config::parse("x=1\n" + repeated("a.", 400'000) + "a = 1", "p"), Code::config,
               "p:2: nested deeper");
  EXPECT_ERROR(Config::parse("[" + repeated("a.", 400'000) + "a]", "p"), Code::config, "deeper");
  EXPECT_ERROR(Config::parse("[" + repeated("a.", 30) + "a]\n" + repeated("b.", 30) + "b = 1", "p"),
               Code::config, "deeper");
  EXPECT_NO_THROW(Config::parse("a = '" + repeated(".[", 1000) + "' # " + repeated("[", 100), "p"));
  EXPECT_NO_THROW(Config::parse("a = \"\"\"\n" + repeated("\\\"\".[\n", 1000) + "\"\"\"", "p"));
  EXPECT_ERROR(project({repeated("a.", 100'000) + "a=1"}), Code::usage, "expected section.key=value");
  EXPECT_EQ(project({"a=" + repeated("[", 100'000)}).text("a").size(), 100'000u);
}

TEST(ConfigHostile, SizeIsBounded) {
  EXPECT_NO_THROW(Config::parse(std::string(1 << 20, '\n'), "p"));
  EXPECT_ERROR(Config::parse(std::string((1 << 20) + 1, '\n'), "p"), Code::config, "at most 1048576");
  EXPECT_ERROR(Config::load("/no/such/crisp.toml"), Code::no_input, "/no/such/crisp.toml");
}

}  // namespace
}  // namespace crisp
