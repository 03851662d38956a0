#include "kernels/histogram/bins.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <numeric>

#include "cuda/random.h"
#include "kernels/histogram/training_rows.h"

namespace crisp {
namespace {

ValueCounts counted(std::vector<float> values) { return count_values(values); }

TEST(Bins, CountDifferentValuesWhateverTheirOrderAndSign) {
  const ValueCounts counts = counted({3, -1, 0, -0.0f, 3, -1e30f, 1e-40f, 3});
  EXPECT_EQ(counts.values, (std::vector<float>{-1e30f, -1, 0, 1e-40f, 3}));
  EXPECT_EQ(counts.counts, (std::vector<int64_t>{1, 1, 2, 1, 3}));
}

TEST(Bins, CountPartsAsTheWhole) {
  std::vector<float> all, a, b;
  for (uint64_t i = 0; i < 5000; ++i) {
    all.push_back(static_cast<float>(random_below(1, 0, i, 300)) - 150);
    (random_below(1, 1, i, 3) ? a : b).push_back(all.back());
  }
  const ValueCounts whole = counted(all), merged = merge_counts(counted(a), counted(b));
  EXPECT_EQ(merged.values, whole.values);
  EXPECT_EQ(merged.counts, whole.counts);
}

TEST(Bins, CutBetweenAllValuesWhereTheyAreFew) {
  EXPECT_EQ(cut_values(counted({1, 2, 2, 5}), 255), (std::vector<float>{1.5f, 3.5f}));
  EXPECT_TRUE(cut_values(counted({7, 7}), 255).empty());
  EXPECT_TRUE(cut_values(counted({}), 255).empty());
  const float next = std::nextafter(1.0f, 2.0f);
  const std::vector<float> close = cut_values(counted({1, next}), 255);
  ASSERT_EQ(close.size(), 1u);
  EXPECT_TRUE(close[0] >= 1 && close[0] < next) << "a bound parts even neighbours";
}

TEST(Bins, HoldAboutAsManyRowsEach) {
  std::vector<float> values(100'000);
  for (size_t i = 0; i < values.size(); ++i) values[i] = static_cast<float>(std::exp(3 * random_uniform(2, 0, i)));
  std::vector<float> sorted = values;
  std::sort(sorted.begin(), sorted.end());
  const std::vector<float> bounds = cut_values(counted(values), 100);
  ASSERT_EQ(bounds.size(), 99u);
  size_t before = 0;
  for (const float bound : bounds) {
    const auto below = static_cast<size_t>(std::upper_bound(sorted.begin(), sorted.end(), bound) - sorted.begin());
    EXPECT_NEAR(static_cast<double>(below - before), 1000, 50);
    before = below;
  }
}

TEST(Bins, GiveALargeValueOneOfItsOwn) {
  std::vector<float> values(10'000, 0.0f);
  for (size_t i = 0; i < 5000; ++i) values[i] = static_cast<float>(random_uniform(3, 0, i) - 0.5);
  const std::vector<float> bounds = cut_values(counted(values), 64);
  EXPECT_GE(bounds.size(), 50u) << "the others share what is left";
  const auto above = std::upper_bound(bounds.begin(), bounds.end(), 0.0f);
  ASSERT_TRUE(above != bounds.begin() && above != bounds.end());
  const auto between = std::count_if(values.begin(), values.end(), [&](float v) { return v > *(above - 1) && v <= *above; });
  EXPECT_EQ(between, 5000 + std::count_if(values.begin(), values.begin() + 5000, [&](float v) { return v != 0 && v > *(above - 1) && v <= *above; }));
  EXPECT_LE(between, 5200);
}

TEST(Bins, CodesFollowTheBounds) {
  Exec exec(Device::cpu(), 2);
  const int64_t rows = 9000;
  const float nan = std::numeric_limits<float>::quiet_NaN();
  std::vector<float> values(static_cast<size_t>(rows) * 3);
  for (size_t i = 0; i < static_cast<size_t>(rows); ++i) {
    values[3 * i] = i % 11 == 0 ? nan : static_cast<float>(random_uniform(4, 0, i));
    values[3 * i + 1] = static_cast<float>(random_below(4, 1, i, 5));
    values[3 * i + 2] = i % 7 == 0 ? nan : static_cast<float>(random_below(4, 2, i, 9)) - 1;  // some are no category
  }
  const MatrixView<const float> view{values.data(), rows, 3, 3};
  const std::vector<int32_t> categories{0, 0, 7};
  const Bins bins = fit_bins(exec, view, {categories.data(), 3}, 32);
  EXPECT_EQ(bins.codes(0), 33);
  EXPECT_EQ(bins.codes(1), 6);
  EXPECT_EQ(bins.codes(2), 8);
  std::vector<uint8_t> records(static_cast<size_t>(rows) * 16), columns(static_cast<size_t>(rows) * 3);
  bin_rows(exec, bins, plain_layout(bins.all_codes()), view, {records.data(), rows, 3, 16}, {columns.data(), 3, rows, rows});
  for (int64_t i = 0; i < rows; ++i) {
    for (int64_t j = 0; j < 3; ++j) {
      const float x = view.at(i, j);
      int code = 0;
      if (j == 2) {
        code = x >= 0 && x < 7 ? static_cast<int>(x) + 1 : 0;
      } else if (x == x) {
        code = 1 + static_cast<int>(std::count_if(bins.bounds.begin() + bins.first[static_cast<size_t>(j)],
                                                  bins.bounds.begin() + bins.first[static_cast<size_t>(j + 1)], [x](float b) { return b < x; }));
      }
      ASSERT_EQ(records[static_cast<size_t>(i * 16 + j)], code) << i << ' ' << j << ' ' << x;
      ASSERT_EQ(columns[static_cast<size_t>(j * rows + i)], code);
    }
  }
}

TEST(Bins, LetTheRarestOfManyCategoriesShareOne) {
  Exec exec(Device::cpu(), 1);
  std::vector<float> values;
  for (int32_t c = 0; c < 300; ++c) values.insert(values.end(), static_cast<size_t>(c < 150 ? 1 : 3), static_cast<float>(c));
  const std::vector<int32_t> categories{300};
  const Bins bins = fit_bins(exec, {values.data(), static_cast<int64_t>(values.size()), 1, 1}, {categories.data(), 1}, 255);
  EXPECT_EQ(bins.codes(0), 256);
  EXPECT_EQ(bins.table[150], 1) << "the first of the frequent ones";
  EXPECT_EQ(bins.table[299], 150);
  EXPECT_EQ(bins.table[0], 151);
  for (size_t c = 104; c < 150; ++c) EXPECT_EQ(bins.table[c], 255);
}

TEST(Bins, OfRowsInPartsAreThoseOfTheWhole) {
  Exec exec(Device::cpu(), 2);
  const int64_t rows = 700, width = 50;  // more columns than are counted at a time
  std::vector<float> values(static_cast<size_t>(rows * width));
  std::vector<int32_t> categories(static_cast<size_t>(width));
  for (size_t i = 0; i < values.size(); ++i) values[i] = i % 13 == 0 ? std::numeric_limits<float>::quiet_NaN() : static_cast<float>(random_uniform(6, 0, i));
  for (const int64_t j : {int64_t{3}, width - 1}) {
    categories[static_cast<size_t>(j)] = j == 3 ? 9 : 400;
    for (int64_t i = 0; i < rows; ++i) values[static_cast<size_t>(i * width + j)] = static_cast<float>(random_below(6, 1, static_cast<uint64_t>(i), j == 3 ? 9 : 400));
  }
  const MatrixView<const float> all{values.data(), rows, width, width};
  int64_t asked = 0;
  const RowParts parts = [&](const auto& body) {
    ++asked;
    for (int64_t begin = 0; begin < rows; begin += 150) body({all.row(begin), std::min<int64_t>(150, rows - begin), width, width});
  };
  const ArrayView<const int32_t> kinds{categories.data(), width};
  const Bins whole = fit_bins(exec, all, kinds, 64), pieces = fit_bins(exec, rows, parts, kinds, 64);
  EXPECT_GT(asked, 1);
  EXPECT_EQ(pieces.first, whole.first);
  EXPECT_EQ(pieces.bounds, whole.bounds);
  EXPECT_EQ(pieces.categories, whole.categories);
  EXPECT_EQ(pieces.table_first, whole.table_first);
  EXPECT_EQ(pieces.table, whole.table);
  const RecordLayout layout = shared_layout(whole.all_codes());
  const TrainingRows together(exec, whole, layout, all, true);
  TrainingRows filled(exec, whole, layout, rows, true);
  int64_t first = 0;
  parts([&](MatrixView<const float> part) {
    filled.fill(exec, whole, first, part);
    first += part.rows;
  });
  for (int64_t i = 0; i < rows; ++i) {
    for (int64_t j = 0; j < layout.bytes(); ++j) {
      ASSERT_EQ(filled.binned().records.at(i, j), together.binned().records.at(i, j));
      ASSERT_EQ(filled.binned().columns.at(j, i), together.binned().columns.at(j, i));
    }
  }
}

TEST(Bins, DoNotDependOnThreads) {
  std::vector<float> values(40'000);
  for (size_t i = 0; i < values.size(); ++i) values[i] = static_cast<float>(random_uniform(5, 0, i));
  const std::vector<int32_t> categories(20);
  std::vector<float> first;
  for (const int threads : {1, 3}) {
    Exec exec(Device::cpu(), threads);
    const Bins bins = fit_bins(exec, {values.data(), 2000, 20, 20}, {categories.data(), 20}, 255);
    if (first.empty()) first = bins.bounds;
    EXPECT_EQ(bins.bounds, first);
  }
}

}  // namespace
}  // namespace crisp
