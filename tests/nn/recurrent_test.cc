// Recurrent nets: gradients as LibTorch's autograd gives them, and runs that depend on nothing but their plan.
#include <torch/torch.h>

#include <cmath>
#include <csignal>
#include <numeric>

#include "core/interrupt.h"
#include "cuda/random.h"
#include "nn/product_scope.h"
#include "nn/recurrent_step.h"
#include "nn/trainer.h"
#include "tests/core/scratch.h"
#include "tests/thread_peers.h"
#include "windows.h"

#include <gtest/gtest.h>

namespace crisp::nn {
namespace {

/// The same net by autograd, in double.
class Reference {
 public:
  Reference(const Recurrent& net, const std::vector<float>& values) : net_(net) {
    for (const Slot& slot : net.layout().slots()) {
      const std::vector<double> part(values.begin() + slot.begin, values.begin() + slot.begin + slot.size());
      parameters_.push_back(torch::tensor(part, torch::kDouble).reshape(slot.shape).requires_grad_(true));
    }
  }
  const std::vector<at::Tensor>& parameters() const { return parameters_; }

  at::Tensor output(const at::Tensor& windows) const {
    std::vector<at::Tensor> sequence;
    for (int64_t t = 0; t < net_.shape().steps; ++t) sequence.push_back(windows.select(1, t));
    for (size_t l = 0; l < net_.shape().hidden.size(); ++l) sequence = net_.shape().cell == Cell::lstm ? lstm(sequence, l) : gru(sequence, l);
    return torch::linear(sequence.back(), parameter("head.weight"), parameter("head.bias")) +
           torch::linear(windows.select(1, net_.shape().steps - 1), parameter("skip.weight"));
  }

 private:
  at::Tensor parameter(const std::string& name) const {
    for (size_t k = 0; k < parameters_.size(); ++k) {
      if (net_.layout().slots()[k].name == name) return parameters_[k];
    }
    throw std::runtime_error(name);
  }
  at::Tensor of(const char* name, size_t layer) const { return parameter(concat("rnn.", name, "_l", layer)); }

  std::vector<at::Tensor> lstm(const std::vector<at::Tensor>& sequence, size_t layer) const {
    at::Tensor hidden = torch::zeros({sequence[0].size(0), net_.shape().hidden[layer]}, torch::kDouble), cell = hidden;
    std::vector<at::Tensor> out;
    for (const at::Tensor& x : sequence) {
      const at::Tensor none = torch::zeros_like(of("bias", layer));
      std::tie(hidden, cell) = torch::lstm_cell(x, {hidden, cell}, of("weight_ih", layer), of("weight_hh", layer), of("bias", layer), none);
      out.push_back(hidden);
    }
    return out;
  }
  std::vector<at::Tensor> gru(const std::vector<at::Tensor>& sequence, size_t layer) const {
    at::Tensor hidden = torch::zeros({sequence[0].size(0), net_.shape().hidden[layer]}, torch::kDouble);
    std::vector<at::Tensor> out;
    for (const at::Tensor& x : sequence) {
      hidden = torch::gru_cell(x, hidden, of("weight_ih", layer), of("weight_hh", layer), of("bias_ih", layer), of("bias_hh", layer));
      out.push_back(hidden);
    }
    return out;
  }

  const Recurrent& net_;
  std::vector<at::Tensor> parameters_;
};

struct Case {
  std::string name;
  Cell cell;
  std::vector<int64_t> hidden;
  int64_t rows = 300;
};

class RecurrentGradients : public ::testing::TestWithParam<Case> {};

TEST_P(RecurrentGradients, AreThoseOfAutograd) {
  const Case& c = GetParam();
  const Windows windows(c.rows, 7, 3, 4, 11);
  const Recurrent net(shape_of(c.cell, windows, c.hidden));
  Learned learned{net.layout().initial(5), {}, {}};
  std::vector<float>& values = learned.parameters;
  for (const Slot& slot : net.layout().slots()) {  // starts as 0, and would hide what it is multiplied by
    for (int64_t i = 0; slot.name == "skip.weight" && i < slot.size(); ++i) values[static_cast<size_t>(slot.begin + i)] = 0.05f * static_cast<float>(i % 7);
  }
  const std::vector<float> before = values;
  NetTraining plan;
  plan.batch = c.rows;
  plan.optimiser.kind = OptimiserKind::sgd;
  Exec exec(Device::cpu(), 2);
  const FitData data = data_of(windows);
  RecurrentStep step(exec, net, plan, data);
  std::vector<uint32_t> index(static_cast<size_t>(c.rows));
  std::iota(index.rbegin(), index.rend(), 0u);
  LossSum sum;
  {
    const c10::InferenceMode no_autograd;
    step.bind(learned);
    sum = step.gradient(index, 1);
    sum = step.gradient(index, 1);  // what a step leaves behind must not change the next
  }
  // A plain step of rate 1 leaves parameter - gradient.
  step.apply(1, 1);

  const Reference reference(net, before);
  at::Tensor input = torch::zeros({windows.rows, windows.steps, windows.columns}, torch::kDouble);
  at::Tensor target = torch::zeros({windows.rows, windows.answers}, torch::kDouble);
  for (int64_t i = 0; i < windows.rows; ++i) {
    for (int64_t k = 0; k < windows.steps * windows.columns; ++k) {
      input[i][k / windows.columns][k % windows.columns] = windows.series[static_cast<size_t>(i * windows.columns + k)];
    }
    for (int64_t h = 0; h < windows.answers; ++h) target[i][h] = windows.target[static_cast<size_t>(i * windows.answers + h)];
  }
  const at::Tensor expected = (reference.output(input) - target).square().mean();
  expected.backward();
  EXPECT_NEAR(sum.loss / sum.weight, expected.item<double>(), 1e-5 * expected.item<double>());
  for (size_t k = 0; k < reference.parameters().size(); ++k) {
    const Slot& slot = net.layout().slots()[k];
    const at::Tensor gradient = reference.parameters()[k].grad().reshape({-1});
    const double scale = gradient.abs().max().item<double>();
    ASSERT_GT(scale, 0) << slot.name;
    for (int64_t i = 0; i < slot.size(); ++i) {
      const auto place = static_cast<size_t>(slot.begin + i);
      ASSERT_NEAR(static_cast<double>(before[place]) - values[place], gradient[i].item<double>(), 2e-5 * scale + 3e-7)
          << slot.name << " " << i;
    }
  }
}

// 300 rows are two parts and a shorter one; 20 one.
INSTANTIATE_TEST_SUITE_P(Nets, RecurrentGradients,
                         ::testing::Values(Case{"lstm", Cell::lstm, {6}}, Case{"gru", Cell::gru, {6}}, Case{"two_lstm", Cell::lstm, {6, 5}},
                                           Case{"three_gru", Cell::gru, {4, 6, 3}}, Case{"few_rows", Cell::lstm, {9}, 20}),
                         [](const auto& info) { return info.param.name; });

/// A run that uses what a resumed one must bring back: dropout, moments, a falling rate.
struct Job {
  Windows train{500, 8, 2, 3, 1}, validation{120, 8, 2, 3, 2};
  NetTraining plan;
  Cell cell = Cell::lstm;
  int threads = 2;

