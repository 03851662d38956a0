// Runs the tests on the emulated device. Every test ends with a look at what the device found: a report, or device memory
// that is still held, fails it. With --gtest_repeat each iteration takes another schedule.
#include <gtest/gtest.h>

#include <cstdlib>
#include <string>

#include "tests/emulation/control.h"

extern "C" const char* __asan_default_options() {
  return "detect_stack_use_after_return=0:detect_leaks=0:abort_on_error=0:allocator_may_return_null=1";
}
extern "C" const char* __ubsan_default_options() { return "print_stacktrace=1"; }

namespace {

/// CRISP_EMULATION_SCHEDULE=n starts with the n-th schedule, to repeat one that failed.
int first_schedule() {
  const char* text = std::getenv("CRISP_EMULATION_SCHEDULE");
  return text ? static_cast<int>(std::strtol(text, nullptr, 10)) : 0;
}

class DeviceWatch : public ::testing::EmptyTestEventListener {
  void OnTestIterationStart(const ::testing::UnitTest&, int iteration) override {
    schedule_ = first_schedule() + iteration;
  }
  void OnTestStart(const ::testing::TestInfo&) override {
    emulation::use_schedule(schedule_);  // for every test: one may have chosen its own
    emulation::clear_reports();
    held_ = emulation::live_allocations();
  }
  void OnTestEnd(const ::testing::TestInfo&) override {
    if (emulation::report_count() > 0) {
      ADD_FAILURE() << "the emulated device (" << emulation::build_name() << " build, schedule " << schedule_
                    << ") reports:\n" << emulation::reports();
    }
    if (emulation::live_allocations() > held_) {
      ADD_FAILURE() << emulation::live_allocations() - held_ << " device or pinned allocations are still held";
    }
    emulation::clear_reports();
    emulation::reset_device();
    emulation::fail_allocation(0);
  }
  int schedule_ = 0;
  size_t held_ = 0;
};

}  // namespace

int main(int argc, char** argv) {
  ::testing::InitGoogleTest(&argc, argv);
  // Our watch must come before the default printer, which counts failures when it prints a test's end.
  ::testing::TestEventListeners& listeners = ::testing::UnitTest::GetInstance()->listeners();
  ::testing::TestEventListener* printer = listeners.Release(listeners.default_result_printer());
  listeners.Append(printer);
  listeners.Append(new DeviceWatch);
  return RUN_ALL_TESTS();
}
