#include "profile/profile.h"

#include <gtest/gtest.h>

#include <limits>

#include "core/file_io.h"

namespace crisp {
namespace {

const std::string kFolder = std::string(CRISP_TEST_DATA) + "/profile/";

TableProfile profile_of(const Table& table, int threads = 2) {
  Exec exec(Device::cpu(), threads);
  return profile_table(exec, table);
}

Table table_of(const std::string& name, const std::vector<double>& values) {
  return Table().with_numbers(name, values);
}

const ColumnProfile& column_of(const TableProfile& profile, const std::string& name) {
  for (const ColumnProfile& column : profile.columns) {
    if (column.name == name) return column;
  }
  throw std::runtime_error("no column " + name);
}

void expect_close(double found, double wanted, double relative, const std::string& what) {
  EXPECT_NEAR(found, wanted, relative * std::max(1.0, std::abs(wanted))) << what;
}

void expect_numbers(const ColumnProfile& found, const Json& wanted) {
  EXPECT_EQ(found.infinite, wanted["infinite"]) << found.name;
  EXPECT_EQ(found.zeros, wanted["zeros"]) << found.name;
  expect_close(found.low, wanted["min"], 0, found.name);
  expect_close(found.high, wanted["max"], 0, found.name);
  expect_close(found.mean, wanted["mean"], 1e-14, found.name);
  expect_close(found.deviation, wanted["std"], 1e-12, found.name);
  expect_close(found.skewness, wanted["skewness"], 1e-9, found.name);
  expect_close(found.kurtosis, wanted["kurtosis"], 1e-9, found.name);
  for (size_t k = 0; k < kProfilePercents.size(); ++k) {
    expect_close(found.quantiles[k], wanted["quantiles"][k], 1e-15,
                 concat(found.name, " p", kProfilePercents[k]));
  }
  int64_t binned = found.histogram.below + found.histogram.above;
  for (const int64_t count : found.histogram.counts) binned += count;
  EXPECT_EQ(binned, found.count - found.infinite) << found.name;
}

TEST(Profile, EqualsNumpyPandasAndScipy) {
  ReadRequest request;
  request.path = kFolder + "table.csv";
  const TableProfile found = profile_of(read_table(request));
  const Json wanted = parse_json(read_text(kFolder + "golden.json", 1 << 20), "golden.json");
  EXPECT_EQ(found.rows, wanted["rows"]);
  EXPECT_EQ(found.duplicates, wanted["duplicates"]);
  ASSERT_EQ(found.columns.size(), wanted["columns"].size());
  for (const auto& [name, column] : wanted["columns"].items()) {
    const ColumnProfile& mine = column_of(found, name);
    EXPECT_EQ(mine.count, column["count"]) << name;
    EXPECT_EQ(mine.missing, column["missing"]) << name;
    EXPECT_EQ(mine.distinct, column["distinct"]) << name;
    if (column.contains("mean")) expect_numbers(mine, column);
    if (!column.contains("frequent")) continue;
    ASSERT_EQ(mine.frequent.size(), column["frequent"].size()) << name;
    for (const ValueCount& value : mine.frequent)
      EXPECT_EQ(value.count, column["frequent"][value.value]) << value.value;
  }
}

TEST(Profile, IsTheSameForAnyNumberOfThreads) {
  ReadRequest request;
  request.path = kFolder + "table.csv";
  const Table table = read_table(request);
  const std::string one = to_text(profile_json(profile_of(table, 1), "x", {}));
  for (const int threads : {2, 3, 7})
    EXPECT_EQ(to_text(profile_json(profile_of(table, threads), "x", {})), one);
}

TEST(Profile, TellsWholeNumbersApartThatNoDoubleCan) {
  const int64_t base = int64_t{1} << 62;
  const TableProfile found = profile_of(Table().with_integers("id", {base, base + 1, base + 2, base + 1}));
  EXPECT_EQ(found.columns[0].distinct, 3);
  EXPECT_EQ(found.columns[0].frequent[0].value, std::to_string(base + 1));
}

TEST(Profile, TakesMinusZeroForZero) {
  const TableProfile found = profile_of(table_of("x", {0.0, -0.0, 1.0, 0.0}));
  EXPECT_EQ(found.columns[0].distinct, 2);
  EXPECT_EQ(found.columns[0].zeros, 3);
  EXPECT_EQ(found.duplicates, 2);
}

TEST(Profile, TellsRowsApartWhoseValuesChangedPlaces) {
  const Table table = table_of("a", {1, 2, 1}).with_numbers("b", {2, 1, 2});
  EXPECT_EQ(profile_of(table).duplicates, 1);
}

TEST(Profile, TakesMissingRowsForEqual) {
  const Table table = table_of("a", {NAN, NAN, 1}).with_texts("b", {"x", "x", "x"});
  EXPECT_EQ(profile_of(table).duplicates, 1);
}

TEST(Profile, GivesWholeNumbersABinEach) {
  const TableProfile found = profile_of(Table().with_integers("n", {1, 2, 2, 5}));
  EXPECT_EQ(found.columns[0].histogram.counts, (std::vector<int64_t>{1, 2, 0, 0, 1}));
  EXPECT_EQ(found.columns[0].histogram.low, 0.5);
}

TEST(Profile, CountsAFarTailWithoutDrawingIt) {
  std::vector<double> values(1000);
  for (size_t i = 0; i < values.size(); ++i) values[i] = static_cast<double>(i);
  values[0] = -1e9;
  values[999] = 1e9;
  const ColumnProfile column = profile_of(table_of("x", values)).columns[0];
  EXPECT_EQ(column.histogram.below, 1);
  EXPECT_EQ(column.histogram.above, 1);
  EXPECT_LT(column.histogram.high, 3000);
}

TEST(Profile, SurvivesTablesWithNothingInThem) {
  EXPECT_EQ(profile_of(Table()).alerts[0].kind, "EMPTY");
  const TableProfile blank = profile_of(table_of("x", {NAN, NAN}));
  EXPECT_EQ(blank.columns[0].count, 0);
  EXPECT_TRUE(std::isnan(blank.columns[0].mean));
  EXPECT_FALSE(profile_report(blank, "x", {}).empty());
  EXPECT_FALSE(profile_text(blank, "x", {}).empty());
}

TEST(Profile, SurvivesExtremeValues) {
  const double most = std::numeric_limits<double>::max(), infinite = HUGE_VAL;
  const ColumnProfile column =
      profile_of(table_of("x", {most, -most, infinite, -infinite, infinite})).columns[0];
  EXPECT_EQ(column.infinite, 3);
  EXPECT_EQ(column.distinct, 4);
  EXPECT_EQ(column.high, most);
}

TEST(Profile, EscapesWhatComesFromData) {
  const Table table = Table().with_texts("<b>", {"<script>", "<script>", "\x1b[31m"});
  const std::string page = profile_report(profile_of(table), "a&b", {});
  EXPECT_EQ(page.find("<script>\""), std::string::npos);
  EXPECT_NE(page.find("&lt;script&gt;"), std::string::npos);
  EXPECT_EQ(profile_text(profile_of(table), "x", {}).find("\x1b[31m"), std::string::npos);
}

}  // namespace
}  // namespace crisp
