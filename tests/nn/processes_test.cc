// Several processes train one net: here threads that exchange bytes, in tests/tools/test_processes.py real ones.
#include <csignal>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "core/interrupt.h"
#include "tests/core/scratch.h"
#include "tests/nn/train_net.h"
#include "tests/thread_peers.h"

namespace crisp::nn {
namespace {

/// A net that uses what a step can use.
struct Job {
  std::vector<int64_t> categories{0, 0, 6, 0};
  NetShape shape = small_net(categories, 1, LossKind::logistic);
  NetTraining plan;
  Rows train = random_rows(1100, categories, 1), validation = random_rows(300, categories, 2);

  Job() {
    plan.epochs = 3;
    plan.batch = 500;  // four parts; the last batch of an epoch has 100 rows
    plan.dropout = 0.2;
    plan.optimiser.weight_decay = 1e-3;
    plan.rate.rate = 0.02;
    plan.seed = 7;
  }

  std::vector<float> run(TrainingRun& run) const {
    return train_net(shape, plan, fit_data(train, &validation), run, 1);
  }

  std::vector<float> run() const {
    TrainingRun nowhere;
    return run(nowhere);
  }
};

/// Every process's parameters and history.
struct Outcome {
  std::vector<float> parameters;
  Json history;
};
std::vector<Outcome> run_in(int processes, const Job& job) {
  std::vector<Outcome> outcomes(static_cast<size_t>(processes));
  ThreadCompany(processes).run([&](Peers& peers) {
    TrainingRun run;
    run.peers = &peers;
    Outcome& own = outcomes[static_cast<size_t>(peers.rank())];
    own.parameters = job.run(run);
    own.history = run.history;
  });
  return outcomes;
}

/// Two and three processes give the bits of one.
void expect_as_one(const Job& job, const char* what) {
  TrainingRun alone;
  const std::vector<float> expected = job.run(alone);
  for (const int processes : {2, 3}) {
    for (const Outcome& outcome : run_in(processes, job)) {
      EXPECT_EQ(outcome.parameters, expected) << what << ", " << processes;
      EXPECT_EQ(outcome.history, alone.history) << what << ", " << processes;
    }
  }
}

TEST(Processes, LearnWhatOneLearns) { expect_as_one(Job(), "usual"); }

TEST(Processes, ShareEveryKindOfStep) {
  Job job;
  job.plan.clip_norm = 0.05;
  expect_as_one(job, "clip_norm");
  job = {};
  job.plan.accumulate = 2;
  expect_as_one(job, "accumulate");
  job = {};
  job.shape.normalisation = Normalisation::batch;
  expect_as_one(job, "batch norm");
  job.shape.normalisation = Normalisation::layer;
  expect_as_one(job, "layer norm");
  job = {};
  job.plan.class_weights = {0.3f, 2.0f};
  for (size_t i = 0; i < job.train.target.size(); ++i) job.train.weights.push_back(0.5f + static_cast<float>(i % 3));
  expect_as_one(job, "weights");
  job = {};
  job.plan.reconstruct = true;
  job.shape = small_net({0, 0, 0}, 3, LossKind::squared);
  job.train = random_rows(1100, {0, 0, 0}, 1);
  job.validation = random_rows(200, {0, 0, 0}, 2);
  expect_as_one(job, "autoencoder");
  job = {};
  job.plan.half = true;
  expect_as_one(job, "bfloat16");
}

TEST(Processes, SeeTheOutputsForAllValidationRows) {
  Job job;
  job.plan.figures = {"figure", "first"};
  job.plan.watches_figure = true;
  job.plan.judge = [](MatrixView<const float> outputs) {
    double figure = 0;
    for (int64_t i = 0; i < outputs.rows; ++i) figure += static_cast<double>(i % 7 + 1) * outputs.at(i, 0);
    return std::vector<double>{figure, static_cast<double>(outputs.at(0, 0))};
  };
  expect_as_one(job, "watched");
}

TEST(Processes, ABatchOfFewPartsLeavesSomeIdle) {
  Job job;
  job.train = random_rows(1001, job.categories, 1);  // the last batch: one row
  expect_as_one(job, "one row left");
}

/// More processes than parts: each part is cut again, so sums round differently.
TEST(Processes, AreAsGoodAsOneWhereTheyOutnumberParts) {
  for (const int64_t batch : {5, 100, 500}) {
    Job job;
    job.plan.batch = batch;
    job.train = random_rows(230, job.categories, 1);
    job.plan.epochs = 1;
    TrainingRun alone;
    const std::vector<float> expected = job.run(alone);
    for (const int processes : {3, 7}) {
      const std::vector<Outcome> outcomes = run_in(processes, job);
      for (const Outcome& outcome : outcomes) {
        EXPECT_EQ(outcome.parameters, outcomes[0].parameters);
        for (size_t i = 0; i < expected.size(); ++i) ASSERT_NEAR(outcome.parameters[i], expected[i], 1e-5) << batch << ", " << processes;
        EXPECT_NEAR(outcome.history[0]["train_loss"].get<double>(), alone.history[0]["train_loss"].get<double>(), 1e-6);
        EXPECT_NEAR(outcome.history[0]["validation_loss"].get<double>(), alone.history[0]["validation_loss"].get<double>(), 1e-6);
      }
    }
  }
}

TEST(Processes, RollBackTogether) {
  Job job;
  job.plan.optimiser.kind = OptimiserKind::sgd;
  job.plan.rate.rate = 1e30;
  ThreadCompany company(3);
  EXPECT_THROW(company.run([&](Peers& peers) {
    TrainingRun run;
    run.peers = &peers;
    job.run(run);
  }), Error);
  for (const std::exception_ptr& each : company.errors()) {
    try {
      ASSERT_TRUE(each);
      std::rethrow_exception(each);
    } catch (const Error& error) {
      EXPECT_EQ(error.code(), Code::data);
      EXPECT_THAT(error.what(), ::testing::HasSubstr("epoch 1, batch 2"));
    }
  }
}

TEST(Processes, RefuseOtherRows) {
  const Job job;
  Job other;
  other.train.target[1099] = 1 - other.train.target[1099];
  ThreadCompany company(3);
  try {
    company.run([&](Peers& peers) {
      TrainingRun run;
      run.peers = &peers;
      (peers.rank() == 1 ? other : job).run(run);
    });
    FAIL();
  } catch (const Error& error) {
    EXPECT_EQ(error.code(), Code::data);
    EXPECT_THAT(error.what(), ::testing::HasSubstr("process 1"));
  }
}

/// The first process's folder; the others have none.
TrainingRun run_of(Peers& peers, const std::string& folder, bool resume) {
  TrainingRun run;
  run.peers = &peers;
  run.checkpoints = {.epochs = 0, .steps = 0, .seconds = 0, .keep = 3};
  if (peers.rank() != 0) return run;
  run.directory = folder;
  run.resume = resume;
  return run;
}

std::vector<float> resumed(const Job& job, int processes, const std::string& folder) {
  std::vector<float> parameters;
  ThreadCompany(processes).run([&](Peers& peers) {
    TrainingRun run = run_of(peers, folder, true);
    const std::vector<float> own = job.run(run);
    if (peers.rank() == 0) parameters = own;
  });
  return parameters;
}

TEST(Processes, StopAfterTheSameStepAndGoOn) {
  install_signal_handlers();
  const Job job;
  const Scratch folder;
  ThreadCompany company(3);
  try {
    company.run([&](Peers& peers) {
      TrainingRun run = run_of(peers, folder.path(), false);
      run.after_step = [&](int64_t step) {
        if (step == 4 && peers.rank() == 2) std::raise(SIGTERM);
      };
      job.run(run);
    });
    FAIL();
  } catch (const Interrupted& stopped) {
    EXPECT_TRUE(stopped.resumable());
  }
  clear_interrupt();
  for (const std::exception_ptr& each : company.errors()) EXPECT_THROW(std::rethrow_exception(each), Interrupted);
  EXPECT_EQ(CheckpointStore(folder.path() + "/checkpoints").steps().size(), 1u);
  EXPECT_EQ(resumed(job, 2, folder.path()), job.run());
}

TEST(Processes, LeaveACheckpointOfTheLastWholeStepWhereOneIsLost) {
  Job job;
  job.shape.normalisation = Normalisation::batch;  // running statistics are parameters that change within a step
  const std::vector<float> expected = job.run();
  for (const int calls : {15, 40, 77, 101}) {
    const Scratch folder;
    ThreadCompany company(3);
    try {
      company.run([&](Peers& peers) {
        Mortal mortal(peers, calls);
        TrainingRun run = run_of(peers, folder.path(), false);
        if (peers.rank() == 2) run.peers = &mortal;
        job.run(run);
      });
      FAIL();
    } catch (const Error& error) {
      EXPECT_EQ(error.code(), Code::interrupted) << error.what();
      EXPECT_THAT(error.what(), ::testing::HasSubstr("process 2"));
      EXPECT_THAT(error.hint(), ::testing::HasSubstr("--resume"));
    }
    EXPECT_EQ(resumed(job, 3, folder.path()), expected) << calls;
  }
}

}  // namespace
}  // namespace crisp::nn
