// Each planted mistake must be reported by the builds that are there for it, and right code by none.
#include <gtest/gtest.h>

#include <cstring>
#include <vector>

#include "cuda/error.h"
#include "tests/emulation/control.h"
#include "tests/emulation/planted_kernels.h"

namespace {

struct Mistake {
  const char* kernel;
  const char* builds;  ///< those of "plain asan trace" that must report it
  const char* words;   ///< part of the report, a regular expression where only asan is named
};

void PrintTo(const Mistake& mistake, std::ostream* out) { *out << mistake.kernel; }

// Which build finds what: the execution model's rules in all three, memory bounds in asan and trace, the rest in trace.
constexpr Mistake kMistakes[] = {
    {"missing_syncthreads", "trace", "RACE"},
    {"missing_syncwarp", "trace", "RACE"},
    {"lost_update", "trace", "RACE"},
    {"blocks_race", "trace", "RACE"},
    {"uninitialised_shared", "trace", "UNINITIALISED read of static shared"},
    {"uninitialised_global", "trace", "UNINITIALISED read of global"},
    {"host_pointer", "trace", "touches host memory"},
    {"misaligned_vector", "trace", "MISALIGNED 16-byte access"},
    {"write_past_global", "trace", "OUT OF BOUNDS write"},
    {"write_past_dynamic_shared", "trace", "OUT OF BOUNDS write in dynamic shared"},
    {"write_past_global", "asan", "AddressSanitizer: heap-buffer-overflow"},
    {"write_past_static_shared", "asan", "AddressSanitizer: global-buffer-overflow|index 127 out of bounds"},
    {"write_past_dynamic_shared", "asan", "AddressSanitizer: heap-buffer-overflow"},
    {"dereference_on_host", "asan", "AddressSanitizer: use-after-poison"},
    {"divergent_barrier", "plain asan trace", "divergent __syncthreads"},
    {"half_a_warp", "plain asan trace", "deadlock"},
    {"shuffle_outside_mask", "plain asan trace", "does not take part"},
};

std::vector<Mistake> mistakes_of_this_build() {
  std::vector<Mistake> mine;
  for (const Mistake& mistake : kMistakes) {
    if (std::strstr(mistake.builds, emulation::build_name())) mine.push_back(mistake);
  }
  return mine;
}

class Planted : public ::testing::TestWithParam<Mistake> {};

/// Broken rules of the execution model come back as text; AddressSanitizer ends the process instead.
TEST_P(Planted, IsReported) {
  const Mistake mistake = GetParam();
  ::testing::GTEST_FLAG(death_test_style) = "threadsafe";
  if (std::string(mistake.builds) == "asan") {
    EXPECT_DEATH({ crisp::Exec exec(crisp::Device::cuda(0), 1); planted::run(exec, mistake.kernel); }, mistake.words);
    return;
  }
  {
    crisp::Exec exec(crisp::Device::cuda(0), 1);
    try {
      planted::run(exec, mistake.kernel);
    } catch (const crisp::Error& error) {
      EXPECT_EQ(error.code(), crisp::Code::bug) << error.what();
    }
  }
  EXPECT_GE(emulation::report_count(), 1);
  EXPECT_NE(emulation::reports().find(mistake.words), std::string::npos) << emulation::reports();
  emulation::clear_reports();
}

INSTANTIATE_TEST_SUITE_P(Rules, Planted, ::testing::ValuesIn(mistakes_of_this_build()),
                         [](const auto& info) { return std::string(info.param.kernel); });

class RightTwin : public ::testing::TestWithParam<const char*> {};

/// The watch of the test program fails this test when anything is reported.
TEST_P(RightTwin, IsNotReported) {
  crisp::Exec exec(crisp::Device::cuda(0), 1);
  planted::run(exec, GetParam());
  EXPECT_EQ(emulation::report_count(), 0);
}

INSTANTIATE_TEST_SUITE_P(Rules, RightTwin, ::testing::Values("right_syncthreads", "right_syncwarp", "right_update"),
                         [](const auto& info) { return std::string(info.param); });

}  // namespace
