#include "nn/trainer.h"

#include <csignal>
#include <numeric>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "core/interrupt.h"
#include "core/sha256.h"
#include "tests/core/scratch.h"
#include "tests/nn/train_net.h"

namespace crisp::nn {
namespace {

/// A net that uses everything a resumed run must bring back: dropout, embeddings, a falling rate, early stopping, moments.
struct Job {
  std::vector<int64_t> categories{0, 0, 6, 0};
  NetShape shape = small_net(categories, 1, LossKind::logistic);
  NetTraining plan;
  Rows train = random_rows(1100, categories, 1), validation = random_rows(300, categories, 2);
  std::string fingerprint = "rows";
  int threads = 2;

  Job() {
    plan.epochs = 6;
    plan.batch = 200;
    plan.dropout = 0.2;
    plan.optimiser.weight_decay = 1e-3;
    plan.rate.rate = 0.02;
    plan.rate.schedule = LearningRatePlan::Schedule::plateau;
    plan.rate.patience = 0;
    plan.rate.factor = 0.5;
    plan.stopping.patience = 4;
    plan.seed = 7;
  }

  std::vector<float> run(TrainingRun& run) const {
    return train_net(shape, plan, fit_data(train, &validation), run, threads);
  }

  std::vector<float> run() const {
    TrainingRun nowhere;
    return run(nowhere);
  }

  TrainingRun run_in(const std::string& directory, bool resume) const {
    TrainingRun where = nn::run_in(directory, resume);
    where.data_fingerprint = fingerprint;
    return where;
  }
};

TEST(Trainer, LearnsAndTellsItsCurves) {
  Job job;
  TrainingRun run;
  job.run(run);
  ASSERT_EQ(run.history.size(), 6u);
  EXPECT_LT(run.history.back()["validation_loss"].get<double>(), 0.6 * run.history[0]["train_loss"].get<double>());
  EXPECT_EQ(run.facts["steps"], 6 * 6);
}

TEST(Trainer, ThreadsDoNotChangeABit) {
  Job job;
  const std::vector<float> one = job.run();
  for (const int threads : {1, 3, 8}) {
    job.threads = threads;
    EXPECT_EQ(job.run(), one) << threads;
  }
  job.plan.seed = 8;
  EXPECT_NE(job.run(), one);
}

TEST(Trainer, NormalisedNetsLearnAlike) {
  for (const Normalisation normalisation : {Normalisation::layer, Normalisation::batch}) {
    Job job;
    job.shape.normalisation = normalisation;
    TrainingRun run;
    const std::vector<float> two = job.run(run);
    EXPECT_LT(run.history.back()["validation_loss"].get<double>(), 0.6 * run.history[0]["train_loss"].get<double>());
    job.threads = 1;
    EXPECT_EQ(job.run(), two);
  }
}

TEST(Trainer, ProductsInBfloat16LearnNearlyTheSame) {
  Job job;
  TrainingRun full, half;
  const std::vector<float> whole = job.run(full);
  job.plan.half = true;
  const std::vector<float> rounded = job.run(half);
  EXPECT_NE(rounded, whole);
  const double loss = full.history.back()["validation_loss"].get<double>();
  EXPECT_NEAR(half.history.back()["validation_loss"].get<double>(), loss, 0.1 * loss);
  job.threads = 1;
  EXPECT_EQ(job.run(), rounded);
}

TEST(Trainer, AccumulatedBatchesAreOneLargeBatch) {
  Job job;
  job.plan.dropout = 0;
  job.plan.batch = 400;
  const std::vector<float> whole = job.run();
  job.plan.batch = 200;
  job.plan.accumulate = 2;
  const std::vector<float> parts = job.run();
  for (size_t i = 0; i < whole.size(); ++i) ASSERT_NEAR(parts[i], whole[i], 2e-4) << i;
}

/// Stops the run when step `at` is done, as Ctrl-C would.
class StopAt {
 public:
  explicit StopAt(int64_t steps) : steps_(steps) {}
  std::vector<float> run(const Job& job, const std::string& directory) const {
    TrainingRun where = job.run_in(directory, true);
    where.after_step = [this](int64_t step) {
      if (step == steps_) std::raise(SIGTERM);
    };
    return job.run(where);
  }

