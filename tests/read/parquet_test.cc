#include <arrow/io/file.h>
#include <arrow/ipc/writer.h>
#include <gtest/gtest.h>
#include <parquet/arrow/writer.h>

#include <random>

#include "read/write.h"
#include "reading.h"
#include "table/arrow_bridge.h"

namespace crisp {
namespace {

std::string contents(const std::string& path) {
  std::ifstream in(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(in), {}};
}

Table sample(int rows) {
  std::vector<double> real;
  std::vector<int64_t> integer;
  std::vector<std::string> text;
  for (int i = 0; i < rows; ++i) {
    real.push_back(i * 0.1);
    integer.push_back(i);
    text.push_back(concat("row ", i % 17));
  }
  return Table().with_numbers("real", real).with_integers("integer", integer).with_texts("text", text);
}

void write_arrow_table(const arrow::Table& table, const std::string& path, int64_t group_rows = 1000) {
  const auto out = check(arrow::io::FileOutputStream::Open(path));
  check(parquet::arrow::WriteTable(table, arrow::default_memory_pool(), out, group_rows));
  check(out->Close());
}

struct ParquetFile : testing::Test {
  Scratch scratch;
  ReadRequest request;

  Table read(const std::string& name) {
    request.path = scratch.at(name);
    return read_table(request);
  }
  std::string failure(const std::string& name) {
    return failure_of(scratch, [&] { read(name); });
  }
};

TEST_F(ParquetFile, SeveralRowGroupsAndSelectedColumns) {
  write_arrow_table(*sample(3500).arrow(), scratch.at("t.parquet"));
  EXPECT_EQ(read("t.parquet").numbers("integer"), sample(3500).numbers("integer"));
  request.columns = {"text", "real"};
  const Table table = read("t.parquet");
  EXPECT_EQ(types_of(table), "text:text real:real");
  EXPECT_EQ(table.texts("text"), sample(3500).texts("text"));
  request.columns = {"rael"};
  EXPECT_EQ(failure("t.parquet"), "65 t.parquet: there is no column 'rael' / did you mean 'real'?");
}

TEST_F(ParquetFile, ForcedTypes) {
  write_table(sample(3), scratch.at("t.parquet"));
  request.types = {{"integer", ColumnType::real}, {"real", ColumnType::text}};
  EXPECT_EQ(types_of(read("t.parquet")), "real:text integer:real text:text");
  request.types = {{"text", ColumnType::integer}};
  EXPECT_EQ(failure("t.parquet"), "65 t.parquet: row 1, column 'text': 'row 0' is not of type integer");
}

TEST_F(ParquetFile, IntegersThatMayHoldFractions) {
  write_table(sample(3), scratch.at("t.parquet"));
  request.types = {{"integer", ColumnType::integer}, {"real", ColumnType::integer}};
  request.fractions = {"integer", "real"};
  EXPECT_EQ(types_of(read("t.parquet")), "real:real integer:integer text:text");
}

TEST_F(ParquetFile, NoRowsAndNoRowGroups) {
  write_table(sample(0), scratch.at("t.parquet"));
  EXPECT_EQ(types_of(read("t.parquet")), "real:real integer:integer text:text");
  EXPECT_EQ(read("t.parquet").rows(), 0);
}

TEST_F(ParquetFile, NestedColumnsAreNamedUnlessLeftOut) {
  const auto plain = sample(2).arrow()->column(0);
  const auto nested = check(arrow::MakeArrayOfNull(arrow::list(arrow::int32()), 2));
  const auto schema = arrow::schema({arrow::field("tags", nested->type()), arrow::field("x", plain->type())});
  write_arrow_table(*arrow::Table::Make(schema, {std::make_shared<arrow::ChunkedArray>(nested), plain}),
                    scratch.at("t.parquet"));
  EXPECT_EQ(failure("t.parquet").substr(0, 53), "65 t.parquet: column 'tags' has the nested type list<");
  request.columns = {"x"};
  EXPECT_EQ(types_of(read("t.parquet")), "x:real");
}

TEST_F(ParquetFile, EveryCutIsAnError) {
  write_table(sample(500), scratch.at("whole.parquet"));
  const std::string whole = contents(scratch.at("whole.parquet"));
  for (size_t size = 0; size < whole.size(); size += size < 40 ? 1 : 97) {
    scratch.file("t.parquet", whole.substr(0, size));
    ASSERT_EQ(failure("t.parquet").substr(0, 2), "65") << size;
  }
}

/// A flipped bit in a page is caught by its checksum; anywhere else it gives an error or the same values,
/// never a crash.
TEST_F(ParquetFile, FlippedBits) {
  const Table table = sample(2000);
  write_table(table, scratch.at("whole.parquet"));
  const std::string whole = contents(scratch.at("whole.parquet"));
  std::mt19937_64 random(3);
  int caught = 0;
  for (int i = 0; i < 400; ++i) {
    std::string flipped = whole;
    flipped[random() % whole.size()] ^= static_cast<char>(1 << random() % 8);
    scratch.file("t.parquet", flipped);
    try {
      read("t.parquet");
    } catch (const Error& error) {
      ASSERT_EQ(error.code(), Code::data) << error.what();
      ++caught;
    }
  }
  EXPECT_GT(caught, 300);
}

TEST_F(ParquetFile, LyingFooters) {
  scratch.file("t.parquet", "PAR1");
  EXPECT_EQ(failure("t.parquet"), "65 t.parquet: the Parquet file is cut off: its end is missing");
  scratch.file("t.parquet", std::string("PAR1\xff\xff\xff\x7fPAR1", 12));
  EXPECT_EQ(failure("t.parquet"),
            "65 t.parquet: the Parquet footer claims 2147483647 bytes, in a file of 12");
  scratch.file("t.parquet", "x,y\n1,2\n");
  EXPECT_EQ(failure("t.parquet"), "65 t.parquet: not a Parquet file: it does not begin with PAR1");
}

TEST_F(ParquetFile, ARatioLimitBoundsWhatASmallFileMayBecome) {
  const auto column = check(arrow::MakeArrayFromScalar(*arrow::MakeScalar(int64_t{7}), 60'000'000));
  const auto schema = arrow::schema({arrow::field("x", arrow::int64())});
  write_arrow_table(*arrow::Table::Make(schema, {column}), scratch.at("t.parquet"), 60'000'000);
  request.ratio_limit = 10;
  EXPECT_EQ(failure("t.parquet").substr(0, 12), "65 t.parquet");
}

TEST_F(ParquetFile, TheLimitCountsThisFileAlone) {
  write_table(sample(10), scratch.at("t.parquet"));
  const auto others = check(arrow::AllocateBuffer(int64_t{600} << 20));
  EXPECT_EQ(read("t.parquet").rows(), 10);
}

TEST_F(ParquetFile, FilesOfAFolderAgreeOnNumbers) {
  write_table(Table().with_integers("x", {1}), scratch.at("a.parquet"));
  write_table(Table().with_numbers("x", {1.5}), scratch.at("b.parquet"));
  EXPECT_EQ(read("").numbers("x"), (std::vector<double>{1, 1.5}));
  write_table(Table().with_texts("x", {"z"}), scratch.at("c.parquet"));
  EXPECT_EQ(failure(""), "65 c.parquet: column 'x' is text, but real in the files before it");
}

TEST_F(ParquetFile, DamagedArrowFiles) {
  write_table(sample(500), scratch.at("whole.arrow"));
  const std::string whole = contents(scratch.at("whole.arrow"));
  for (size_t size = 8; size < whole.size(); size += 211) {
    scratch.file("t.arrow", whole.substr(0, size));
    ASSERT_EQ(failure("t.arrow").substr(0, 11), "65 t.arrow:") << size;
  }
  std::mt19937_64 random(4);
  for (int i = 0; i < 300; ++i) {
    std::string flipped = whole;
    flipped[random() % whole.size()] ^= static_cast<char>(1 << random() % 8);
    scratch.file("t.arrow", flipped);
    try {
      read("t.arrow");
    } catch (const Error& error) {
      ASSERT_EQ(error.code(), Code::data) << error.what();
    }
  }
}

}  // namespace
}  // namespace crisp
