#include "read/row_groups.h"

#include <arrow/io/file.h>
#include <gtest/gtest.h>
#include <parquet/arrow/writer.h>

#include "read/write.h"
#include "reading.h"
#include "table/arrow_bridge.h"

namespace crisp {
namespace {

Table numbered(int64_t begin, int64_t rows, bool more = false) {
  std::vector<double> x;
  std::vector<std::string> name;
  for (int64_t i = begin; i < begin + rows; ++i) {
    x.push_back(static_cast<double>(i) / 4);
    name.push_back(concat("n", i % 5));
  }
  const Table table = Table().with_numbers("x", x).with_texts("name", name);
  return more ? table.with_numbers("more", x) : table;
}

void write_groups(const Table& table, const std::string& path, int64_t group_rows) {
  const auto out = check(arrow::io::FileOutputStream::Open(path));
  check(parquet::arrow::WriteTable(*table.arrow(), arrow::default_memory_pool(), out, group_rows,
                                   parquet::WriterProperties::Builder().enable_page_checksum()->build()));
  check(out->Close());
}

struct RowGroupsOf : testing::Test {
  Scratch scratch;
  std::string why;

  std::optional<RowGroups> open(const std::string& name) {
    ReadRequest request;
    request.path = scratch.at(name);
    return RowGroups::open(request, why);
  }
};

TEST_F(RowGroupsOf, AFolderAreThoseOfItsFilesInOrder) {
  std::filesystem::create_directory(scratch.at("d"));
  write_groups(numbered(0, 250), scratch.at("d/a.parquet"), 100);
  write_groups(numbered(250, 130), scratch.at("d/b.parquet"), 100);
  const auto groups = open("d");
  ASSERT_TRUE(groups) << why;
  ASSERT_EQ(groups->size(), 5);
  EXPECT_EQ(groups->rows(), 380);
  const Table whole = numbered(0, 380);
  for (const int64_t group : {4, 0, 2, 3, 1, 4}) {
    const Table part = groups->read(group), expected = whole.slice(groups->begin(group), groups->rows(group));
    EXPECT_EQ(part.numbers("x"), expected.numbers("x"));
    EXPECT_EQ(part.texts("name"), expected.texts("name"));
  }
  EXPECT_EQ(groups->name(3), scratch.at("d/b.parquet") + ", row group 0");
  EXPECT_EQ(groups->read(1, {"name"}).names(), std::vector<std::string>{"name"});
  EXPECT_EQ(groups->report().rows(), 380);
  EXPECT_EQ(groups->no_rows().names(), whole.names());
}

TEST_F(RowGroupsOf, WhatCannotBeReadInPartsSaysWhy) {
  scratch.file("t.csv", "x,y\n1,2\n");
  EXPECT_FALSE(open("t.csv"));
  EXPECT_EQ(why, "t.csv is csv, and only Parquet has row groups");
  std::filesystem::create_directory(scratch.at("d"));
  write_groups(numbered(0, 10), scratch.at("d/a.parquet"), 100);
  write_groups(numbered(0, 10, true), scratch.at("d/b.parquet"), 100);
  EXPECT_FALSE(open("d"));
  EXPECT_NE(why.find("b.parquet has other columns, or types, than"), std::string::npos) << why;
}

TEST_F(RowGroupsOf, DamageIsFoundInItsGroupAndNamed) {
  write_groups(numbered(0, 4000), scratch.at("t.parquet"), 1000);
  std::ifstream in(scratch.at("t.parquet"), std::ios::binary);
  std::string bytes{std::istreambuf_iterator<char>(in), {}};
  bytes[bytes.size() / 2] ^= 0x10;
  scratch.file("t.parquet", bytes);
  const auto groups = open("t.parquet");
  ASSERT_TRUE(groups);
  std::string failures;
  for (int64_t group = 0; group < 4; ++group) failures += failure_of(scratch, [&] { groups->read(group); });
  EXPECT_EQ(failures.rfind("65 t.parquet, row group ", 0), 0u) << failures;
  EXPECT_EQ(failures.find("65 ", 1), std::string::npos) << failures;  // one of the four
}

TEST_F(RowGroupsOf, AFileThatChangedIsRefused) {
  write_groups(numbered(0, 4000), scratch.at("t.parquet"), 1000);
  const auto groups = open("t.parquet");
  groups->read(3);
  std::filesystem::resize_file(scratch.at("t.parquet"), 9000);
  EXPECT_EQ(failure_of(scratch, [&] { groups->read(2); }), "65 t.parquet, row group 2: changed while it was read");
}

TEST_F(RowGroupsOf, TheSameBytesHaveTheSameSha256) {
  write_groups(numbered(0, 4000), scratch.at("t.parquet"), 1000);
  write_groups(numbered(0, 4000), scratch.at("u.parquet"), 1000);
  write_groups(numbered(1, 4000), scratch.at("v.parquet"), 1000);
  EXPECT_EQ(open("t.parquet")->sha256(), open("u.parquet")->sha256());
  EXPECT_NE(open("t.parquet")->sha256(), open("v.parquet")->sha256());
}

}  // namespace
}  // namespace crisp
