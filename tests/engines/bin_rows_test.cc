// Rows' codes: the same on every engine.
#include <limits>

#include "cuda/random.h"
#include "kernels/histogram/binned.h"
#include "kernels/histogram/bins.h"
#include "tests/engine.h"

namespace crisp {
namespace {

class BinRows : public EngineTest {};
CRISP_TEST_ENGINES(BinRows);

struct Values {
  int64_t rows, columns, ld;
  std::vector<float> values;

  /// Every third column of `categories` categories, with values that are none; some of the others missing.
  Values(int64_t count, int64_t width, int32_t categories) : rows(count), columns(width), ld(width + 3), values(static_cast<size_t>(rows * ld), -77.0f) {
    const float nan = std::numeric_limits<float>::quiet_NaN();
    for (int64_t i = 0; i < rows; ++i) {
      for (int64_t j = 0; j < columns; ++j) {
        const auto at = static_cast<uint64_t>(i), stream = static_cast<uint64_t>(j);
        float& value = values[static_cast<size_t>(i * ld + j)];
        value = j % 3 == 2 ? static_cast<float>(random_below(4, stream, at, static_cast<uint64_t>(categories) + 2)) - 1
                           : static_cast<float>(j % 2 ? random_uniform(4, stream, at) : 1e30 * random_uniform(4, stream, at) - 5e29);
        if (random_below(5, stream, at, 11) == 0) value = nan;
      }
    }
  }
  MatrixView<const float> view() const { return {values.data(), rows, columns, ld}; }
};

struct Codes {
  std::vector<uint8_t> records, columns;
  bool operator==(const Codes&) const = default;
};

Codes codes_of(Exec& exec, const Bins& bins, const RecordLayout& layout, const Values& of, bool by_column) {
  const int64_t bytes = layout.bytes(), stride = BinnedRows::stride_of(bytes);
  Codes codes{std::vector<uint8_t>(static_cast<size_t>(of.rows * stride), 0xee), std::vector<uint8_t>(by_column ? static_cast<size_t>(of.rows * bytes) : 0)};
  MatrixView<uint8_t> columns;
  if (by_column) columns = {codes.columns.data(), bytes, of.rows, of.rows};
  bin_rows(exec, bins, layout, of.view(), {codes.records.data(), of.rows, bytes, stride}, columns);
  return codes;
}

TEST_P(BinRows, GiveTheSameCodes) {
  for (const int64_t width : {1, 3, 32, 40}) {
    for (const int64_t count : {1, 63, 65, 300}) {
      SCOPED_TRACE(testing::Message() << width << " columns, " << count << " rows");
      const Values values(count, width, 6);
      std::vector<int32_t> categories(static_cast<size_t>(width));
      for (size_t j = 2; j < categories.size(); j += 3) categories[j] = j == 2 ? 300 : 6;
      const Bins bins = fit_bins(cpu(), values.view(), {categories.data(), width}, count % 2 ? 255 : 20);
      for (const RecordLayout& layout : {plain_layout(bins.all_codes()), shared_layout(bins.all_codes())}) {
        for (const bool by_column : {true, false}) EXPECT_EQ(codes_of(exec(), bins, layout, values, by_column), codes_of(cpu(), bins, layout, values, by_column));
      }
    }
  }
}

/// Bytes that columns share hold the codes that a byte for each holds.
TEST_P(BinRows, SharedBytesHoldTheSameCodes) {
  const Values values(200, 14, 6);
  std::vector<int32_t> categories(14);
  for (size_t j = 2; j < categories.size(); j += 3) categories[j] = 6;
  for (const int most_bins : {2, 5, 255}) {
    const Bins bins = fit_bins(cpu(), values.view(), {categories.data(), 14}, most_bins);
    const RecordLayout plain = plain_layout(bins.all_codes()), shared = shared_layout(bins.all_codes());
    EXPECT_LT(shared.bytes(), plain.bytes());
    const Codes want = codes_of(cpu(), bins, plain, values, true), got = codes_of(exec(), bins, shared, values, true);
    for (int64_t i = 0; i < values.rows; ++i) {
      for (size_t j = 0; j < plain.places.size(); ++j) {
        const ColumnPlace& place = shared.places[j];
        const uint8_t code = want.columns[j * 200 + static_cast<size_t>(i)];
        ASSERT_EQ(place.code_in(got.columns[static_cast<size_t>(place.byte * 200 + i)]), code) << i << ' ' << j;
        ASSERT_EQ(place.code_in(got.records[static_cast<size_t>(i * BinnedRows::stride_of(shared.bytes()) + place.byte)]), code) << i << ' ' << j;
      }
    }
  }
}

}  // namespace
}  // namespace crisp
