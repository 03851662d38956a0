#include "train/checkpoint.h"

#include <gtest/gtest.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>

#include "core/atomic_file.h"
#include "cuda/random.h"
#include "tests/core/scratch.h"

namespace crisp {
namespace {

/// Everything in it follows from the step, so a mixture of two would show.
Checkpoint of_step(int64_t step) {
  Checkpoint checkpoint;
  checkpoint.step = step;
  const std::vector<double> values(1000, static_cast<double>(step));
  checkpoint.arrays.put<double>("w", values);
  checkpoint.state = {{"epoch", step * 2}};
  return checkpoint;
}

void expect_whole(const Checkpoint& checkpoint) {
  EXPECT_EQ(checkpoint.arrays.get<double>("w"), std::vector<double>(1000, static_cast<double>(checkpoint.step)));
  EXPECT_EQ(checkpoint.state["epoch"], checkpoint.step * 2);
}

TEST(Checkpoints, TheNewestThreeAndTheBestStay) {
  const Scratch scratch;
  CheckpointStore store(scratch.path() + "/checkpoints");
  EXPECT_FALSE(store.newest());
  for (int64_t step = 1; step <= 6; ++step) store.save(of_step(step), step == 2);
  EXPECT_EQ(store.steps(), (std::vector<int64_t>{2, 4, 5, 6}));
  expect_whole(*store.newest());
  EXPECT_EQ(store.newest()->step, 6);
  EXPECT_EQ(store.best()->step, 2);
  store.save(of_step(7), true);
  EXPECT_EQ(store.steps(), (std::vector<int64_t>{5, 6, 7}));
  EXPECT_EQ(store.best()->step, 7);
}

TEST(Checkpoints, ADamagedOneIsSkippedAndAnUnfinishedOneRemoved) {
  const Scratch scratch;
  CheckpointStore store(scratch.path());
  store.save(of_step(1), false);
  store.save(of_step(2), true);
  write_file_atomically(scratch.path() + "/step-000000000002/arrays.safetensors", "damaged");
  std::filesystem::create_directory(scratch.path() + "/step-000000000003");
  EXPECT_EQ(store.newest()->step, 1);
  EXPECT_FALSE(store.best());
  std::filesystem::create_directory(scratch.path() + "/step-mine");
  store.save(of_step(4), false);
  EXPECT_FALSE(std::filesystem::exists(scratch.path() + "/step-000000000003"));
  EXPECT_TRUE(std::filesystem::exists(scratch.path() + "/step-mine")) << "what is not ours stays";
}

TEST(Checkpoints, AKillAtAnyMomentLeavesAWholeOne) {
  const Scratch scratch;
  int64_t last = 0;
  // On a busy machine the first ones may come before anything was written.
  for (uint64_t kill = 0; kill < 25 || (last == 0 && kill < 250); ++kill) {
    const pid_t child = ::fork();
    if (child == 0) {
      CheckpointStore store(scratch.path());
      for (int64_t step = last + 1;; ++step) store.save(of_step(step), step % 5 == 0);
    }
    ::usleep(static_cast<useconds_t>(2000 + random_bits(1, 2, kill) % 30000));
    ::kill(child, SIGKILL);
    ::waitpid(child, nullptr, 0);
    const CheckpointStore store(scratch.path());
    const auto newest = store.newest();
    if (!newest) continue;  // killed before the first
    expect_whole(*newest);
    EXPECT_GE(newest->step, last) << "a finished checkpoint was lost";
    last = newest->step;
  }
  EXPECT_GT(last, 0);
}

}  // namespace
}  // namespace crisp
