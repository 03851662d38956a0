// The step on a GPU. In the program of tests/emulation it is the emulated one; in nn_tests a real one, or these are skipped.
#include "nn/device_step.h"

#include <array>
#include <atomic>
#include <cmath>
#include <csignal>
#include <cstdlib>
#include <numeric>

#include <gmock/gmock.h>

#include "core/interrupt.h"
#include "nn/feed_forward_step.h"
#include "nn/net_place.h"
#include "nn/product_scope.h"
#include "nn/trainer.h"
#include "tests/core/scratch.h"
#include "tests/engine.h"
#include "tests/nn/net_job.h"
#include "tests/thread_peers.h"
#include "train/net_library.h"

extern "C" const crisp::NetLibrary* crisp_nn_library();

namespace crisp::nn {
namespace {

/// While it lives steps are not recorded.
class NoGraphs {
 public:
  NoGraphs() { setenv("CRISP_CUDA_GRAPH", "0", 1); }
  ~NoGraphs() { unsetenv("CRISP_CUDA_GRAPH"); }
};

struct Outcome {
  std::vector<float> parameters;
  std::vector<double> losses;
};

/// Steps over the rows in order, twice over them; with a shorter last one.
Outcome steps_on(Exec& exec, const NetJob& job) {
  const ProductScope scope;
  const FeedForward net(job.shape, job.edges);
  const FitData data = fit_data(job.rows);
  FeedForwardStep step(exec, net, job.plan, data);
  const auto total = static_cast<size_t>(net.layout().total());
  const int moments = moments_of(job.plan.optimiser);
  Learned learned{net.layout().initial(5), std::vector<float>(moments > 0 ? total : 0), std::vector<float>(moments > 1 ? total : 0)};
  std::vector<uint32_t> index(300);
  std::iota(index.rbegin(), index.rend(), 0u);
  step.bind(learned);
  Outcome outcome;
  const auto look = [&](bool all) {
    while (const auto loss = step.next_loss(all)) outcome.losses.push_back(loss->sum.loss / loss->sum.weight);
  };
  const auto stride = static_cast<size_t>(job.plan.batch * job.plan.accumulate);
  int64_t number = 0;
  for (int epoch = 0; epoch < 3; ++epoch) {
    for (size_t begin = 0; begin < index.size(); begin += stride) {
      step.take_step(std::span<const uint32_t>(index).subspan(begin, std::min(stride, index.size() - begin)), 0.01, ++number);
      look(false);
    }
  }
  look(true);
  step.pull();
  outcome.parameters = learned.parameters;
  return outcome;
}

class DeviceSteps : public ::testing::TestWithParam<NetCase> {
 protected:
  void SetUp() override {
    if (cuda_devices().empty()) GTEST_SKIP() << "no GPU here: " << cuda_absence_reason();
  }
};

TEST_P(DeviceSteps, AreTheCpusAndRecordedOnesTheSameBits) {
  const NetJob job(GetParam(), 300, 80);
  Exec gpu(Device::cuda(0), 2), cpu(Device::cpu(), 2);
  const Outcome there = steps_on(gpu, job), here = steps_on(cpu, job);
  ASSERT_EQ(there.losses.size(), here.losses.size());
  const double tolerance = job.plan.half ? 0.02 : 2e-5;
  for (size_t k = 0; k < here.losses.size(); ++k) EXPECT_NEAR(there.losses[k], here.losses[k], tolerance * (1 + here.losses[k])) << k;
  const FeedForward net(job.shape, job.edges);
  const std::vector<float> start = net.layout().initial(5);
  double apart = 0, moved = 0;
  for (size_t i = 0; i < start.size(); ++i) {
    apart += std::pow(there.parameters[i] - here.parameters[i], 2.0);
    moved += std::pow(here.parameters[i] - start[i], 2.0);
  }
  ASSERT_GT(moved, 0);
  EXPECT_LT(std::sqrt(apart / moved), job.plan.half ? 0.2 : 1e-3);
  const NoGraphs none;
  const Outcome plain = steps_on(gpu, job);
  EXPECT_EQ(plain.parameters, there.parameters);
  EXPECT_EQ(plain.losses, there.losses);
}

INSTANTIATE_TEST_SUITE_P(
    Nets, DeviceSteps,
    ::testing::Values(NetCase{.name = "relu"}, NetCase{.name = "silu", .activation = Activation::silu},
                      NetCase{.name = "embeddings", .categories = {0, 5, 2, 0}}, NetCase{.name = "pieces", .pieces = 4},
                      NetCase{.name = "both", .categories = {0, 7, 0, 3}, .pieces = 3},
                      NetCase{.name = "layer_norm", .normalisation = Normalisation::layer},
                      NetCase{.name = "batch_norm", .categories = {0, 0, 4}, .normalisation = Normalisation::batch},
                      NetCase{.name = "regression", .classes = 0}, NetCase{.name = "four_classes", .classes = 4},
                      NetCase{.name = "weights", .weights = true},
                      with_plan({.name = "autoencoder", .categories = {0, 0, 0, 0}}, [](NetTraining& p) { p.reconstruct = true; }),
                      with_plan({.name = "dropout"}, [](NetTraining& p) { p.dropout = 0.3; }),
                      with_plan({.name = "clip_norm"}, [](NetTraining& p) { p.clip_norm = 0.05; }),
                      with_plan({.name = "accumulate", .weights = true},
                                [](NetTraining& p) {
                                  p.accumulate = 3;
                                  p.clip_norm = 0.05;
                                  p.dropout = 0.1;
                                }),
                      with_plan({.name = "momentum"},
                                [](NetTraining& p) {
                                  p.optimiser.kind = OptimiserKind::sgd;
                                  p.optimiser.momentum = 0.9;
                                  p.optimiser.weight_decay = 0.01;
                                }),
                      with_plan({.name = "smoothing", .classes = 3, .weights = true},
                                [](NetTraining& p) {
                                  p.smoothing = 0.1;
                                  p.class_weights = {0.5f, 2.0f, 1.0f};
                                }),
                      with_plan({.name = "bfloat16", .categories = {0, 5, 0}}, [](NetTraining& p) { p.half = true; })),
    [](const auto& info) { return info.param.name; });

/// Runs of the trainer on a GPU.
class DeviceTrainer : public ::testing::Test {
 protected:
  void SetUp() override {
    if (cuda_devices().empty()) GTEST_SKIP() << "no GPU here: " << cuda_absence_reason();
    plan.epochs = 3;
    plan.batch = 200;
    plan.dropout = 0.2;
    plan.clip_norm = 1;
    plan.rate.rate = 0.02;
    plan.seed = 7;
  }
  /// `gather`: how GPUs reach each other; none: through the hosts.
  std::vector<float> run(TrainingRun& run, Device device = Device::cuda(0), std::unique_ptr<DeviceGather> gather = nullptr) {
    const ProductScope scope;
    Exec exec(device, 2);
    const FeedForward net(shape, {});
    const FitData data = fit_data(train, &validation);
    FeedForwardStep step(exec, net, plan, data, run.peers);
    step.exchange().use(std::move(gather));
    return Trainer(exec, step, plan, data, run).train({});
  }
  static TrainingRun run_in(const std::string& directory, bool resume) {
    TrainingRun run;
    run.directory = directory;
    run.resume = resume;
    run.checkpoints = {.epochs = 1, .steps = 2, .seconds = 0, .keep = 3};
    return run;
  }
  /// Stopped as by Ctrl-C when step `at` is done.
  void stop_at(int64_t at, const std::string& directory) {
    install_signal_handlers();
    TrainingRun first = run_in(directory, false);
    first.after_step = [at](int64_t step) {
      if (step == at) std::raise(SIGTERM);
    };
    EXPECT_THROW(run(first), Interrupted);
    clear_interrupt();
  }

