// The emulated device itself: streams, errors, allocation faults, schedules.
#include <gtest/gtest.h>

#include <numeric>
#include <vector>

#include "cuda/buffer.h"
#include "cuda/error.h"
#include "tests/emulation/control.h"
#include "tests/emulation/planted_kernels.h"

namespace {

using crisp::Code;
using crisp::Device;
using crisp::DeviceBuffer;
using crisp::Exec;
using crisp::PinnedBuffer;

TEST(EmulatedStream, RunsWorkOnlyWhenSomethingWaitsForIt) {
  Exec exec(Device::cuda(0), 1);
  const PinnedBuffer<int> from(4), to(4);
  std::iota(from.data(), from.data() + 4, 1);
  to[3] = -1;
  const DeviceBuffer<int> device(exec, 4);
  crisp::copy_bytes(exec, device.data(), from.data(), 16);
  crisp::copy_bytes(exec, to.data(), device.data(), 16);
  EXPECT_EQ(to[3], -1) << "a copy to pinned memory must not be done before synchronize()";
  exec.synchronize();
  EXPECT_EQ(to[3], 4);
}

TEST(EmulatedStream, TakesPageableSourcesAtOnce) {
  Exec exec(Device::cuda(0), 1);
  std::vector<int> values = {7};
  const DeviceBuffer<int> device(exec, values.data(), 1);
  values[0] = 8;
  int result = 0;
  device.download(exec, &result, 1);
  EXPECT_EQ(result, 7);
}

TEST(EmulatedAllocation, FailsWhereToldAndBecomesNoMemory) {
  Exec exec(Device::cuda(0), 1);
  emulation::fail_allocation(2);
  const DeviceBuffer<int> first(exec, 10);
  try {
    const DeviceBuffer<int> second(exec, 10);
    FAIL() << "the second allocation should fail";
  } catch (const crisp::Error& error) {
    EXPECT_EQ(error.code(), Code::no_memory);
    EXPECT_FALSE(error.hint().empty());
  }
  const DeviceBuffer<int> third(exec, 10);  // the failure is over
  emulation::fail_allocation(1);
  EXPECT_THROW(PinnedBuffer<int>(10), crisp::Error);
}

TEST(EmulatedAllocation, RefusesMoreThanTheDeviceHas) {
  Exec exec(Device::cuda(0), 1);
  try {
    const DeviceBuffer<char> huge(exec, int64_t{1} << 50);
    FAIL();
  } catch (const crisp::Error& error) {
    EXPECT_EQ(error.code(), Code::no_memory);
  }
}

TEST(EmulatedFault, SticksUntilTheDeviceIsReset) {
  {
    Exec exec(Device::cuda(0), 1);
    EXPECT_THROW(planted::run(exec, "divergent_barrier"), crisp::Error);
    try {
      const DeviceBuffer<int> after(exec, 1);
      FAIL() << "after a fault every call fails";
    } catch (const crisp::Error& error) {
      EXPECT_EQ(error.code(), Code::bug);
    }
  }
  emulation::clear_reports();
  emulation::reset_device();
  Exec exec(Device::cuda(0), 1);
  planted::run(exec, "right_syncthreads");
}

TEST(EmulatedCopy, ReportsRangesPastAnAllocation) {
  Exec exec(Device::cuda(0), 1);
  const DeviceBuffer<int> device(exec, 4);
  std::vector<int> values(5);
  crisp::copy_bytes(exec, device.data(), values.data(), 20);
  EXPECT_THROW(exec.synchronize(), crisp::Error);
  EXPECT_NE(emulation::reports().find("OUT OF BOUNDS copy"), std::string::npos);
  emulation::clear_reports();
}

TEST(EmulatedDevice, CanBeAbsent) {
  emulation::options().devices = 0;
  EXPECT_TRUE(crisp::cuda_devices().empty());
  EXPECT_EQ(crisp::parse_device("auto"), Device::cpu());
  EXPECT_FALSE(crisp::cuda_absence_reason().empty());
  EXPECT_THROW(crisp::parse_device("cuda"), crisp::Error);
  Exec exec(Device::cuda(0), 1);
  EXPECT_THROW(exec.stream(), crisp::Error);
  emulation::options().devices = 1;
}

constexpr int kLeftBehind = 1000;

TEST(EmulatedSchedule, DoesNotChangeRightResults) {
  for (int n = 0; n < 20; ++n) {
    emulation::use_schedule(n);
    Exec exec(Device::cuda(0), 1);
    planted::run(exec, "right_update");
  }
  emulation::use_schedule(kLeftBehind);
}

TEST(EmulatedSchedule, IsTheRunsOwnAgainInTheNextTest) {
  EXPECT_NE(emulation::options().seed, uint64_t{kLeftBehind});
}

TEST(EmulatedCounts, SeeSectorsAndBankConflicts) {
  if (std::string(emulation::build_name()) != "trace") GTEST_SKIP() << "needs the trace build";
  emulation::start_access_statistics();
  Exec exec(Device::cuda(0), 1);
  planted::run(exec, "right_syncwarp");
  // 4 warps store 128 consecutive bytes: 4 sectors each. Shared accesses are conflict-free: 1 way.
  const emulation::AccessTotals totals = emulation::access_totals();
  EXPECT_EQ(totals.global_requests, 4u);
  EXPECT_EQ(totals.global_sectors, 16u);
  EXPECT_EQ(totals.shared_requests, 8u);
  EXPECT_EQ(totals.shared_wavefronts, 8u);
  EXPECT_NE(emulation::access_statistics().find("planted_kernels.cu"), std::string::npos);
}

}  // namespace
