#include <gtest/gtest.h>

#include <cmath>

#include "read/read.h"
#include "reading.h"

namespace crisp {
namespace {

using Texts = std::vector<std::string>;

/// The type of a column with these values below each other.
std::string type_of_values(const std::vector<std::string>& values) {
  std::string text = "a,b\n";
  for (const std::string& value : values) text += value + ",x\n";
  return column_type_name(read_csv(text).type("a"));
}

TEST(Csv, GuessesTypes) {
  const Table table = read_csv("i,r,b,t,d\n1,1.5,true,x,2016-12-06\n-2,,FALSE,,2016-12-06T08:30:00Z\n");
  EXPECT_EQ(types_of(table), "i:integer r:real b:boolean t:text d:timestamp");
  EXPECT_EQ(table.numbers("i"), (std::vector<double>{1, -2}));
  EXPECT_TRUE(std::isnan(table.numbers("r")[1]));
  EXPECT_EQ(table.numbers("b"), (std::vector<double>{1, 0}));
  EXPECT_EQ(table.missing("t"), (std::vector<uint8_t>{0, 1}));
  EXPECT_EQ(table.texts("d"), (Texts{"2016-12-06T00:00:00Z", "2016-12-06T08:30:00Z"}));
}

TEST(Csv, PromotesTypes) {
  EXPECT_EQ(type_of_values({"1", "2.5"}), "real");
  EXPECT_EQ(type_of_values({"2.5", "1"}), "real");
  EXPECT_EQ(type_of_values({"1", "x"}), "text");
  EXPECT_EQ(type_of_values({"2016-12-06", "1"}), "text");
  EXPECT_EQ(type_of_values({"true", "1"}), "text");
  EXPECT_EQ(type_of_values({"", "NA", "1"}), "integer");
  EXPECT_EQ(type_of_values({"", "NA"}), "text");
}

TEST(Csv, KeepsTheTextOfValuesThatWereReadAsNumbersFirst) {
  const Table table = read_csv("a,b\n1.50,1\n-0,2\n1e3,3\nx,4\n");
  EXPECT_EQ(table.texts("a"), (Texts{"1.50", "-0", "1e3", "x"}));
}

TEST(Csv, GuessesOnlyWhatLosesNothing) {
  EXPECT_EQ(type_of_values({"007", "1"}), "text");
  EXPECT_EQ(type_of_values({"-01"}), "text");
  EXPECT_EQ(type_of_values({"00.5"}), "text");
  EXPECT_EQ(type_of_values({"0", "0.5", "-0"}), "real");
  EXPECT_EQ(type_of_values({"+5"}), "text");
  EXPECT_EQ(type_of_values({"0x1F"}), "text");
  EXPECT_EQ(type_of_values({"1_000"}), "text");
  EXPECT_EQ(type_of_values({"1e400"}), "text");
  EXPECT_EQ(type_of_values({"1e-400"}), "real");
  EXPECT_EQ(type_of_values({"9223372036854775807", "-9223372036854775808"}), "integer");
  EXPECT_EQ(type_of_values({"9223372036854775808"}), "real");
  EXPECT_EQ(type_of_values({"inf", "-Infinity", "INF", "nan"}), "real");
  EXPECT_EQ(type_of_values({".5", "5.", "1E5"}), "real");
  EXPECT_EQ(type_of_values({"?"}), "text");
  EXPECT_EQ(type_of_values({"nan(1)"}), "text");
  EXPECT_EQ(type_of_values({"1 2"}), "text");
}

TEST(Csv, KeepsIntegersBeyondTwoToThe53) {
  const Table table = read_csv("a,b\n9007199254740993,1\n");
  EXPECT_EQ(table.texts("a")[0], "9007199254740993");
}

TEST(Csv, IgnoresBlanksAroundNumbersButKeepsThoseOfTexts) {
  const Table table = read_csv("a, b ,c\n 1 , x ,\t2.5\n2,y, NA \n");
  EXPECT_EQ(types_of(table), "a:integer b:text c:real");
  EXPECT_EQ(table.texts("b"), (Texts{" x ", "y"}));
  EXPECT_EQ(table.missing("c"), (std::vector<uint8_t>{0, 1}));
}

TEST(Csv, QuotedValues) {
  const Table table = read_csv("a,b\n\"x, \"\"y\"\"\nz\",\"1\"\n\"\",\"\"\n5\" pipe,2\n");
  EXPECT_EQ(types_of(table), "a:text b:integer");
  EXPECT_EQ(table.texts("a"), (Texts{"x, \"y\"\nz", "", "5\" pipe"}));
  EXPECT_EQ(table.missing("a"), (std::vector<uint8_t>{0, 0, 0}));  // a quoted "" is a text
  EXPECT_EQ(table.missing("b"), (std::vector<uint8_t>{0, 1, 0}));  // but no number
}

TEST(Csv, QuotedMissingValuesOfAColumnThatBecomesTextAreTexts) {
  const Table table = read_csv("a,b\n\"NA\",1\n1,2\n,3\nx,4\n");
  EXPECT_EQ(table.texts("a"), (Texts{"NA", "1", "", "x"}));
  EXPECT_EQ(table.missing("a"), (std::vector<uint8_t>{0, 0, 1, 0}));
  EXPECT_EQ(read_csv("a,b\n\"\",1\n,2\n").missing("a"), (std::vector<uint8_t>{0, 1}));
}

TEST(Csv, LineEnds) {
  for (const char* text : {"a,b\n1,2\n3,4\n", "a,b\r\n1,2\r\n3,4\r\n", "a,b\r1,2\r3,4\r", "a,b\n1,2\r\n3,4",
                           "\n\r\na,b\n\n\n1,2\r\r3,4\n\n",
                           "\xef\xbb\xbf"
                           "a,b\n1,2\n3,4\r"}) {
    const Table table = read_csv(text);
    EXPECT_EQ(types_of(table), "a:integer b:integer") << text;
    EXPECT_EQ(table.numbers("b"), (std::vector<double>{2, 4})) << text;
  }
}

TEST(Csv, FindsTheSeparator) {
  EXPECT_EQ(types_of(read_csv("a;b\n1,5;2,5\n")), "a:text b:text");
  EXPECT_EQ(types_of(read_csv("a\tb\n1\t2\n")), "a:integer b:integer");
  EXPECT_EQ(types_of(read_csv("a|b\n1|x,y\n")), "a:integer b:text");
  EXPECT_EQ(types_of(read_csv("\"a;b\",c\n1,2\n")), "a;b:integer c:integer");
  EXPECT_EQ(types_of(read_csv("a\n1\n")), "a:integer");
  CsvOptions options;
  options.separator = ':';
  EXPECT_EQ(types_of(read_csv("a:b\n1:2\n", options)), "a:integer b:integer");
}

TEST(Csv, SmallestFiles) {
  EXPECT_EQ(csv_failure(""), "65 t.csv: the file is empty");
  EXPECT_EQ(csv_failure("\xef\xbb\xbf"), "65 t.csv: the file is empty");
  EXPECT_EQ(csv_failure("\n\n"), "65 t.csv: the file is empty");
  const Table header = read_csv("a,b");
  EXPECT_EQ(header.rows(), 0);
  EXPECT_EQ(types_of(header), "a:text b:text");
  EXPECT_EQ(types_of(read_csv("x")), "x:text");
  ReadReport report;
  const Table blank = read_csv(",,\n,,\n", {}, &report);
  EXPECT_EQ(types_of(blank), "f0:text f1:text f2:text");
  EXPECT_EQ(blank.rows(), 1);
  EXPECT_EQ(report.notes.size(), 3u);
  EXPECT_TRUE(report.columns[0].all_missing);
}

TEST(Csv, NamesAreMadeUnique) {
  ReadReport report;
  EXPECT_EQ(read_csv("a,a,,a_2,f2, a \n1,2,3,4,5,6\n", {}, &report).names(),
            (Texts{"a", "a_3", "f2_2", "a_2", "f2", "a_4"}));
  EXPECT_EQ(report.notes.size(), 3u);
}

TEST(Csv, WithoutHeader) {
  CsvOptions options;
  options.header = false;
  const Table table = read_csv("1,x\n2,y\n", options);
  EXPECT_EQ(types_of(table), "f0:integer f1:text");
  EXPECT_EQ(table.rows(), 2);
}

TEST(Csv, RaggedRowsAndQuotesAreRefusedWithTheirLine) {
  EXPECT_EQ(csv_failure("a,b\n1,2\n\n\"x\ny\",2\n1,2,3\n"), "65 t.csv: line 6: expected 2 values, found 3");
  EXPECT_EQ(csv_failure("a,b\n1\n"), "65 t.csv: line 2: expected 2 values, found 1");
  EXPECT_EQ(csv_failure("a,b\n1,\"x\n2,3\n").substr(0, 66),
            "65 t.csv: line 2: the quote that begins a value is never closed / ");
  EXPECT_EQ(csv_failure("a,b\n1,\"x\"y\n").substr(0, 69),
            "65 t.csv: line 2: there is text behind the closing quote of a value /");
}

TEST(Csv, BytesThatAreNoText) {
  EXPECT_EQ(csv_failure("a,b\n1,x\xffy\n"),
            "65 t.csv: line 2: byte 0xFF is not valid UTF-8 / "
            "convert it first, for example: iconv -f latin1 -t utf8 FILE");
  EXPECT_EQ(csv_failure(std::string("a,b\n1,2\n1,\0\n", 12)).substr(0, 36),
            "65 t.csv: line 3: holds a NUL byte /");
  EXPECT_EQ(csv_failure("a,\xc0\x80\n1,2\n").substr(0, 47),
            "65 t.csv: line 1: byte 0xC0 is not valid UTF-8 ");
  ReadRequest request;
  for (request.csv.block_bytes = 1; request.csv.block_bytes < 9; ++request.csv.block_bytes) {
    EXPECT_EQ(csv_failure("\n\n\n\na,\xff\n", request).substr(0, 18), "65 t.csv: line 5: ");
  }
  EXPECT_EQ(csv_failure("a,b\n1,\"\n\n\xe9\"\n").substr(0, 47),
            "65 t.csv: line 4: byte 0xE9 is not valid UTF-8 ");
  EXPECT_EQ(csv_failure("\xff\xfe"
                        "a")
                .substr(0, 48),
            "65 t.csv: the text is UTF-16 or UTF-32, not UTF-");
  EXPECT_EQ(csv_failure("a,b\n1\n\xff\n"),
            "65 t.csv: line 2: expected 2 values, found 1");  // the first error counts
  EXPECT_EQ(read_csv("a,b\n\x1a,gr\xc3\xbc\xc3\x9f\n").texts("b")[0], "gr\xc3\xbc\xc3\x9f");
}

TEST(Csv, ForcedTypes) {
  ReadRequest request;
  request.types = {{"a", ColumnType::real}};
  EXPECT_EQ(csv_failure("a,b\n1,2\n+007,2\nabc,2\n", request),
            "65 t.csv: row 3, column 'a': 'abc' is not a number");
  request.types = {{"a", ColumnType::integer}};
  EXPECT_EQ(csv_failure("a,b\n1,2\n1.5,2\n", request),
            "65 t.csv: row 2, column 'a': '1.5' is not an integer");
  request.types = {{"a", ColumnType::boolean}, {"b", ColumnType::text}};
  EXPECT_EQ(csv_failure("a,b\nyes,2\n0,2\nmaybe,2\n", request),
            "65 t.csv: row 3, column 'a': 'maybe' is not a boolean");
  request.types = {{"a", ColumnType::timestamp}};
  EXPECT_EQ(csv_failure("a,b\n12,2\n", request), "65 t.csv: row 1, column 'a': '12' is not a timestamp");
}

TEST(Csv, IntegersThatMayHoldFractions) {
  const Scratch scratch;
  ReadRequest request;
  request.types = {{"a", ColumnType::integer}};
  request.fractions = {"a"};
  request.csv.block_bytes = 8;  // the fraction comes in a later block
  const auto read = [&](const std::string& text) {
    request.path = scratch.file("t.csv", text);
    return read_table(request);
  };
  EXPECT_EQ(read("a\n007\n\n9007199254740993\n").type("a"), ColumnType::integer);
  EXPECT_EQ(read("a\n1\n9007199254740993\n").texts("a")[1], "9007199254740993");
  const Table lifted = read("a\n3\n-4\nNA\n2.5\n+1e3\n8\n");
  EXPECT_EQ(lifted.type("a"), ColumnType::real);
  EXPECT_EQ(lifted.numbers("a")[0], 3);
  EXPECT_TRUE(std::isnan(lifted.numbers("a")[2]));
  EXPECT_EQ(lifted.numbers("a")[3], 2.5);
  EXPECT_EQ(lifted.numbers("a")[4], 1000);
  EXPECT_EQ(read("a\nNA\n").type("a"), ColumnType::integer);
  EXPECT_EQ(csv_failure("a\n1\nabc\n", request), "65 t.csv: row 2, column 'a': 'abc' is not a number");
}

TEST(Csv, Limits) {
  ReadRequest request;
  request.csv.field_limit = 10;
  EXPECT_EQ(csv_failure("a,b\n1234567890,1\n", request), "");
  EXPECT_EQ(csv_failure("a,b\n12345678901,1\n", request),
            "65 t.csv: line 2: a value of 11 bytes is longer than the limit of 10");
  request.csv.field_limit = 1000;
  request.csv.line_limit = 13;
  EXPECT_EQ(csv_failure("a,b\n1234567890,1\n", request), "");
  for (const int64_t block : {1, 5, 17, 1000}) {
    request.csv.block_bytes = block;
    EXPECT_EQ(csv_failure("a,b\n1,2\n12345678901,1\n3,4\n", request),
              "65 t.csv: line 3: a record is longer than the limit of 13 bytes / is a quote never closed?");
  }
  request.csv.line_limit = 1000;
  request.csv.column_limit = 3;
  EXPECT_EQ(csv_failure("a,b,c\n1,2,3\n", request), "");
  EXPECT_EQ(csv_failure("a,b,c,d\n1,2,3,4\n", request), "65 t.csv: more columns than the limit of 3");
}

TEST(Csv, SelectsColumns) {
  const Scratch scratch;
  ReadRequest request;
  request.path = scratch.file("t.csv", "a,b,c\n1,2,3\n");
  request.columns = {"c", "a"};
  EXPECT_EQ(types_of(read_table(request)), "c:integer a:integer");
  request.columns = {"a", "a"};
  EXPECT_EQ(failure_of(scratch, [&] { read_table(request); }), "78 column 'a' is asked for twice");
  request.columns = {"speed"};
  EXPECT_EQ(failure_of(scratch, [&] { read_table(request); }),
            "65 t.csv: there is no column 'speed' / the file has 3 columns");
}

TEST(Csv, ReportsWhatUnlikeKindsBecome) {
  ReadReport report;
  read_csv("a,b\ntrue,2016-12-06\n1,1\n", {}, &report);
  for (const ColumnReport& column : report.columns) {
    ASSERT_EQ(column.promotions.size(), 1u);
    EXPECT_EQ(column.promotions[0].to, ColumnType::text);
  }
  EXPECT_EQ(report.columns[0].promotions[0].from, ColumnType::boolean);
}

TEST(Csv, NumbersComeBeforeFormatsThatLookLikeThem) {
  CsvOptions options;
  options.timestamp_formats = {"%Y%m%d", "%d/%m/%Y"};
  EXPECT_EQ(types_of(read_csv("a,b\n20161206,06/12/2016\n20161207,2016-12-07\n", options)),
            "a:integer b:timestamp");
  EXPECT_EQ(types_of(read_csv("a,b\n06/12/2016,1\n20161207,1\n", options)), "a:text b:integer");
  ReadRequest request;
  request.types = {{"a", ColumnType::timestamp}};
  request.csv = options;
  EXPECT_EQ(csv_failure("a,b\n20161207,1\n", request), "");
}

TEST(Csv, AHundredThousandColumns) {
  std::string text;
  for (int i = 0; i < 100'000; ++i) text += concat(i == 0 ? "" : ",", "c", i);
  text += "\n" + std::string(99'999, ',') + "1\n";
  const Table table = read_csv(text);
  EXPECT_EQ(table.columns(), 100'000);
  EXPECT_EQ(table.type("c99999"), ColumnType::integer);
}

TEST(Csv, ReportsPromotionsWithTheirRow) {
  ReadReport report;
  CsvOptions options;
  for (const int64_t block : {1, 7, 1000}) {
    options.block_bytes = block;
    read_csv("a,b\n1,1\n,2\n2.5,3\n\n1,4\nx,5\n", options, &report);
    ASSERT_EQ(report.columns[0].promotions.size(), 2u);
    EXPECT_EQ(report.columns[0].promotions[0].row, 3);
    EXPECT_EQ(report.columns[0].promotions[1].row, 5);
    EXPECT_EQ(report.columns[0].promotions[1].to, ColumnType::text);
    EXPECT_EQ(report.rows(), 5);
    EXPECT_NE(report.notes.at(1).find("column 'a' is text, not real, because of 'x' in row 5"),
              std::string::npos);
  }
}

}  // namespace
}  // namespace crisp