  std::vector<int64_t> categories{0, 0, 6, 0};
  NetShape shape = small_net(categories, 1, LossKind::logistic);
  NetTraining plan;
  Rows train = random_rows(1100, categories, 1), validation = random_rows(300, categories, 2);
};

TEST_F(DeviceTrainer, LearnsAsOnTheCpu) {
  TrainingRun there, here;
  run(there);
  run(here, Device::cpu());
  ASSERT_EQ(there.history.size(), 3u);
  for (const char* loss : {"train_loss", "validation_loss"}) {
    EXPECT_NEAR(there.history.back()[loss].get<double>(), here.history.back()[loss].get<double>(), 1e-3) << loss;
  }
  EXPECT_EQ(there.facts["steps"], here.facts["steps"]);
}

TEST_F(DeviceTrainer, ResumesBitForBit) {
  shape.normalisation = Normalisation::batch;
  TrainingRun whole;
  const std::vector<float> expected = run(whole);
  for (const int64_t at : {1, 4, 6, 9}) {
    const Scratch folder;
    stop_at(at, folder.path());
    TrainingRun rest = run_in(folder.path(), true);
    EXPECT_EQ(run(rest), expected) << "stopped after step " << at;
    EXPECT_EQ(rest.history, whole.history);
  }
}

TEST_F(DeviceTrainer, RefusesTheCheckpointOfAnotherDevice) {
  const Scratch folder;
  stop_at(3, folder.path());
  TrainingRun rest = run_in(folder.path(), true);
  try {
    run(rest, Device::cpu());
    FAIL();
  } catch (const Error& error) {
    EXPECT_THAT(error.what(), ::testing::HasSubstr("its device differs"));
  }
}

TEST_F(DeviceTrainer, RollsBackWhenTheLateLossIsNoNumber) {
  plan.optimiser.kind = OptimiserKind::sgd;
  plan.dropout = plan.clip_norm = 0;
  plan.rate.rate = 5e11;
  plan.epochs = 1;
  plan.batch = 600;
  TrainingRun there, here;
  const std::vector<float> end = run(there), expected = run(here, Device::cpu());
  EXPECT_GE(there.facts["rollbacks"].get<int>(), 1);
  EXPECT_EQ(there.facts["rollbacks"], here.facts["rollbacks"]);
  EXPECT_EQ(there.facts["steps"], here.facts["steps"]);
  for (size_t i = 0; i < end.size(); ++i) ASSERT_EQ(std::isfinite(end[i]), std::isfinite(expected[i])) << i;
  plan.rate.rate = 1e30;
  TrainingRun wild;
  try {
    run(wild);
    FAIL();
  } catch (const Error& error) {
    EXPECT_THAT(error.what(), ::testing::HasSubstr("epoch 1, batch 2"));
  }
}

TEST_F(DeviceTrainer, SweepsRates) {
  TrainingRun there, here;
  there.find_rate = here.find_rate = true;
  run(there);
  run(here, Device::cpu());
  const Json &curve = there.facts["rate_sweep"]["curve"], &expected = here.facts["rate_sweep"]["curve"];
  ASSERT_GE(curve.size(), 50u);
  for (size_t i = 0; i < 50; ++i) EXPECT_NEAR(curve[i]["loss"].get<double>(), expected[i]["loss"].get<double>(), 1e-4) << i;
}

TEST_F(DeviceTrainer, JudgesTheOutputsOfTheValidationRows) {
  plan.figures = {"sum"};
  plan.watches_figure = true;
  plan.judge = [](MatrixView<const float> outputs) {
    double sum = 0;
    for (int64_t i = 0; i < outputs.rows; ++i) sum += outputs.at(i, 0) * static_cast<double>(i + 1);
    return std::vector<double>{sum};
  };
  TrainingRun there, here;
  run(there);
  run(here, Device::cpu());
  const double expected = here.history[0]["validation_sum"].get<double>();
  EXPECT_NEAR(there.history[0]["validation_sum"].get<double>(), expected, 1e-3 * std::abs(expected));
}

TEST_F(DeviceTrainer, TakesOtherRowsInTheMiddle) {
  const ProductScope scope;
  const Rows other = random_rows(1100, categories, 9);
  plan.dropout = 0;
  const auto end = [&](Device device) {
    Exec exec(device, 2);
    const FeedForward net(shape, {});
    const FitData data = fit_data(train);
    FeedForwardStep step(exec, net, plan, data);
    const auto total = static_cast<size_t>(net.layout().total());
    Learned learned{net.layout().initial(5), std::vector<float>(total), std::vector<float>(total)};
    step.bind(learned);
    std::vector<uint32_t> index(200);
    std::iota(index.begin(), index.end(), 17u);
    for (int64_t k = 1; k <= 8; ++k) {
      if (k == 5) step.take_rows(other.labelled());
      step.take_step(index, 0.01, k);
    }
    step.forget_steps();
    step.pull();
    return learned.parameters;
  };
  const std::vector<float> there = end(Device::cuda(0)), here = end(Device::cpu());
  for (size_t i = 0; i < here.size(); ++i) ASSERT_NEAR(there[i], here[i], 2e-4) << i;
}

TEST_F(DeviceTrainer, ProcessesLearnTogether) {
  TrainingRun alone;
  plan.dropout = 0;
  const std::vector<float> expected = run(alone);
  std::vector<std::vector<float>> ends(2);
  ThreadCompany(2).run([&](Peers& peers) {
    TrainingRun together;
    together.peers = &peers;
    ends[static_cast<size_t>(peers.rank())] = run(together);
  });
  EXPECT_EQ(ends[0], ends[1]);
  for (size_t i = 0; i < expected.size(); ++i) ASSERT_NEAR(ends[0][i], expected[i], 2e-3) << i;
}

/// What NCCL does, by way of the hosts.
class SlowGather : public DeviceGather {
 public:
  explicit SlowGather(Peers& peers) : peers_(peers) {}
  void gather(Exec& exec, const float* own, float* all, int64_t count) override {
    std::vector<float> values(static_cast<size_t>(count * peers_.size()));
    const auto of_rank = [&](int rank) { return std::span(values).subspan(static_cast<size_t>(rank * count), static_cast<size_t>(count)); };
    const size_t bytes = static_cast<size_t>(count) * sizeof(float);
    copy_bytes(exec, of_rank(peers_.rank()).data(), own, bytes);
    for (int rank = 0; rank < peers_.size(); ++rank) peers_.broadcast(rank, std::as_writable_bytes(of_rank(rank)));
    copy_bytes(exec, all, values.data(), values.size() * sizeof(float));
    ++gathered;
  }
  void abort() noexcept override {}
  static inline std::atomic<int> gathered{0};

