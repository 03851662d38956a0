#include "table/matrix.h"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>

#include "cuda/error.h"

namespace crisp {
namespace {

TEST(Matrix, RowsAreAlignedAndPaddedWithZeros) {
  const Matrix matrix(3, 17);
  EXPECT_EQ(matrix.view().ld, 32);
  EXPECT_EQ(reinterpret_cast<uintptr_t>(matrix.view().data) % 64, 0u);
  for (int64_t i = 0; i < 3 * 32; ++i) EXPECT_EQ(matrix.view().data[i], 0.0f);
}

TEST(Matrix, TakesRows) {
  Matrix matrix(3, 2);
  for (int64_t i = 0; i < 3; ++i) matrix.view().at(i, 1) = static_cast<float>(i);
  const Matrix taken = matrix.take({2, 2, 0});
  EXPECT_EQ(taken.view().at(0, 1), 2.0f);
  EXPECT_EQ(taken.view().at(1, 1), 2.0f);
  EXPECT_EQ(taken.view().at(2, 1), 0.0f);
}

TEST(Matrix, FromATableOfManyChunks) {
  std::vector<Table> parts;
  for (int part = 0; part < 5; ++part) {
    std::vector<double> real;
    std::vector<int64_t> integer;
    for (int i = 0; i < 3000; ++i) {
      real.push_back(i % 7 == 0 ? std::numeric_limits<double>::quiet_NaN() : part + i * 0.5);
      integer.push_back(part * 3000 + i);
    }
    parts.push_back(Table()
                        .with_numbers("real", real)
                        .with_integers("integer", integer)
                        .with_booleans("flag", std::vector<uint8_t>(3000, 1)));
  }
  const Table table = Table::concatenate(parts);
  const Matrix matrix = to_matrix(table, {"integer", "flag", "real"});
  const std::vector<double> real = table.numbers("real");
  ASSERT_EQ(matrix.rows(), 15000);
  for (int64_t i = 0; i < matrix.rows(); ++i) {
    ASSERT_EQ(matrix.view().at(i, 0), static_cast<float>(i));
    ASSERT_EQ(matrix.view().at(i, 1), 1.0f);
    const double expected = real[static_cast<size_t>(i)];
    if (std::isnan(expected)) {
      ASSERT_TRUE(std::isnan(matrix.view().at(i, 2)));
    } else {
      ASSERT_EQ(matrix.view().at(i, 2), static_cast<float>(expected));
    }
  }
}

TEST(Matrix, RefusesText) {
  const Table table = Table().with_texts("name", {"a"});
  EXPECT_THROW(to_matrix(table, {"name"}), Error);
  EXPECT_THROW(to_matrix(table, {"nam"}), Error);
}

TEST(Matrix, RefusesSizesBeyondTheAddressSpace) {
  EXPECT_THROW(Matrix(int64_t{1} << 60, 64), Error);
  EXPECT_THROW(Matrix(int64_t{1} << 50, 16), Error);
}

}  // namespace
}  // namespace crisp
