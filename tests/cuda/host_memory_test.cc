#include "cuda/host_memory.h"

#include <gtest/gtest.h>

#include <cstdint>
#include <cstring>
#include <limits>
#include <new>

namespace crisp {
namespace {

TEST(HostMemory, IsAlignedAndWholeAtEverySize) {
  for (const size_t bytes : {size_t{0}, size_t{1}, size_t{63}, size_t{4096}, (size_t{2} << 20) - 1, size_t{2} << 20, (size_t{5} << 20) + 3}) {
    const HostArray<uint8_t> memory(static_cast<uint8_t*>(allocate_host(bytes)));
    ASSERT_NE(memory.get(), nullptr);
    EXPECT_EQ(reinterpret_cast<uintptr_t>(memory.get()) % (bytes >= size_t{2} << 20 ? size_t{2} << 20 : 64), 0u) << bytes;
    if (bytes > 0) std::memset(memory.get(), 7, bytes);
  }
}

TEST(HostMemory, RefusesWhatNoMachineHas) {
  EXPECT_THROW(allocate_host(std::numeric_limits<size_t>::max()), std::bad_alloc);
  EXPECT_THROW(allocate_host(std::numeric_limits<size_t>::max() / 2), std::bad_alloc);
}

}  // namespace
}  // namespace crisp
