#include "read/write.h"

#include <gtest/gtest.h>
#include <sys/resource.h>

#include <cmath>
#include <csignal>
#include <limits>
#include <random>

#include "reading.h"

namespace crisp {
namespace {

using Texts = std::vector<std::string>;

/// All five types, with missing values and what is hard to write.
Table awkward() {
  constexpr double kNan = std::numeric_limits<double>::quiet_NaN();
  Table table =
      Table()
          .with_integers(
              "i", {0, -1, std::numeric_limits<int64_t>::max(), std::numeric_limits<int64_t>::min(), 5, 6, 7})
          .with_numbers("r", {0.1, -0.0, kNan, 5e-324, std::numeric_limits<double>::max(),
                              -std::numeric_limits<double>::infinity(), 1e22})
          .with_booleans("b", {1, 0, 1, 0, 0, 1, 1})
          .with_texts("t", {"", "NA", " a,b ", "say \"hi\"", "two\nlines\r", "null ", "gr\xc3\xbc\xc3\x9f"})
          .with_texts(" d ",
                      {"1970-01-01", "1969-12-31T23:59:59.999999Z", "", "+294247-01-10T04:00:54.775807Z",
                       "-290308-12-21T19:59:05.224192Z", "2020-02-29 12:00:00.5+01:00", "0000-01-01"});
  const Scratch scratch;
  ReadRequest request;
  request.types = {{" d ", ColumnType::timestamp}};
  request.path = scratch.at("t.parquet");
  write_table(table, request.path);
  return read_table(request);
}

void expect_equal(const Table& a, const Table& b) {
  ASSERT_EQ(types_of(a), types_of(b));
  ASSERT_EQ(a.rows(), b.rows());
  for (const std::string& name : a.names()) {
    EXPECT_EQ(a.missing(name), b.missing(name)) << name;
    EXPECT_EQ(a.texts(name), b.texts(name)) << name;
  }
}

TEST(Write, EveryFormatReadsBackEqual) {
  const Table table = awkward();
  EXPECT_EQ(types_of(table), "i:integer r:real b:boolean t:text  d :timestamp");
  for (const char* name : {"t.csv", "t.tsv", "t.csv.gz", "t.parquet", "t.arrow", "t.feather", "t.txt"}) {
    const Scratch scratch;
    ReadRequest request;
    request.path = scratch.at(name);
    write_table(table, request.path);
    SCOPED_TRACE(name);
    expect_equal(read_table(request), table);
  }
}

TEST(Write, CsvReadsBackEqualForAnyReal) {
  std::mt19937_64 random(7);
  std::vector<double> values;
  while (values.size() < 20000) {
    const double value = std::bit_cast<double>(random());
    if (!std::isnan(value)) values.push_back(value);
  }
  const Table table = Table().with_numbers("x", values);
  EXPECT_EQ(read_csv(to_csv(table)).numbers("x"), values);
}

TEST(Write, OneColumnKeepsItsMissingRows) {
  const Table table = read_csv("t,u\nx,1\n,2\n\"\",3\n").select({"t"});
  EXPECT_EQ(to_csv(table), "t\nx\nNA\n\"\"\n");
  expect_equal(read_csv(to_csv(table)), table);
}

TEST(Write, CsvAsText) {
  const Table table = Table().with_numbers("x", {1, 0.5}).with_texts("a,b", {"q\"", ""});
  EXPECT_EQ(to_csv(table), "x,\"a,b\"\n1.0,\"q\"\"\"\n0.5,\"\"\n");
}

TEST(Write, RefusesWhatItCannotWrite) {
  const Scratch scratch;
  const Table table = Table().with_integers("x", {1});
  EXPECT_EQ(failure_of(scratch, [&] { write_table(table, scratch.at("t.xlsx")); }).substr(0, 2), "78");
  EXPECT_EQ(failure_of(scratch, [&] { write_table(Table(), scratch.at("t.csv")); }),
            "65 a table without columns cannot be written as CSV");
  EXPECT_NE(failure_of(scratch, [&] { write_table(table, scratch.at("no/t.csv")); }), "");
  const Table nul = Table().with_texts("x", {std::string("a\0b", 3)});
  EXPECT_EQ(failure_of(scratch, [&] { write_table(nul, scratch.at("t.csv")); }),
            "65 column 'x' holds a NUL byte, which CSV cannot");
  EXPECT_TRUE(std::filesystem::is_empty(scratch.path()));
}

TEST(Write, AFullDiskLeavesTheTargetAsItWas) {
  const Scratch scratch;
  std::vector<double> values(200000);
  std::mt19937_64 random(1);
  for (double& value : values) value = static_cast<double>(random());
  const Table table = Table().with_numbers("x", values);
  rlimit before{};
  ::getrlimit(RLIMIT_FSIZE, &before);
  ::signal(SIGXFSZ, SIG_IGN);
  for (const char* name : {"t.csv", "t.parquet", "t.arrow", "t.csv.gz"}) {
    const std::string path = scratch.file(name, "old");
    const rlimit small{100000, before.rlim_max};
    ::setrlimit(RLIMIT_FSIZE, &small);
    const std::string failure = failure_of(scratch, [&] { write_table(table, path); });
    ::setrlimit(RLIMIT_FSIZE, &before);
    EXPECT_EQ(failure.substr(0, 2), "74") << name << ": " << failure;
    EXPECT_EQ(std::filesystem::file_size(path), 3u) << name;
  }
  EXPECT_EQ(std::distance(std::filesystem::directory_iterator(scratch.path()), {}), 4);
}

}  // namespace
}  // namespace crisp
