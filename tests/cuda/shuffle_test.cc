#include "cuda/shuffle.h"

#include <gtest/gtest.h>

#include <numeric>

namespace crisp {
namespace {

std::vector<size_t> counted(size_t count) {
  std::vector<size_t> values(count);
  std::iota(values.begin(), values.end(), size_t{0});
  return values;
}

std::vector<size_t> shuffled(size_t count, uint64_t seed, uint64_t stream, uint64_t first = 0) {
  std::vector<size_t> values = counted(count);
  shuffle(std::span(values), seed, stream, first);
  return values;
}

std::vector<size_t> front(size_t all, size_t count, uint64_t seed) {
  std::vector<size_t> values = counted(all);
  shuffle_front(std::span(values), count, seed, 4);
  values.resize(count);
  return values;
}

// Orders that saved runs and recipes rest on.
TEST(Shuffle, GivesTheOrdersThatItAlwaysGave) {
  EXPECT_EQ(shuffled(8, 1, 2), (std::vector<size_t>{2, 4, 1, 0, 7, 6, 3, 5}));
  EXPECT_EQ(shuffled(8, 1, 2, 100), (std::vector<size_t>{4, 3, 5, 7, 0, 1, 2, 6}));
  EXPECT_EQ(front(8, 8, 1), (std::vector<size_t>{3, 2, 1, 5, 6, 4, 0, 7}));
}

TEST(Shuffle, GivesEveryOrderAboutAsOften) {
  std::vector<int> of_all(27), of_front(27);
  for (uint64_t seed = 0; seed < 6000; ++seed) {
    const std::vector<size_t> all = shuffled(3, seed, 0), some = front(3, 3, seed);
    ++of_all[9 * all[0] + 3 * all[1] + all[2]];
    ++of_front[9 * some[0] + 3 * some[1] + some[2]];
  }
  for (const std::vector<int>& counts : {of_all, of_front}) {
    for (const int count : counts) EXPECT_TRUE(count == 0 || std::abs(count - 1000) < 130) << count;  // 4.5 standard deviations
    EXPECT_EQ(std::count(counts.begin(), counts.end(), 0), 21);
  }
}

TEST(Shuffle, AChoiceIsTheFrontOfAShuffle) {
  for (const size_t all : {1, 2, 7, 500}) {
    for (size_t count = 0; count <= all; count += 1 + all / 7) EXPECT_EQ(random_choice(all, count, 9, 4), front(all, count, 9));
  }
}

TEST(Shuffle, OfNothingIsNothing) {
  EXPECT_TRUE(shuffled(0, 1, 1).empty());
  EXPECT_TRUE(random_choice(0, 0, 1, 1).empty());
}

}  // namespace
}  // namespace crisp
