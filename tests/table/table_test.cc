#include "table/table.h"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>

#include "cuda/error.h"
#include "table/fingerprint.h"

namespace crisp {
namespace {

constexpr double kNan = std::numeric_limits<double>::quiet_NaN();

Table sample() {
  return Table()
      .with_integers("id", {3, 1, 2})
      .with_numbers("speed", {1.5, kNan, -2.0})
      .with_booleans("moving", {1, 0, 1})
      .with_texts("name", {"a", "", "c"});
}

TEST(Fingerprint, FollowsFromNamesTypesAndValuesAlone) {
  const std::string whole = table_fingerprint(sample());
  EXPECT_EQ(whole, table_fingerprint(Table::concatenate({sample().slice(0, 1), sample().slice(1, 2)})));
  EXPECT_NE(whole, table_fingerprint(sample().take({1, 0, 2})));
  EXPECT_NE(whole, table_fingerprint(sample().with_numbers("speed", {1.5, 0.0, -2.0})));
  EXPECT_NE(whole, table_fingerprint(sample().with_numbers("id", {3, 1, 2})));
  const Table ab = Table().with_texts("x", {"ab", "c"}), a = Table().with_texts("x", {"a", "bc"});
  EXPECT_NE(table_fingerprint(ab), table_fingerprint(a));
}

std::string failure(const std::function<void()>& action) {
  try {
    action();
  } catch (const Error& error) {
    return concat(static_cast<int>(error.code()), " ", error.what(), " / ", error.hint());
  }
  return "";
}

TEST(Table, StartsEmpty) {
  EXPECT_EQ(Table().rows(), 0);
  EXPECT_EQ(Table().columns(), 0);
}

TEST(Table, SaysWhatItHolds) {
  const Table table = sample();
  EXPECT_EQ(table.rows(), 3);
  EXPECT_EQ(table.names(), (std::vector<std::string>{"id", "speed", "moving", "name"}));
  const auto schema = table.schema();
  EXPECT_EQ(schema[1].type, ColumnType::real);
  EXPECT_EQ(schema[1].missing, 1);
  EXPECT_EQ(schema[3].missing, 0);
  EXPECT_EQ(table.missing("speed"), (std::vector<uint8_t>{0, 1, 0}));
}

TEST(Table, GivesNumbersAndTexts) {
  const Table table = sample();
  EXPECT_EQ(table.numbers("id"), (std::vector<double>{3, 1, 2}));
  EXPECT_TRUE(std::isnan(table.numbers("speed")[1]));
  EXPECT_EQ(table.numbers("moving"), (std::vector<double>{1, 0, 1}));
  EXPECT_EQ(table.texts("speed"), (std::vector<std::string>{"1.5", "", "-2.0"}));
  EXPECT_EQ(table.texts("moving")[1], "false");
  EXPECT_EQ(failure([&] { table.numbers("name"); }), "65 column 'name' is text, not numbers / ");
}

TEST(Table, NamesTheNearestColumn) {
  const Table table = sample();
  EXPECT_EQ(failure([&] { table.numbers("sped"); }), "65 there is no column 'sped' / did you mean 'speed'?");
  EXPECT_EQ(failure([&] { table.select({"zzzzzz"}); }),
            "65 there is no column 'zzzzzz' / the table has 4 columns");
}

TEST(Table, TakesRowsInAnyOrder) {
  const Table taken = sample().take({2, 0, 2});
  EXPECT_EQ(taken.numbers("id"), (std::vector<double>{2, 3, 2}));
  EXPECT_EQ(taken.texts("name"), (std::vector<std::string>{"c", "a", "c"}));
  EXPECT_EQ(sample().take({}).rows(), 0);
  EXPECT_THROW(sample().take({3}), Error);
}

TEST(Table, ReplacesAndDropsColumns) {
  const Table table = sample().with_texts("id", {"x", "y", "z"}).without({"speed", "moving"});
  EXPECT_EQ(table.names(), (std::vector<std::string>{"id", "name"}));
  EXPECT_EQ(table.type("id"), ColumnType::text);
  EXPECT_EQ(failure([&] { table.with_integers("n", {1}); }), "70 column 'n' has 1 values for 3 rows / ");
}

TEST(Table, TakesAColumnOfAnother) {
  const Table table = sample().with_column_of("name", sample().take({2, 1, 0}), "name").with_column_of("again", sample(), "speed");
  EXPECT_EQ(table.texts("name"), (std::vector<std::string>{"c", "", "a"}));
  EXPECT_EQ(table.numbers("id"), sample().numbers("id"));
  EXPECT_EQ(table.columns(), sample().columns() + 1);
  EXPECT_THROW(sample().with_column_of("name", sample(), "nome"), Error);
}

TEST(Table, BlanksAColumnAndKeepsItsType) {
  for (const ColumnInfo& column : sample().schema()) {
    const Table table = sample().with_missing(column.name);
    EXPECT_EQ(table.missing(column.name), (std::vector<uint8_t>{1, 1, 1}));
    EXPECT_EQ(table.type(column.name), column.type);
  }
  EXPECT_THROW(sample().with_missing("nome"), Error);
}

TEST(Table, ConcatenatesByName) {
  const Table other = sample().select({"name", "moving", "speed", "id"});
  const Table both = Table::concatenate({sample(), other, sample().slice(1, 1)});
  EXPECT_EQ(both.numbers("id"), (std::vector<double>{3, 1, 2, 3, 1, 2, 1}));
  EXPECT_EQ(failure([&] {
              Table::concatenate({sample(), other.without({"id"})});
            }),
            "65 a table with 3 columns cannot follow one with 4 / ");
  EXPECT_EQ(failure([&] {
              Table::concatenate({sample(), sample().with_texts("id", {"", "", ""})});
            }),
            "65 column 'id' is integer in one table and text in another / ");
}

TEST(ColumnTypes, HaveNames) {
  for (const char* name : {"boolean", "integer", "real", "text", "timestamp"}) {
    EXPECT_STREQ(column_type_name(parse_column_type(name)), name);
  }
  EXPECT_THROW(parse_column_type("float"), Error);
}

}  // namespace
}  // namespace crisp