 private:
  Peers& peers_;
};

TEST_F(DeviceTrainer, GatheredGradientsAreAddedInTheOrderOfRanks) {
  plan.batch = 100;
  plan.accumulate = 2;
  plan.epochs = 2;
  train = random_rows(1001, categories, 1);  // the last batch is one row: a process has no part of it
  for (const int processes : {2, 3}) {
    std::vector<std::vector<float>> through_hosts(static_cast<size_t>(processes)), gathered = through_hosts;
    ThreadCompany company(processes);
    company.run([&](Peers& peers) {
      TrainingRun together;
      together.peers = &peers;
      through_hosts[static_cast<size_t>(peers.rank())] = run(together);
    });
    SlowGather::gathered = 0;
    company.run([&](Peers& peers) {
      TrainingRun together;
      together.peers = &peers;
      gathered[static_cast<size_t>(peers.rank())] = run(together, Device::cuda(0), std::make_unique<SlowGather>(peers));
    });
    EXPECT_EQ(SlowGather::gathered, processes * 2 * 11);
    for (const auto& end : gathered) EXPECT_EQ(end, through_hosts[0]);
  }
}

TEST_F(DeviceTrainer, OneProcessesRefusalCountsForAll) {
  const FeedForward net(shape, {});
  const FitData data = fit_data(train);
  std::array<bool, 2> on_gpu{};
  ThreadCompany(2).run([&](Peers& peers) {
    Exec exec(Device::cuda(0), 1);
    const MakeStep make = [&](Exec& on, const NetTraining& training, const FitData& sample) {
      if (peers.rank() == 1 && on.is_cuda()) throw Error(Code::bug, "a kernel failed");
      return std::make_unique<FeedForwardStep>(on, net, training, sample);
    };
    NetPlace place(exec, make, plan, data, &peers);
    on_gpu[static_cast<size_t>(peers.rank())] = place.exec().is_cuda();
  });
  EXPECT_EQ(on_gpu, (std::array<bool, 2>{}));
}

TEST_F(DeviceTrainer, GoesThroughTheHostsWhereThereIsNoNccl) {
#if defined(CRISP_EMULATED_TESTS)
  setenv("CRISP_TORCH", "/nowhere", 1);
  ThreadCompany(2).run([&](Peers& peers) {
    Exec exec(Device::cuda(0), 1);
    EXPECT_EQ(connect_nccl(exec, peers), nullptr);
  });
  unsetenv("CRISP_TORCH");
#else
  GTEST_SKIP() << "two processes on one GPU: NCCL refuses that by itself";
#endif
}

TEST_F(DeviceTrainer, IsWhatThePlugInTrainsAndAnswersWith) {
  shape.normalisation = Normalisation::batch;
  TrainingRun direct, whole;
  const std::vector<float> expected = run(direct);
  Exec gpu(Device::cuda(0), 2), cpu(Device::cpu(), 2);
  const FitData data = fit_data(train, &validation);
  const Tensors arrays = crisp_nn_library()->fit(gpu, shape, plan, data, {}, whole);
  const FeedForward net(shape, {});
  EXPECT_EQ(net.layout().load(arrays), expected);
  EXPECT_NE(run(direct, Device::cpu()), expected) << "nothing tells the CPU from the GPU";
  const auto runner = crisp_nn_library()->open(gpu, shape, arrays);
  Matrix there(300, 1), here(300, 1);
  ::testing::internal::CaptureStderr();
  runner->run(gpu, validation.matrix.view(), there.view());
  EXPECT_EQ(::testing::internal::GetCapturedStderr(), "") << "it says so where it takes the CPU";
  runner->run(cpu, validation.matrix.view(), here.view());
  for (int64_t i = 0; i < 300; ++i) ASSERT_NEAR(there.view().at(i, 0), here.view().at(i, 0), 1e-5) << i;
}

TEST_F(DeviceTrainer, IsAskedForOnlyWhereAStepAgrees) {
  Exec exec(Device::cuda(0), 2);
  const FeedForward net(shape, {});
  const FitData data = fit_data(train);
  /// `spoil`: what is wrong with the GPU's steps.
  const auto objection = [&](const std::function<void(NetTraining&)>& spoil) {
    NetTraining there;
    const MakeStep make = [&](Exec& on, const NetTraining& training, const FitData& sample) {
      there = training;
      if (on.is_cuda()) spoil(there);
      return std::make_unique<FeedForwardStep>(on, net, on.is_cuda() ? there : training, sample);
    };
    return gpu_objection(exec, make, plan, data);
  };
  EXPECT_EQ(objection([](NetTraining&) {}), "");
  EXPECT_THAT(objection([](NetTraining& training) { training.dropout = 0.5; }), ::testing::HasSubstr("the loss of step 1"));
  EXPECT_THAT(objection([](NetTraining& training) { training.optimiser.weight_decay = 2; }), ::testing::HasSubstr("its steps differ"));
  EXPECT_EQ(objection([](NetTraining&) { throw Error(Code::bug, "a kernel failed"); }), "a kernel failed");
}

}  // namespace
}  // namespace crisp::nn
