#include "prepare/automatic_recipe.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>

#include "cuda/random.h"
#include "prepare/column_role.h"
#include "tests/prepare/tables.h"
#include "train/features.h"

namespace crisp {
namespace {

using Texts = std::vector<std::string>;
constexpr int64_t kRows = 200;

template <class Make>
auto column(Make make, int64_t rows = kRows) {
  std::vector<decltype(make(int64_t{0}))> out;
  for (int64_t i = 0; i < rows; ++i) out.push_back(make(i));
  return out;
}

double noise(int64_t i, uint64_t stream) { return random_uniform(1, stream, static_cast<uint64_t>(i)); }

/// One column of each kind.
Table raw() {
  return Table()
      .with_integers("row", column([](int64_t i) { return i + 1; }))
      .with_texts("key", column([](int64_t i) { return concat("k", i); }))
      .with_numbers("constant", column([](int64_t) { return 2.5; }))
      .with_numbers("blank", std::vector<double>(kRows, NAN))
      .with_numbers("speed", column([](int64_t i) { return noise(i, 1); }))
      .with_numbers("holes", column([](int64_t i) { return i % 10 == 0 ? std::nan("") : noise(i, 2); }))
      .with_numbers("gain", column([](int64_t i) { return i % 20 == 0 ? 1e5 * noise(i, 3) : noise(i, 4); }))
      .with_booleans("flag", column([](int64_t i) { return static_cast<uint8_t>(i % 3 == 0); }))
      .with_texts("kind", column([](int64_t i) { return concat("kind ", i % 4); }))
      .with_texts("town", column([](int64_t i) { return concat("t", i % 60); }))
      .with_timestamps("time", column([](int64_t i) { return 1'600'000'000'000'000 + i * 7'200'000'000; }))
      .with_texts("y", column([](int64_t i) { return std::string(i % 2 ? "yes" : "no"); }))
      .with_numbers("weight", column([](int64_t) { return 1.0; }));
}

const ColumnUse kUse{"y", true, {"weight"}};

struct Prepared {
  AutomaticRecipe recipe;
  FittedRecipe fitted;
  Table rows;
  Texts features;
};

Prepared prepared(const Table& train, const PreparationNeeds& needs, const ColumnUse& use = kUse) {
  Prepared out;
  out.recipe = automatic_recipe(test_exec(), train, needs, use);
  const Recipe recipe = Recipe::parse(out.recipe.steps);
  StepLog log;
  out.fitted = recipe.fit(test_exec(), recipe.run_stateless(test_exec(), train, log), &out.rows);
  out.features = choose_features(out.rows, out.recipe.features, {use.target});
  return out;
}

int64_t missing_cells(const Table& rows, const Texts& features) {
  int64_t missing = 0;
  for (const std::string& name : features) {
    for (const double value : rows.numbers(name)) missing += std::isnan(value);
  }
  return missing;
}

bool has(const Texts& names, const std::string& name) { return std::find(names.begin(), names.end(), name) != names.end(); }

TEST(AutomaticRecipe, DropsWhatCannotBeLearnedFromAndSaysWhy) {
  const AutomaticRecipe recipe = automatic_recipe(test_exec(), raw(), {}, kUse);
  Texts told;
  for (const DroppedColumn& column : recipe.dropped) told.push_back(concat(column.name, ": ", column.reason));
  EXPECT_EQ(told, (Texts{"row: a counter: 200 different whole numbers fill 100 % of their range",
                         "key: an id: 200 different texts in 200 rows", "constant: one value only: 2.5", "blank: no value at all"}));
}

TEST(AutomaticRecipe, GivesFiniteColumnsOfOneScale) {
  const Prepared out = prepared(raw(), {});
  EXPECT_EQ(missing_cells(out.rows, out.features), 0);
  for (const char* name : {"speed", "holes", "holes_missing", "gain", "flag", "kind=kind 0", "kind=kind 3", "town", "time_days",
                                  "time_hour_sin", "time_weekday_cos"}) {
    EXPECT_TRUE(has(out.features, name)) << name;
  }
  for (const char* name : {"y", "weight", "row", "key", "constant", "time_day_of_year_sin"}) EXPECT_FALSE(has(out.features, name)) << name;
  for (const std::string& name : out.features) {
    for (const double value : out.rows.numbers(name)) EXPECT_LT(std::abs(value), 20.0) << name;
  }
  EXPECT_TRUE(out.fitted.categories().empty());
}

TEST(AutomaticRecipe, LeavesCodesAndMissingValuesToModelsThatTakeThem) {
  const Prepared out = prepared(raw(), {true, false, true});
  EXPECT_EQ(out.fitted.categories(), (CategoryCounts{{"kind", 5}, {"town", 61}}));
  EXPECT_EQ(out.rows.numbers("speed"), raw().numbers("speed"));
  EXPECT_EQ(missing_cells(out.rows, {"holes"}), 20);
  EXPECT_TRUE(has(out.features, "time_hour"));
}

TEST(AutomaticRecipe, WorksOnRowsWithoutTargetAndDroppedColumnsAndWithMissingCells) {
  const Prepared out = prepared(raw(), {});
  Table fresh = raw().without({"y", "weight", "row", "key", "constant", "blank"});
  fresh = fresh.with_numbers("speed", std::vector<double>(kRows, NAN)).with_texts("kind", Texts(kRows, "new"));
  const FittedRecipe loaded = FittedRecipe::from_json(parse_json(out.fitted.to_json().dump(), "recipe"), "recipe");
  StepLog log;
  const Table rows = loaded.run(test_exec(), fresh, log);
  EXPECT_EQ(missing_cells(rows, out.features), 0);
  EXPECT_TRUE(loaded.in_pieces());
}

TEST(AutomaticRecipe, EqualRowsGiveEqualRecipes) {
  EXPECT_EQ(automatic_recipe(test_exec(), raw(), {}, kUse).steps.dump(), automatic_recipe(test_exec(), raw(), {}, kUse).steps.dump());
}

TEST(AutomaticRecipe, ManyClassesGiveColumnsForEachAndDetectorsShares) {
  const Table train = raw().with_texts("y", column([](int64_t i) { return concat("c", i % 3); }));
  const Prepared classes = prepared(train, {});
  EXPECT_TRUE(has(classes.features, "town:c1"));
  EXPECT_TRUE(has(classes.features, "town:c2"));
  const Prepared detector = prepared(raw(), {}, {"", false, {"y"}});
  EXPECT_TRUE(has(detector.features, "town"));
  EXPECT_NE(detector.recipe.steps.dump().find("frequency"), std::string::npos);
}

TEST(AutomaticRecipe, LongTailsAreScaledByMedianAndQuartiles) {
  std::vector<Json> robust;
  for (const Json& step : automatic_recipe(test_exec(), raw(), {}, kUse).steps) {
    if (step.contains("method") && step["method"] == "robust_arcsinh") robust.push_back(step["columns"]);
  }
  EXPECT_EQ(robust, (std::vector<Json>{Json::array({"gain"})}));
}

TEST(AutomaticRecipe, ATimeStampWhoseNamesAreTakenIsDropped) {
  const Table train = raw().with_numbers("time_hour_cos", column([](int64_t i) { return noise(i, 6); }));
  const AutomaticRecipe recipe = automatic_recipe(test_exec(), train, {}, kUse);
  EXPECT_EQ(recipe.dropped.back().name, "time");
  EXPECT_EQ(recipe.dropped.back().reason, "a timestamp, and the table has a column 'time_hour_cos' already");
  EXPECT_NO_THROW(prepared(train, {}));
}

TEST(AutomaticRecipe, TimesOfAFewDaysAreDaysAlone) {
  const Table train = Table().with_timestamps("t", {0, 86'400'000'000, 172'800'000'000});
  EXPECT_EQ(prepared(train, {}, {}).features, (Texts{"t_days"}));
}

ColumnRole role(const Table& table) { return judge_column(test_exec(), table, table.schema()[0]).role; }

TEST(AutomaticRecipe, MeasurementsAreNoIds) {
  const auto reals = column([](int64_t i) { return noise(i, 9); });
  EXPECT_EQ(role(Table().with_numbers("id", reals)), ColumnRole::number);
  const auto sparse = column([](int64_t i) { return i * i * 1000; });
  EXPECT_EQ(role(Table().with_integers("price", sparse)), ColumnRole::number);
  EXPECT_EQ(role(Table().with_integers("customerId", sparse)), ColumnRole::dropped);
  EXPECT_EQ(role(Table().with_integers("CUSTOMER_ID", sparse)), ColumnRole::dropped);
  EXPECT_EQ(role(Table().with_integers("width", sparse)), ColumnRole::number);
  // A random part of a counter, as a split leaves it, out of order.
  const auto part = column([](int64_t i) { return (i * 7919) % 251; });
  EXPECT_EQ(role(Table().with_integers("n", part)), ColumnRole::dropped);
  const auto ages = column([](int64_t i) { return static_cast<int64_t>(80 * noise(i, 5)); });
  EXPECT_EQ(role(Table().with_integers("id", ages)), ColumnRole::number);
}

TEST(AutomaticRecipe, FreeTextIsDroppedAndCategoriesAreNot) {
  const auto texts = [](auto make) { return role(Table().with_texts("x", column(make))); };
  EXPECT_EQ(texts([](int64_t i) { return concat("t", i % 120); }), ColumnRole::dropped);
  EXPECT_EQ(texts([](int64_t i) { return concat("t", i % 90); }), ColumnRole::category);
  EXPECT_EQ(texts([](int64_t i) { return std::string(201, static_cast<char>('a' + i % 3)); }), ColumnRole::dropped);
  EXPECT_EQ(texts([](int64_t i) { return std::string(199, static_cast<char>('a' + i % 3)); }), ColumnRole::category);
  EXPECT_EQ(role(Table().with_texts("x", {"a", "b", "c"})), ColumnRole::category);
}

TEST(AutomaticRecipe, WhereACellIsMissingCanBeLearnedFromOneValueToo) {
  const Table train = Table().with_numbers("x", {3, NAN, 3, NAN}).with_numbers("y", {1, 2, 3, 4});
  EXPECT_EQ(automatic_recipe(test_exec(), train, {}, {"y", false, {}}).features, (Texts{"x_missing"}));
  EXPECT_EQ(automatic_recipe(test_exec(), train, {false, false, true}, {"y", false, {}}).features, (Texts{"x"}));
}

TEST(AutomaticRecipe, RefusesTablesWithNothingToLearnFrom) {
  EXPECT_EQ(refusal([] { automatic_recipe(test_exec(), Table().with_numbers("x", {1, 1}), {}, {}); }, Code::data),
            "no column is left to learn from | x: one value only: 1");
  EXPECT_NE(refusal([] { automatic_recipe(test_exec(), Table(), {}, {}); }, Code::data).find("no training rows"), std::string::npos);
}

TEST(AutomaticRecipe, NamesWithSignsPass) {
  Table train = Table().with_numbers("a*", column([](int64_t i) { return noise(i, 1); }));
  train = train.with_numbers("ab", column([](int64_t i) { return noise(i, 2); }));
  train = train.with_timestamps("t`me", column([](int64_t i) { return i * 86'400'000'000; }));
  const Prepared out = prepared(train, {}, {});
  EXPECT_EQ(out.features.size(), 5u);
  EXPECT_EQ(missing_cells(out.rows, out.features), 0);
}

}  // namespace
}  // namespace crisp
