// Trainings whose rows come in windows: each row once an epoch, the bits of one process in several, and those of an unbroken run after
// a stop at any step.
#include <csignal>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <map>

#include "core/interrupt.h"
#include "memory_stream.h"
#include "nn/row_feed.h"
#include "tests/core/scratch.h"
#include "tests/nn/train_net.h"
#include "tests/thread_peers.h"

namespace crisp::nn {
namespace {

const std::vector<int64_t> kGroups{70, 200, 0, 130, 300, 1, 99, 150, 150};  // 1100 rows
constexpr int64_t kWindowRows = 420;
const std::atomic<bool> kGoOn = false;

/// What tells a row from all others.
float mark(const LabelledRows& rows, uint32_t row) { return rows.rows.at(row, 0); }

struct Job {
  std::vector<int64_t> categories{0, 0, 6, 0};
  NetShape shape = small_net(categories, 1, LossKind::logistic);
  NetTraining plan;
  Rows train = random_rows(1100, categories, 1), validation = random_rows(300, categories, 2), sample = random_rows(50, categories, 3);
  MemoryStream stream{train, kGroups, kWindowRows};
  int threads = 2;

  Job() {
    plan.epochs = 3;
    plan.batch = 150;  // two parts, of 128 rows and of 22
    plan.dropout = 0.2;
    plan.rate.rate = 0.02;
    plan.seed = 7;
  }

  std::vector<float> run(TrainingRun& run) const {
    FitData data = fit_data(sample, &validation);
    data.stream = &stream;
    return train_net(shape, plan, data, run, threads);
  }
  std::vector<float> run() const {
    TrainingRun nowhere;
    return run(nowhere);
  }
};

TEST(RowWindows, GiveEachRowOnceAnEpochInAnotherOrder) {
  const Job job;
  const RowWindows windows(job.stream, 7, {150, 128, 0, 1});
  std::map<int64_t, std::vector<float>> orders;
  std::map<int64_t, std::vector<int64_t>> groups;
  for (const int64_t epoch : {0, 1}) {
    int64_t place = 0;
    for (const RowWindows::Plan& plan : windows.of_epoch(epoch)) {
      EXPECT_EQ(plan.begin, place);
      groups[epoch].insert(groups[epoch].end(), plan.groups.begin(), plan.groups.end());
      EXPECT_LE(plan.end - plan.begin, kWindowRows);
      const RowWindow window = windows.read(plan, kGoOn);
      ASSERT_EQ(static_cast<int64_t>(window.order.size()), plan.end - plan.begin);
      for (const uint32_t row : window.order) orders[epoch].push_back(mark(window.labelled(), row));
      place = plan.end;
    }
    EXPECT_EQ(place, 1100);
  }
  EXPECT_NE(orders[0], orders[1]);
  EXPECT_NE(groups[0], groups[1]);
  std::vector<float> all;
  for (int64_t i = 0; i < 1100; ++i) all.push_back(job.train.matrix.view().at(i, 0));
  std::sort(all.begin(), all.end());
  for (auto& [epoch, order] : orders) {
    // Shuffled: a row's neighbours in the file are not its neighbours here.
    int64_t neighbours = 0;
    for (size_t i = 1; i < order.size(); ++i) neighbours += std::abs(std::find(all.begin(), all.end(), order[i]) - std::find(all.begin(), all.end(), order[i - 1])) <= 1;
    EXPECT_LT(neighbours, 30);
    std::sort(order.begin(), order.end());
    EXPECT_EQ(order, all);
  }
}

TEST(RowWindows, ShuffleOneWindowAnewInEachEpoch) {
  const Job job;
  const MemoryStream stream(job.train, {1100}, 1100);
  const RowWindows windows(stream, 7, {150, 128, 0, 1}), others(stream, 8, {150, 128, 0, 1});
  const auto order = [](const RowWindows& of, int64_t epoch) { return of.read(of.of_epoch(epoch).front(), kGoOn).order; };
  EXPECT_EQ(order(windows, 0), order(windows, 0));
  EXPECT_NE(order(windows, 0), order(windows, 1));
  EXPECT_NE(order(windows, 0), order(others, 0));
}

TEST(RowWindows, GiveAProcessItsPartsOfEachBatchFromFewGroups) {
  const Job job;
  for (const auto& [batch, part_rows, processes] : {std::tuple{120, 40, 2}, {120, 40, 3}, {150, 128, 2}, {90, 30, 3}}) {
    const RowWindows alone(job.stream, 7, {batch, part_rows, 0, 1});
    size_t read = 0;
    for (const RowWindows::Plan& plan : alone.of_epoch(1)) {
      const RowWindow whole = alone.read(plan, kGoOn);
      std::vector<int> seen(whole.order.size());
      int64_t held = 0;
      for (int rank = 0; rank < processes; ++rank) {
        const MemoryStream stream(job.train, kGroups, kWindowRows);
        const RowWindow own = RowWindows(stream, 7, {batch, part_rows, rank, processes}).read(plan, kGoOn);
        read += stream.read_groups.size();
        held += own.rows.rows();
        ASSERT_EQ(own.order.size(), whole.order.size());
        for (size_t begin = 0; begin < own.order.size(); begin += static_cast<size_t>(batch)) {
          const auto rows = std::min<int64_t>(batch, static_cast<int64_t>(own.order.size() - begin));
          const Share share = share_of((rows + part_rows - 1) / part_rows, rank, processes);
          for (int64_t i = 0; i < rows; ++i) {
            const size_t at = begin + static_cast<size_t>(i);
            EXPECT_EQ(own.target[own.order[at]], whole.target[whole.order[at]]);
            if (i < share.begin * part_rows || i >= std::min(rows, share.end * part_rows)) continue;
            ASSERT_LT(own.order[at], own.rows.rows());
            EXPECT_EQ(mark(own.labelled(), own.order[at]), mark(whole.labelled(), whole.order[at]));
            ++seen[at];
          }
        }
      }
      EXPECT_THAT(seen, testing::Each(1)) << batch << ", " << processes;
      EXPECT_EQ(held, plan.end - plan.begin);
    }
    // A group is read by all only where the ranges of all meet in it.
    EXPECT_LT(read, kGroups.size() * static_cast<size_t>(processes)) << batch << ", " << processes;
  }
}

TEST(RowFeed, CountsTheStepsBeforeAPlace) {
  const Job job;
  FitData data = fit_data(job.sample);
  data.stream = &job.stream;
  RowFeed feed(data, 7, {100, 100, 0, 1}, 100);
  int64_t steps = 0, windows = 0;
  for (int64_t place = 0; place < feed.rows(); ++steps) {
    EXPECT_EQ(feed.steps_before(0, place), steps);
    windows += feed.go_to(0, place, [] {});
    place += static_cast<int64_t>(feed.next(place).size());
  }
  EXPECT_GE(windows, 3);
  EXPECT_EQ(feed.steps_before(0, feed.rows()), steps);
}

TEST(Streaming, LearnsWhatIsToBeLearned) {
  Job job;
  job.plan.epochs = 12;
  TrainingRun run;
  job.run(run);
  EXPECT_LT(run.history.back()["validation_loss"].get<double>(), 0.6 * run.history[0]["train_loss"].get<double>());
}

TEST(Streaming, ThreadsDoNotChangeABit) {
  Job job;
  const std::vector<float> two = job.run();
  for (const int threads : {1, 5}) {
    job.threads = threads;
    EXPECT_EQ(job.run(), two);
  }
}

TEST(Streaming, SeveralProcessesMakeTheBitsOfOne) {
  for (const bool more : {false, true}) {
    Job job;
    job.threads = 1;
    if (more) {
      job.plan.batch = 260;  // three parts
      job.plan.class_weights = {0.3f, 2.0f};
      job.plan.accumulate = 2;
      job.plan.clip_norm = 0.05;
    }
    TrainingRun alone;
    const std::vector<float> expected = job.run(alone);
    for (const int processes : {2, 3}) {
      if (!more && processes == 3) continue;  // two parts
      ThreadCompany(processes).run([&](Peers& peers) {
        Job own;  // with a stream that no other thread reads
        own.plan = job.plan;
        own.threads = 1;
        TrainingRun run;
        run.peers = &peers;
        EXPECT_EQ(own.run(run), expected) << processes;
        EXPECT_EQ(run.history, alone.history) << processes;
      });
    }
  }
}

class StopAt {
 public:
  explicit StopAt(int64_t steps) : steps_(steps) {}
  void run(const Job& job, const std::string& directory) const {
    TrainingRun where = run_in(directory, true);
    where.after_step = [this](int64_t step) {
      if (step == steps_) std::raise(SIGTERM);
    };
    EXPECT_THROW(job.run(where), Interrupted) << steps_;
    clear_interrupt();
  }

