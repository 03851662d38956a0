#include "cuda/random.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>

namespace crisp {
namespace {

struct KnownAnswer {
  uint64_t seed, stream, index;
  uint32_t word[4];
};

// Known answers for Philox4x32-10 that the authors publish with their Random123 library (counter, key -> output).
constexpr KnownAnswer kKnownAnswers[] = {
    {0, 0, 0, {0x6627e8d5, 0xe169c58d, 0xbc57ac4c, 0x9b00dbd8}},
    {~0ull, ~0ull, ~0ull, {0x408f276d, 0x41c83b0e, 0xa20bc7c6, 0x6d5451fd}},
    {0x299f31d0a4093822, 0x0370734413198a2e, 0x85a308d3243f6a88, {0xd16cfe09, 0x94fdcceb, 0x5001e420, 0x24126ea1}},
};

TEST(Philox, GivesTheAuthorsKnownAnswers) {
  for (const KnownAnswer& known : kKnownAnswers) {
    const RandomBlock drawn = philox(known.seed, known.stream, known.index);
    EXPECT_TRUE(std::ranges::equal(drawn.word, known.word)) << std::hex << drawn.word[0];
  }
}

TEST(Philox, UniformNumbersAreBelowOneAndCoverTheInterval) {
  double lowest = 1, highest = 0, sum = 0;
  constexpr int kDraws = 100000;
  for (int i = 0; i < kDraws; ++i) {
    const double u = random_uniform(1, 2, i);
    lowest = std::min(lowest, u);
    highest = std::max(highest, u);
    sum += u;
  }
  EXPECT_GE(lowest, 0);
  EXPECT_LT(highest, 1);
  EXPECT_LT(lowest, 1e-4);
  EXPECT_GT(highest, 1 - 1e-4);
  EXPECT_NEAR(sum / kDraws, 0.5, 6 * 0.2887 / std::sqrt(kDraws));  // six standard errors
}

TEST(Philox, BoundedNumbersEqualThe128BitProduct) {
  __extension__ using Wide = unsigned __int128;
  constexpr uint64_t kBounds[] = {1, 2, 29, 177840, uint64_t{1} << 40, ~uint64_t{0}};
  for (const uint64_t bound : kBounds) {
    for (uint64_t i = 0; i < 200; ++i) {
      const auto expected = static_cast<uint64_t>((static_cast<Wide>(random_bits(3, 4, i)) * bound) >> 64);
      ASSERT_EQ(random_below(3, 4, i, bound), expected);
      ASSERT_LT(expected, bound);
    }
  }
}

TEST(Philox, StreamsAndSeedsDiffer) {
  EXPECT_NE(random_bits(1, 0, 0), random_bits(2, 0, 0));
  EXPECT_NE(random_bits(1, 0, 0), random_bits(1, 1, 0));
  EXPECT_NE(random_bits(1, 0, 0), random_bits(1, 0, 1));
}

}  // namespace
}  // namespace crisp