  Job() {
    plan.epochs = 4;
    plan.batch = 160;
    plan.dropout = 0.2;
    plan.clip_norm = 1;
    plan.rate.rate = 0.02;
    plan.rate.schedule = LearningRatePlan::Schedule::plateau;
    plan.rate.patience = 0;
    plan.seed = 7;
  }

  std::vector<float> run(TrainingRun& run) const {
    const ProductScope scope;
    Exec exec(Device::cpu(), threads);
    const Recurrent net(shape_of(cell, train, {8, 6}));
    const FitData data = data_of(train, &validation);
    RecurrentStep step(exec, net, plan, data, run.peers);
    return Trainer(exec, step, plan, data, run).train({});
  }
  std::vector<float> run() const {
    TrainingRun nowhere;
    return run(nowhere);
  }
};

TEST(RecurrentTrainer, LearnsASeriesAndThreadsDoNotChangeABit) {
  for (const Cell cell : {Cell::lstm, Cell::gru}) {
    Job job;
    job.cell = cell;
    TrainingRun run;
    const std::vector<float> two = job.run(run);
    EXPECT_LT(run.history.back()["validation_loss"].get<double>(), 0.6 * run.history[0]["train_loss"].get<double>());
    for (const int threads : {1, 5}) {
      job.threads = threads;
      EXPECT_EQ(job.run(), two) << threads;
    }
    job.plan.seed = 8;
    EXPECT_NE(job.run(), two);
  }
}

TEST(RecurrentTrainer, ResumesBitForBitFromEveryStep) {
  install_signal_handlers();
  for (const Cell cell : {Cell::lstm, Cell::gru}) {
    Job job;
    job.cell = cell;
    TrainingRun whole;
    const std::vector<float> expected = job.run(whole);
    for (int64_t at = 1; at < 16; at += 3) {
      const Scratch folder;
      TrainingRun first;
      first.directory = folder.path();
      first.after_step = [at](int64_t step) {
        if (step == at) std::raise(SIGTERM);
      };
      EXPECT_THROW(job.run(first), Interrupted);
      clear_interrupt();
      TrainingRun rest;
      rest.directory = folder.path();
      rest.resume = true;
      EXPECT_EQ(job.run(rest), expected) << "stopped after step " << at;
      EXPECT_EQ(rest.history, whole.history);
    }
  }
}

TEST(RecurrentTrainer, TwoAndThreeProcessesGiveTheBitsOfOne) {
  Job job;
  job.plan.batch = 400;  // four parts; the last batch of an epoch has 100 rows
  job.threads = 1;
  const std::vector<float> expected = job.run();
  for (const int processes : {2, 3}) {
    ThreadCompany(processes).run([&](Peers& peers) {
      TrainingRun run;
      run.peers = &peers;
      EXPECT_EQ(job.run(run), expected) << processes;
    });
  }
}

TEST(RecurrentNet, AnswersAWindowAlikeInAnyCompany) {
  const Windows windows(300, 7, 3, 4, 11);
  Exec exec(Device::cpu(), 2);
  const NetShape shape = shape_of(Cell::gru, windows, {6, 5});
  const Recurrent net(shape);
  Tensors arrays;
  net.layout().save(net.layout().initial(3), arrays);
  const auto runner = open_recurrent(exec, shape, arrays);
  std::vector<float> all(300 * 4), one(4);
  runner->run(exec, windows.labelled().rows, {all.data(), 300, 4, 4});
  for (const int64_t row : {0, 127, 128, 299}) {
    runner->run(exec, {windows.labelled().rows.row(row), 1, 21, 3}, {one.data(), 1, 4, 4});
    for (size_t h = 0; h < 4; ++h) EXPECT_NEAR(one[h], all[static_cast<size_t>(row) * 4 + h], 1e-6) << row;
  }
}

}  // namespace
}  // namespace crisp::nn