 private:
  int64_t steps_;
};

TEST(Streaming, ResumesBitForBitFromEveryStep) {
  install_signal_handlers();
  const Job job;
  TrainingRun whole;
  const std::vector<float> expected = job.run(whole);
  const auto steps = whole.facts["steps"].get<int64_t>();
  EXPECT_GT(steps, 3 * 8);  // more than without windows
  for (int64_t step = 1; step < steps; step += 2) {
    const Scratch scratch;
    StopAt(step).run(job, scratch.path());
    TrainingRun rest = run_in(scratch.path(), true);
    ASSERT_EQ(job.run(rest), expected) << step;
    EXPECT_EQ(rest.history, whole.history) << step;
  }
}

TEST(Streaming, ADamagedGroupLeavesACheckpointFromWhichTheRestGoesOn) {
  Job job;
  const std::vector<float> expected = job.run();
  const Scratch scratch;
  TrainingRun where = run_in(scratch.path(), false);
  where.after_step = [&](int64_t step) {
    if (step == 5) job.stream.damaged = 4;
  };
  try {
    job.run(where);
    FAIL() << "nothing was damaged";
  } catch (const Error& error) {
    EXPECT_EQ(error.code(), Code::data);
    EXPECT_THAT(error.what(), testing::HasSubstr("row group 4 is damaged"));
    EXPECT_THAT(error.hint(), testing::HasSubstr("--resume"));
  }
  job.stream.damaged = -1;
  TrainingRun rest = run_in(scratch.path(), true);
  rest.after_step = [](int64_t step) { EXPECT_GT(step, 5); };
  EXPECT_EQ(job.run(rest), expected);
}

}  // namespace
}  // namespace crisp::nn
