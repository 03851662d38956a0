// Recurrent nets on a GPU, real or emulated: device_step_test.cc.
#include <cmath>
#include <cstdlib>
#include <numeric>

#include "nn/product_scope.h"
#include "nn/recurrent_step.h"
#include "nn/trainer.h"
#include "tests/engine.h"
#include "windows.h"

namespace crisp::nn {
namespace {

struct Case {
  std::string name;
  Cell cell;
  std::vector<int64_t> hidden;
  double dropout = 0;
};

class DeviceRecurrent : public ::testing::TestWithParam<Case> {
 protected:
  void SetUp() override {
    if (cuda_devices().empty()) GTEST_SKIP() << "no GPU here: " << cuda_absence_reason();
    plan.epochs = 3;
    plan.batch = 60;
    plan.dropout = GetParam().dropout;
    plan.clip_norm = 1;
    plan.rate.rate = 0.01;
  }
  std::vector<float> run(TrainingRun& run, Device device) const {
    const ProductScope scope;
    Exec exec(device, 2);
    const Recurrent net(shape_of(GetParam().cell, train, GetParam().hidden));
    const FitData data = data_of(train, &validation);
    RecurrentStep step(exec, net, plan, data);
    return Trainer(exec, step, plan, data, run).train({});
  }

  // Batches of 60, 60 and 30 rows.
  Windows train{150, 6, 3, 4, 11}, validation{70, 6, 3, 4, 12};
  NetTraining plan;
};

TEST_P(DeviceRecurrent, LearnsWhatTheCpuLearnsAndRecordedTheSameBits) {
  TrainingRun there, here, plain;
  const std::vector<float> gpu = run(there, Device::cuda(0)), cpu = run(here, Device::cpu());
  for (size_t epoch = 0; epoch < 3; ++epoch) {
    for (const char* loss : {"train_loss", "validation_loss"}) {
      EXPECT_NEAR(there.history[epoch][loss].get<double>(), here.history[epoch][loss].get<double>(), 1e-4) << loss << epoch;
    }
  }
  for (size_t i = 0; i < cpu.size(); ++i) ASSERT_NEAR(gpu[i], cpu[i], 2e-3) << i;
  setenv("CRISP_CUDA_GRAPH", "0", 1);
  const std::vector<float> unrecorded = run(plain, Device::cuda(0));
  unsetenv("CRISP_CUDA_GRAPH");
  EXPECT_EQ(unrecorded, gpu);
  EXPECT_EQ(plain.history, there.history);
}

TEST_P(DeviceRecurrent, AnswersAsTheCpu) {
  Exec gpu(Device::cuda(0), 2), cpu(Device::cpu(), 2);
  const NetShape shape = shape_of(GetParam().cell, train, GetParam().hidden);
  const Recurrent net(shape);
  Tensors arrays;
  net.layout().save(net.layout().initial(3), arrays);
  const auto runner = open_recurrent(gpu, shape, arrays);
  std::vector<float> there(150 * 4, 9), here = there;
  ::testing::internal::CaptureStderr();
  runner->run(gpu, train.labelled().rows, {there.data(), 150, 4, 4});
  EXPECT_EQ(::testing::internal::GetCapturedStderr(), "") << "it says so where it takes the CPU";
  runner->run(cpu, train.labelled().rows, {here.data(), 150, 4, 4});
  for (size_t i = 0; i < here.size(); ++i) ASSERT_NEAR(there[i], here[i], 1e-5) << i;
}

INSTANTIATE_TEST_SUITE_P(Nets, DeviceRecurrent,
                         ::testing::Values(Case{"lstm", Cell::lstm, {6}}, Case{"gru", Cell::gru, {6}}, Case{"two_lstm", Cell::lstm, {6, 5}, 0.2},
                                           Case{"three_gru", Cell::gru, {4, 6, 3}, 0.2}),
                         [](const auto& info) { return info.param.name; });

}  // namespace
}  // namespace crisp::nn
