#include <arrow/compute/api.h>
#include <gtest/gtest.h>

#include <cmath>

#include "cuda/error.h"
#include "table/arrow_bridge.h"

namespace crisp {
namespace {

template <class Builder, class Value>
std::shared_ptr<arrow::Array> array(const std::shared_ptr<arrow::DataType>& type,
                                    const std::vector<Value>& values) {
  Builder builder(type, arrow::default_memory_pool());
  for (const Value& value : values) check(builder.Append(value));
  check(builder.AppendNull());
  return check(builder.Finish());
}

Table normalised(const std::shared_ptr<arrow::Array>& column, std::vector<std::string>* notes = nullptr) {
  const auto schema = arrow::schema({arrow::field("c", column->type())});
  return Table(normalise_types(arrow::Table::Make(schema, {column}), notes));
}

TEST(Normalise, Integers) {
  const Table table = normalised(array<arrow::Int8Builder, int8_t>(arrow::int8(), {-128, 127}));
  EXPECT_EQ(table.type("c"), ColumnType::integer);
  EXPECT_EQ(table.numbers("c")[0], -128);
  EXPECT_EQ(table.schema()[0].missing, 1);
}

TEST(Normalise, UnsignedBeyondInt64BecomesReal) {
  std::vector<std::string> notes;
  const Table small = normalised(array<arrow::UInt64Builder, uint64_t>(arrow::uint64(), {7}), &notes);
  EXPECT_EQ(small.type("c"), ColumnType::integer);
  EXPECT_TRUE(notes.empty());
  const Table large =
      normalised(array<arrow::UInt64Builder, uint64_t>(arrow::uint64(), {~uint64_t{0}}), &notes);
  EXPECT_EQ(large.type("c"), ColumnType::real);
  EXPECT_EQ(large.numbers("c")[0], 18446744073709551616.0);
  EXPECT_EQ(notes.size(), 1u);
}

TEST(Normalise, NanBecomesMissing) {
  const Table table = normalised(array<arrow::DoubleBuilder, double>(arrow::float64(), {1.0, NAN, 2.0}));
  EXPECT_EQ(table.missing("c"), (std::vector<uint8_t>{0, 1, 0, 1}));
}

TEST(Normalise, Timestamps) {
  const auto second =
      array<arrow::TimestampBuilder, int64_t>(arrow::timestamp(arrow::TimeUnit::SECOND), {-1, 60});
  EXPECT_EQ(normalised(second).texts("c"),
            (std::vector<std::string>{"1969-12-31T23:59:59Z", "1970-01-01T00:01:00Z", ""}));
  std::vector<std::string> notes;
  const auto nano = array<arrow::TimestampBuilder, int64_t>(
      arrow::timestamp(arrow::TimeUnit::NANO, "America/New_York"), {1'500'000'123});
  EXPECT_EQ(normalised(nano, &notes).texts("c")[0], "1970-01-01T00:00:01.5Z");
  EXPECT_EQ(notes, (std::vector<std::string>{"column 'c': nanoseconds cut to microseconds"}));
  const auto date = array<arrow::Date32Builder, int32_t>(arrow::date32(), {-1});
  EXPECT_EQ(normalised(date).texts("c")[0], "1969-12-31T00:00:00Z");
}

TEST(Normalise, TimesAndDurationsInSeconds) {
  const auto time = array<arrow::Time32Builder, int32_t>(arrow::time32(arrow::TimeUnit::MILLI), {1500});
  EXPECT_EQ(normalised(time).numbers("c")[0], 1.5);
  const auto span =
      array<arrow::DurationBuilder, int64_t>(arrow::duration(arrow::TimeUnit::MICRO), {-250'000});
  EXPECT_EQ(normalised(span).numbers("c")[0], -0.25);
}

TEST(Normalise, Texts) {
  const auto large = array<arrow::LargeStringBuilder, std::string>(arrow::large_utf8(), {"x", ""});
  EXPECT_EQ(normalised(large).texts("c"), (std::vector<std::string>{"x", "", ""}));
  const auto dictionary = check(arrow::compute::DictionaryEncode(large)).make_array();
  EXPECT_EQ(normalised(dictionary).missing("c"), (std::vector<uint8_t>{0, 0, 1}));
  const auto bad = array<arrow::BinaryBuilder, std::string>(arrow::binary(), {"\xff"});
  EXPECT_THROW(normalised(bad), Error);
  const auto nulls = check(arrow::MakeArrayOfNull(arrow::null(), 3));
  EXPECT_EQ(normalised(nulls).type("c"), ColumnType::text);
}

TEST(Normalise, Decimals) {
  arrow::Decimal128Builder builder(arrow::decimal128(10, 2));
  check(builder.Append(arrow::Decimal128("12.34")));
  EXPECT_EQ(normalised(check(builder.Finish())).numbers("c")[0], 12.34);
}

TEST(Normalise, NestedTypesAreRefusedByName) {
  const auto list = check(arrow::MakeArrayOfNull(arrow::list(arrow::int32()), 2));
  try {
    normalised(list);
    FAIL();
  } catch (const Error& error) {
    EXPECT_EQ(error.code(), Code::data);
    EXPECT_NE(error.message().find("column 'c' has the nested type list"), std::string::npos);
  }
}

TEST(Check, TranslatesArrowsFailures) {
  const auto code = [](const arrow::Status& status) {
    try {
      check(status, "x.csv");
    } catch (const Error& error) {
      EXPECT_EQ(std::string(error.what()).substr(0, 7), "x.csv: ");
      EXPECT_EQ(std::string(error.what()).find('\n'), std::string::npos);
      return error.code();
    }
    return Code::gate;
  };
  EXPECT_EQ(code(arrow::Status::OK()), Code::gate);
  EXPECT_EQ(code(arrow::Status::Invalid("bad\nmore")), Code::data);
  EXPECT_EQ(code(arrow::Status::OutOfMemory("much")), Code::no_memory);
  EXPECT_EQ(code(arrow::Status::IOError("corrupt page")), Code::data);
  EXPECT_EQ(code(arrow::Status::UnknownError("?")), Code::bug);
}

}  // namespace
}  // namespace crisp
