/// One test body, run over every engine. Write TEST_P cases on EngineTest and instantiate them with CRISP_TEST_ENGINES:
///
///   class GreatCircle : public EngineTest {};
///   CRISP_TEST_ENGINES(GreatCircle);
///   TEST_P(GreatCircle, AgreesWithKnownDistances) { haversine(exec(), ...); }
///
/// In the ordinary test program the engines are "cpu" and "cuda" (skipped without a GPU); in the programs of
/// tests/emulation the same file runs on "emulated".
#pragma once

#include <gtest/gtest.h>

#include <memory>
#include <string>
#include <vector>

#include "cuda/device.h"
#include "cuda/exec.h"

namespace crisp {

inline std::vector<std::string> test_engines() {
#if defined(CRISP_EMULATED_TESTS)
  return {"emulated"};
#else
  return {"cpu", "cuda"};
#endif
}

/// For device code that has no CPU twin.
inline std::vector<std::string> test_devices() {
  std::vector<std::string> engines = test_engines();
  std::erase(engines, "cpu");
  return engines;
}

class EngineTest : public ::testing::TestWithParam<std::string> {
 protected:
  void SetUp() override {
    const bool cpu = GetParam() == "cpu";
    if (!cpu && cuda_devices().empty()) GTEST_SKIP() << "no GPU here: " << cuda_absence_reason();
    exec_ = std::make_unique<Exec>(cpu ? Device::cpu() : Device::cuda(0), 2);
  }
  /// Runs on the engine under test.
  Exec& exec() { return *exec_; }
  /// The CPU engine, to compare with.
  Exec& cpu() {
    if (!cpu_) cpu_ = std::make_unique<Exec>(Device::cpu(), 2);
    return *cpu_;
  }

 private:
  std::unique_ptr<Exec> exec_, cpu_;
};

#define CRISP_TEST_ENGINES(Suite)                                                        \
  INSTANTIATE_TEST_SUITE_P(Engines, Suite, ::testing::ValuesIn(::crisp::test_engines()), \
                           [](const auto& info) { return info.param; })
#define CRISP_TEST_DEVICES(Suite)                                                        \
  INSTANTIATE_TEST_SUITE_P(Engines, Suite, ::testing::ValuesIn(::crisp::test_devices()), \
                           [](const auto& info) { return info.param; })

}  // namespace crisp