 private:
  int64_t steps_;
};

TEST(Trainer, ResumesBitForBitFromEveryStep) {
  install_signal_handlers();
  const Job job;
  TrainingRun whole;
  const std::vector<float> expected = job.run(whole);
  for (int64_t step = 1; step < 36; step += 3) {
    const Scratch folder;
    try {
      StopAt(step).run(job, folder.path());
      FAIL() << "not interrupted at step " << step;
    } catch (const Interrupted& stopped) {
      EXPECT_TRUE(stopped.resumable());
    }
    clear_interrupt();
    TrainingRun rest = job.run_in(folder.path(), true);
    EXPECT_EQ(job.run(rest), expected) << "stopped after step " << step;
    EXPECT_EQ(rest.history, whole.history) << step;
    EXPECT_EQ(rest.facts, whole.facts) << step;
  }
}

TEST(Trainer, ResumingAFinishedRunGivesTheSameAgain) {
  const Job job;
  const Scratch folder;
  TrainingRun first = job.run_in(folder.path(), false), again = job.run_in(folder.path(), true);
  const std::vector<float> expected = job.run(first);
  EXPECT_EQ(job.run(again), expected);
  EXPECT_EQ(again.facts["steps"], first.facts["steps"]);
}

TEST(Trainer, RefusesToResumeWhatDiffers) {
  const Scratch folder;
  Job job;
  TrainingRun first = job.run_in(folder.path(), false);
  job.run(first);
  const auto complaint = [&](const Job& other) {
    TrainingRun run = other.run_in(folder.path(), true);
    try {
      other.run(run);
    } catch (const Error& error) {
      EXPECT_EQ(error.code(), Code::data);
      return std::string(error.what());
    }
    return std::string();
  };
  EXPECT_EQ(complaint(job), "");
  Job other = job;
  other.fingerprint = "other rows";
  EXPECT_THAT(complaint(other), ::testing::HasSubstr("its data differs"));
  other = job;
  other.plan.dropout = 0.5;
  EXPECT_THAT(complaint(other), ::testing::HasSubstr("its dropout differs (0.2, now 0.5)"));
  other = job;
  other.shape.hidden = {16, 4};
  EXPECT_THAT(complaint(other), ::testing::HasSubstr("its net differs"));
}

TEST(Trainer, HalvesTheRateWhereTheLossIsNoNumberAndEndsCleanly) {
  Job job;
  job.plan.optimiser.kind = OptimiserKind::sgd;
  job.plan.rate.rate = 1e30;
  TrainingRun run;
  try {
    job.run(run);
    FAIL();
  } catch (const Error& error) {
    EXPECT_EQ(error.code(), Code::data);
    EXPECT_THAT(error.what(), ::testing::HasSubstr("epoch 1, batch 2"));
  }
}

/// The products of its second step overflow; at half or a quarter of the rate they do not.
Job overflowing_job() {
  Job job;
  job.plan.optimiser.kind = OptimiserKind::sgd;
  job.plan.dropout = 0;
  job.plan.rate.rate = 5e11;
  job.plan.epochs = 1;
  job.plan.batch = 600;
  return job;
}

TEST(Trainer, GoesOnWithHalfTheRateAfterARollBack) {
  const Job job = overflowing_job();
  TrainingRun run;
  const std::vector<float> end = job.run(run);
  EXPECT_GE(run.facts["rollbacks"].get<int>(), 1);
  for (const float value : end) ASSERT_TRUE(std::isfinite(value));
}

TEST(Trainer, RollsBackToTheEpochsStartAlsoWhenItWasResumedInItsMiddle) {
  install_signal_handlers();
  const Job job = overflowing_job();
  TrainingRun whole;
  const std::vector<float> expected = job.run(whole);
  const Scratch folder;
  EXPECT_THROW(StopAt(1).run(job, folder.path()), Interrupted);
  clear_interrupt();
  TrainingRun rest = job.run_in(folder.path(), true);
  EXPECT_EQ(job.run(rest), expected);
  EXPECT_EQ(to_text(rest.facts), to_text(whole.facts));  // the validation loss is no number here
}

TEST(Trainer, TakesOddRuns) {
  Job still;
  still.plan.rate.rate = 0;
  const FeedForward net(still.shape, {});
  EXPECT_EQ(still.run(), net.layout().initial(still.plan.seed));
  Job wild;
  wild.plan.rate.rate = 1e6;
  EXPECT_THROW(wild.run(), Error);
  Job larger;  // a batch larger than the data
  larger.plan.batch = 100000;
  EXPECT_NO_THROW(larger.run());
  Job one;
  one.train = random_rows(1, one.categories, 1);
  one.validation = random_rows(0, one.categories, 1);
  EXPECT_NO_THROW(one.run());
}

TEST(Trainer, AKilledWriteFallsBackOneCheckpoint) {
  const Job job;
  const Scratch folder;
  TrainingRun first = job.run_in(folder.path(), false);
  const std::vector<float> expected = job.run(first);
  CheckpointStore store(folder.path() + "/checkpoints");
  const std::vector<int64_t> steps = store.steps();
  ASSERT_GE(steps.size(), 2u);
  // The newest is damaged: one bit of its arrays.
  std::string digits = std::to_string(steps.back());
  const std::string arrays = concat(folder.path(), "/checkpoints/step-", std::string(12 - digits.size(), '0'), digits, "/arrays.safetensors");
  FILE* file = std::fopen(arrays.c_str(), "r+b");
  ASSERT_NE(file, nullptr);
  std::fseek(file, 500, SEEK_SET);
  const int byte = std::fgetc(file);
  std::fseek(file, 500, SEEK_SET);
  std::fputc(byte ^ 16, file);
  std::fclose(file);
  TrainingRun again = job.run_in(folder.path(), true);
  EXPECT_EQ(job.run(again), expected);
}

}  // namespace
}  // namespace crisp::nn
