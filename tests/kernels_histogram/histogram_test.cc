#include "kernels/histogram/histogram.h"

#include <gtest/gtest.h>

#include <numeric>

#include "kernels/histogram/partition.h"
#include "tests/kernels_histogram/binned_sample.h"

namespace crisp {
namespace {

std::vector<uint32_t> every(int64_t rows, uint64_t one_in, uint64_t seed = 7) {
  std::vector<uint32_t> index;
  for (int64_t i = 0; i < rows; ++i) {
    if (random_below(seed, 0, static_cast<uint64_t>(i), one_in) == 0) index.push_back(static_cast<uint32_t>(i));
  }
  return index;
}

ArrayView<const uint32_t> view(const std::vector<uint32_t>& index) { return {index.data(), static_cast<int64_t>(index.size())}; }

void expect_cells(const HistogramView& got, const std::vector<Sums>& want) {
  for (size_t k = 0; k < want.size(); ++k) ASSERT_EQ(got.at(static_cast<int64_t>(k)), want[k]) << "cell " << k;
}

/// Numbers of columns around the loop's eights and fours; codes of every spacing.
class Histograms : public ::testing::TestWithParam<std::tuple<int, int>> {};

TEST_P(Histograms, AddUpRowByRow) {
  const auto [columns, codes] = GetParam();
  std::vector<int32_t> of_columns(static_cast<size_t>(columns), codes);
  of_columns[0] = 2;
  for (const int64_t rows : {int64_t{1}, int64_t{3000}, kPackedRows, 3 * kPackedRows + 5}) {
    BinnedSample sample(rows, of_columns);
    const BinnedRows binned = sample.view();
    for (const uint64_t one_in : {1u, 3u}) {
      const std::vector<uint32_t> index = every(rows, one_in);
      const bool wide = static_cast<int64_t>(index.size()) > kPackedRows;
      for (const int threads : {1, 4}) {
        Exec exec(Device::cpu(), threads);
        OwnedHistogram histogram(binned.width(), wide);
        build_histogram(exec, binned, view(index), histogram.view);
        expect_cells(histogram.view, sample.histogram(index));
        EXPECT_EQ(total_of(binned, histogram.view).rows, static_cast<int64_t>(index.size()));
      }
    }
  }
}
INSTANTIATE_TEST_SUITE_P(Shapes, Histograms,
                         ::testing::Values(std::tuple{1, 2}, std::tuple{3, 16}, std::tuple{4, 17}, std::tuple{13, 64}, std::tuple{28, 256}, std::tuple{9, 100}));

TEST(Histograms, HoldTheLargestWordsOfAllTheirRows) {
  BinnedSample sample(kPackedRows, {2});
  for (int64_t i = 0; i < kPackedRows; ++i) {
    sample.records[static_cast<size_t>(i * sample.stride)] = 1;
    sample.view().word(i) = gradient_word(-kMostQuanta, kMostQuanta);
  }
  Exec exec(Device::cpu(), 1);
  OwnedHistogram histogram(sample.view().width(), false);
  build_histogram(exec, sample.view(), view(every(kPackedRows, 1)), histogram.view);
  EXPECT_EQ(histogram.view.at(1), (Sums{-kMostQuanta * kPackedRows, kMostQuanta * kPackedRows, kPackedRows}));
  EXPECT_EQ(histogram.view.at(0), Sums{});
}

TEST(Histograms, OfOneChildIsTheParentsWithoutTheOther) {
  Exec exec(Device::cpu(), 2);
  for (const int64_t rows : {int64_t{5000}, 2 * kPackedRows}) {
    BinnedSample sample(rows, {20, 5});
    const BinnedRows binned = sample.view();
    const std::vector<uint32_t> all = every(rows, 1), some = every(rows, 4);
    std::vector<uint32_t> rest;
    std::set_difference(all.begin(), all.end(), some.begin(), some.end(), std::back_inserter(rest));
    const bool wide = rows > kPackedRows;
    OwnedHistogram parent(binned.width(), wide), child(binned.width(), false);
    build_histogram(exec, binned, view(all), parent.view);
    build_histogram(exec, binned, view(some), child.view);
    OwnedHistogram other(binned.width(), static_cast<int64_t>(rest.size()) > kPackedRows);
    subtract_histogram(parent.view, child.view, other.view);
    expect_cells(other.view, sample.histogram(rest));
    subtract_histogram(parent.view, child.view, parent.view);
    expect_cells(parent.view, sample.histogram(rest));
  }
}

TEST(Partition, KeepsTheOrderOnBothSides) {
  for (const int64_t rows : {int64_t{1}, int64_t{100}, int64_t{16384}, int64_t{120'001}}) {
    BinnedSample sample(rows, {2, 37});
    for (const uint64_t limit : {0u, 1u, 18u, 37u}) {
      CodeSides sides{};
      for (size_t code = 0; code < limit; ++code) sides[code * 7 % 37] = 1;
      const std::vector<uint32_t> before = every(rows, 2);
      std::vector<uint32_t> want;
      const auto is_left = [&](uint32_t row) { return sides[sample.view().columns.at(1, row)] != 0; };
      std::copy_if(before.begin(), before.end(), std::back_inserter(want), is_left);
      const auto lefts = static_cast<int64_t>(want.size());
      std::copy_if(before.begin(), before.end(), std::back_inserter(want), [&](uint32_t row) { return !is_left(row); });
      for (const int threads : {1, 3}) {
        Exec exec(Device::cpu(), threads);
        std::vector<uint32_t> index = before, room(before.size());
        const ArrayView<uint32_t> place{index.data(), static_cast<int64_t>(index.size())}, empty{room.data(), static_cast<int64_t>(room.size())};
        EXPECT_EQ(partition_rows(exec, sample.view().columns.row(1), sides, place, empty), lefts);
        EXPECT_EQ(index, want);
      }
    }
  }
}

}  // namespace
}  // namespace crisp
