#include "kernels/histogram/record_layout.h"

#include <gtest/gtest.h>

#include <numeric>

#include "kernels/histogram/column_cells.h"

namespace crisp {
namespace {

std::vector<int32_t> bytes_of(const RecordLayout& layout) {
  std::vector<int32_t> bytes;
  for (const ColumnPlace& place : layout.places) bytes.push_back(place.byte);
  return bytes;
}

TEST(RecordLayout, GivesEveryColumnAByte) {
  const std::vector<int32_t> codes{256, 2, 3};
  const RecordLayout layout = plain_layout(codes);
  EXPECT_EQ(bytes_of(layout), (std::vector<int32_t>{0, 1, 2}));
  EXPECT_EQ(layout.codes, codes);
}

TEST(RecordLayout, LetsColumnsOfFewCodesShareAByte) {
  const RecordLayout layout = shared_layout(std::vector<int32_t>{4, 200, 4, 17, 4, 4, 4, 3});
  EXPECT_EQ(bytes_of(layout), (std::vector<int32_t>{0, 1, 0, 2, 0, 0, 3, 3}));
  EXPECT_EQ(layout.codes, (std::vector<int32_t>{256, 200, 17, 12}));
  EXPECT_EQ(layout.places[5].step, 64);
}

TEST(RecordLayout, SharesNoByteBeyondItsValues) {
  EXPECT_EQ(shared_layout(std::vector<int32_t>(6, 3)).codes, (std::vector<int32_t>{243, 3}));
  EXPECT_EQ(shared_layout(std::vector<int32_t>{16, 16, 2, 16}).codes, (std::vector<int32_t>{256, 32}));
  EXPECT_EQ(shared_layout(std::vector<int32_t>{}).bytes(), 0);
}

TEST(RecordLayout, CellsLieSideBySideWhereThatSavesMuch) {
  const RecordLayout mixed = plain_layout(std::vector<int32_t>{256, 3, 40, 9});
  EXPECT_FALSE(mixed.cells.even);
  EXPECT_EQ(mixed.first, (std::vector<int32_t>{0, 256, 264, 304, 320}));
  EXPECT_EQ(mixed.cells.width, 320);
  const RecordLayout alike = plain_layout(std::vector<int32_t>{250, 256, 200});
  EXPECT_TRUE(alike.cells.even);
  EXPECT_EQ(alike.first, (std::vector<int32_t>{0, 256, 512, 768}));
}

/// Forty bytes are two groups of twenty on a GPU.
TEST(RecordLayout, KnowsItsWidestGroup) {
  std::vector<int32_t> codes(40, 8);
  codes[25] = 256;
  EXPECT_EQ(plain_layout(codes).cells.group_width, 19 * 8 + 256);
}

TEST(RecordLayout, CodesComeBackFromTheByte) {
  const RecordLayout layout = shared_layout(std::vector<int32_t>{256, 5, 7, 6});
  ASSERT_EQ(layout.codes, (std::vector<int32_t>{256, 210}));
  for (int a = 0; a < 5; ++a) {
    for (int b = 0; b < 7; ++b) {
      for (int c = 0; c < 6; ++c) {
        const int value = a + layout.places[2].step * b + layout.places[3].step * c;
        ASSERT_LT(value, 210);
        EXPECT_EQ(layout.places[1].code_in(value), a);
        EXPECT_EQ(layout.places[2].code_in(value), b);
        EXPECT_EQ(layout.places[3].code_in(value), c);
      }
    }
  }
}

TEST(RecordLayout, SidesOfAByteAreThoseOfItsColumnsCodes) {
  CodeSides left{};
  left[1] = left[4] = 1;
  const CodeSides sides = sides_of_byte({0, 5, 7}, left);
  for (int value = 0; value < 210; ++value) EXPECT_EQ(sides[static_cast<size_t>(value)], value / 5 % 7 == 1 || value / 5 % 7 == 4) << value;
}

/// Cells of a byte of three columns, and sums of them taken one by one.
TEST(RecordLayout, AColumnsCellsAreSumsOfItsBytes) {
  const RecordLayout layout = shared_layout(std::vector<int32_t>{256, 5, 7, 6});
  std::vector<Sums> wide(512);
  for (int64_t value = 0; value < 210; ++value) wide[static_cast<size_t>(256 + value)] = {(value % 2 ? -1 : 1) * value * value, value + 3, value % 11};
  std::vector<uint64_t> packed;
  for (const Sums& sums : wide) packed.push_back(pack(sums));
  BinnedRows rows;
  rows.codes = {layout.codes.data(), 2};
  rows.places = {layout.places.data(), 4};
  rows.first = {layout.first.data(), 3};
  for (int32_t column = 1; column < 4; ++column) {
    const ColumnPlace& place = layout.places[static_cast<size_t>(column)];
    OwnCells own_wide, own_packed;
    const ColumnCells of_wide = own_wide.of(rows, {nullptr, wide.data(), 512}, column), of_packed = own_packed.of(rows, {packed.data(), nullptr, 512}, column);
    ASSERT_EQ(of_wide.codes, place.codes);
    for (int code = 0; code < place.codes; ++code) {
      Sums want;
      for (int value = 0; value < 210; ++value) {
        if (value / place.step % place.codes == code) want += wide[static_cast<size_t>(256 + value)];
      }
      EXPECT_EQ(of_wide.histogram.at(of_wide.first + code), want) << column << ' ' << code;
      EXPECT_EQ(of_packed.histogram.at(of_packed.first + code), want) << column << ' ' << code;
      EXPECT_EQ(sum_of_code(place, 210, code, [&](int value) { return wide[static_cast<size_t>(256 + value)]; }), want) << column << ' ' << code;
    }
  }
}

}  // namespace
}  // namespace crisp
