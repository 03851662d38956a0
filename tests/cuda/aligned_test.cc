#include "cuda/aligned.h"

#include <gtest/gtest.h>

#include <cstring>
#include <limits>
#include <new>

namespace crisp {
namespace {

constexpr int64_t kHugePage = int64_t{2} << 20;

TEST(Aligned, IsWholeAndOnItsLineAtEverySize) {
  for (const int64_t bytes : {int64_t{0}, int64_t{1}, int64_t{63}, int64_t{4096}, kHugePage - 1, kHugePage, 5 * kHugePage / 2 + 3}) {
    const Aligned<uint8_t> memory = aligned<uint8_t>(bytes);
    ASSERT_NE(memory.get(), nullptr);
    EXPECT_EQ(reinterpret_cast<uintptr_t>(memory.get()) % static_cast<uintptr_t>(bytes >= kHugePage ? kHugePage : 64), 0u) << bytes;
    if (bytes > 0) std::memset(memory.get(), 7, static_cast<size_t>(bytes));
  }
}

TEST(Aligned, RefusesWhatNoMachineHas) {
  EXPECT_THROW(aligned<uint8_t>(std::numeric_limits<int64_t>::max()), std::bad_alloc);
  EXPECT_THROW(aligned<double>(std::numeric_limits<int64_t>::max()), std::bad_alloc);
}

}  // namespace
}  // namespace crisp
