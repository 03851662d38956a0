#include "core/tensors.h"

#include <gtest/gtest.h>

#include <cstring>
#include <numeric>

#include "core/file_io.h"
#include "core/json.h"
#include "tests/core/expect_error.h"

namespace crisp {
namespace {

// The same tensors as tests/data/tensors/make_golden.py writes with the safetensors wheel.
Tensors golden() {
  Tensors out;
  const std::vector<float> weights = {0.5f, -1.25f, 3.0f, 1e-40f, -0.0f, 16777216.0f};
  const std::vector<int32_t> child = {1, -1, 2147483647};
  const std::vector<int64_t> counts = {-9223372036854775807 - 1, 7};
  const std::vector<double> mean = {0.1, 1e300};
  const std::vector<uint8_t> flags = {0, 255, 7, 1, 2};
  out.put<float>("weights", weights, {2, 3});
  out.put<int32_t>("child", child);
  out.put<int64_t>("counts", counts);
  out.put<double>("mean", mean);
  out.put<uint8_t>("flags", flags);
  out.put<float>("groups/Zürich/empty", {}, {0, 4});
  return out;
}

std::vector<uint8_t> file_of(const std::string& header, size_t data_bytes) {
  std::vector<uint8_t> out(8);
  const uint64_t length = header.size();
  std::memcpy(out.data(), &length, 8);
  out.insert(out.end(), header.begin(), header.end());
  out.resize(out.size() + data_bytes);
  return out;
}

Tensors parse(const std::string& header, size_t data_bytes) {
  return Tensors::parse(file_of(header, data_bytes), "w.safetensors");
}

TEST(Tensors, SameBytesAsTheSafetensorsWheel) {
  const auto expected = read_file(CRISP_TEST_DATA "/tensors/golden.safetensors", 1 << 20);
  EXPECT_EQ(golden().serialise(), expected);
}

TEST(Tensors, ReadsWhatTheWheelWrote) {
  const auto bytes = read_file(CRISP_TEST_DATA "/tensors/golden.safetensors", 1 << 20);
  const Tensors tensors = Tensors::parse(bytes, "golden");
  EXPECT_EQ(tensors.names(), golden().names());
  EXPECT_EQ(tensors.at("weights").shape, (std::vector<int64_t>{2, 3}));
  EXPECT_EQ(tensors.get<float>("weights"), golden().get<float>("weights"));
  EXPECT_EQ(tensors.get<int64_t>("counts")[0], INT64_MIN);
  EXPECT_EQ(tensors.get<uint8_t>("flags"), (std::vector<uint8_t>{0, 255, 7, 1, 2}));
  EXPECT_EQ(tensors.at("groups/Zürich/empty").elements(), 0);
  EXPECT_EQ(tensors.serialise(), bytes);
}

TEST(Tensors, EmptySetRoundTrips) { EXPECT_TRUE(Tensors::parse(Tensors().serialise(), "f").names().empty()); }

TEST(Tensors, GetChecksNameAndType) {
  EXPECT_ERROR(golden().get<float>("weight"), Code::data, "nearest: 'weights'");
  EXPECT_ERROR(golden().get<double>("weights"), Code::data, "has type F32; expected F64");
  EXPECT_ERROR(golden().put<float>("x", std::vector<float>(3), {2, 2}), Code::bug, "internal error");
  EXPECT_ERROR(golden().put<float>(std::string(1025, 'n'), {}), Code::data, "1 to 1024");
}

TEST(Tensors, PrefixesComeAndGo) {
  Tensors groups;
  groups.merge("a/", golden());
  groups.merge("b/", golden());
  EXPECT_EQ(groups.with_prefix("a/").serialise(), golden().serialise());
  EXPECT_EQ(groups.names().size(), 2 * golden().names().size());
  EXPECT_TRUE(groups.with_prefix("c/").names().empty());
  EXPECT_ERROR(groups.merge("a/", golden()), Code::bug, "internal error");
}

TEST(Tensors, RefusesNamesThatAreNotUtf8) {
  Tensors bad;
  bad.put<float>("a\xff", std::vector<float>(1));
  EXPECT_ERROR(bad.serialise(), Code::data, "UTF-8");
}

TEST(TensorsHostile, Headers) {
  const std::string good = R"({"a":{"dtype":"F32","shape":[2],"data_offsets":[0,8]}})";
  EXPECT_NO_THROW(parse(good, 8));
  EXPECT_NO_THROW(
      parse(R"({"__metadata__":{"k":"v"},"a":{"dtype":"F32","shape":[],"data_offsets":[0,4]}})", 4));
  EXPECT_ERROR(parse(good, 9), Code::data, "1 bytes belong to no tensor");
  EXPECT_ERROR(parse(good, 7), Code::data, "past the end");
  EXPECT_ERROR(parse(" " + good, 8), Code::data, "not a JSON object");
  EXPECT_ERROR(parse("[1]", 0), Code::data, "not a JSON object");
  EXPECT_ERROR(parse("{\"a\":1}", 0), Code::data, "expected dtype");
  EXPECT_ERROR(parse("{", 0), Code::data, "not valid JSON");
  EXPECT_ERROR(parse(R"({"":{"dtype":"F32","shape":[2],"data_offsets":[0,8]}})", 8), Code::data, "name");
  EXPECT_ERROR(parse("{\"" + std::string(1025, 'x') + "\":0}", 0), Code::data, "1025 bytes");
  EXPECT_ERROR(parse("{\"a\":" + std::string(40, '[') + std::string(40, ']') + "}", 0), Code::data, "deeper");
  const std::string twice =
      R"({"a":{"dtype":"U8","shape":[1],"data_offsets":[0,1]},"a":{"dtype":"U8","shape":[1],"data_offsets":[1,2]}})";
  EXPECT_ERROR(parse(twice, 2), Code::data, "stands twice");
}

// One tensor with the given shape and offsets, as raw JSON.
std::string one(const std::string& shape, const std::string& offsets, const std::string& dtype = "\"F32\"") {
  return "{\"a\":{\"dtype\":" + dtype + ",\"shape\":" + shape + ",\"data_offsets\":" + offsets + "}}";
}

TEST(TensorsHostile, Sizes) {
  for (const char* size :
       {"-1", "1.5", "\"2\"", "null", "9223372036854775808", "18446744073709551615", "1e30"}) {
    EXPECT_ERROR(parse(one(concat('[', size, ']'), "[0,8]"), 8), Code::data, "whole numbers");
    EXPECT_ERROR(parse(one("[2]", concat("[0,", size, ']')), 8), Code::data, "whole numbers");
  }
  for (const char* shape : {"[0]", "[1]", "[3]", "[2147483648]", "[4294967295]", "[9223372036854775807]",
                            "[4294967296,4294967296]", "[9223372036854775807,2]", "[4611686018427387906]"}) {
    EXPECT_ERROR(parse(one(shape, "[0,8]"), 8), Code::data, "do not agree");
  }
  EXPECT_ERROR(parse(one("[2]", "[8,0]"), 8), Code::data, "ends before");
  EXPECT_ERROR(parse(one("[2]", "[4,12]"), 12), Code::data, "hole");
  EXPECT_ERROR(parse(one("[2]", "[9223372036854775799,9223372036854775807]"), 8), Code::data, "hole");
  EXPECT_ERROR(parse(one("[2]", "[0]"), 8), Code::data, "two numbers");
  EXPECT_ERROR(parse(one("2", "[0,8]"), 8), Code::data, "shape");
  EXPECT_ERROR(parse(one("[2]", "[0,4]", "\"F16\""), 4), Code::data, "'F16' is not one of");
  EXPECT_ERROR(parse(one("[2]", "[0,4]", "7"), 4), Code::data, "is not one of");
}

TEST(TensorsHostile, Overlap) {
  const std::string two =
      R"({"a":{"dtype":"U8","shape":[4],"data_offsets":[0,4]},"b":{"dtype":"U8","shape":[4],"data_offsets":[2,6]}})";
  EXPECT_ERROR(parse(two, 6), Code::data, "overlaps");
}

TEST(TensorsHostile, EveryTruncationIsRefused) {
  const std::vector<uint8_t> bytes = golden().serialise();
  for (size_t length = 0; length < bytes.size(); ++length) {
    EXPECT_THROW(Tensors::parse(std::span(bytes).first(length), "cut"), Error) << length;
  }
}

TEST(TensorsHostile, EveryBitFlipIsRefusedOrReads) {
  const std::vector<uint8_t> bytes = golden().serialise();
  for (size_t bit = 0; bit < bytes.size() * 8; ++bit) {
    std::vector<uint8_t> flipped = bytes;
    flipped[bit / 8] ^= static_cast<uint8_t>(1 << bit % 8);
    try {
      Tensors::parse(flipped, "flipped").serialise();
    } catch (const Error& error) {
      EXPECT_EQ(error.code(), Code::data);
    }
  }
}

TEST(TensorsHostile, HeaderLength) {
  std::vector<uint8_t> bytes = golden().serialise();
  for (const uint64_t length : {uint64_t{0}, uint64_t{1}, uint64_t{1} << 24, (uint64_t{1} << 24) + 1,
                                uint64_t{1} << 31, (uint64_t{1} << 32) - 1, uint64_t{1} << 63, UINT64_MAX}) {
    std::memcpy(bytes.data(), &length, 8);
    EXPECT_THROW(Tensors::parse(bytes, "f"), Error) << length;
  }
}

}  // namespace
}  // namespace crisp
