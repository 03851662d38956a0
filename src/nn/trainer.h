/// The training loop: epochs of steps, with a schedule, early stopping, checkpoints and resumption.
#pragma once

#include <chrono>
#include <future>
#include <optional>

#include "nn/batch_step.h"
#include "nn/row_feed.h"
#include "train/checkpoint.h"
#include "train/event_file.h"

namespace crisp::nn {

/// Everything that the next step depends on, besides data and plan. Equal state, equal rest of the run, bit for bit.
struct Place {
  int64_t epoch = 0, place = 0, step = 0;  ///< place: rows of the epoch that are done
  double loss = 0, weight = 0;             ///< of the epoch by now
  double rate_factor = 1;                  ///< halved where the loss was no number
  int64_t rollbacks = 0;
};

class Trainer {
 public:
  Trainer(Exec& exec, BatchStep& step, const NetTraining& training, const FitData& data, TrainingRun& run);

  /// Trains to the end, and gives the parameters: the best epoch's, or the last's. Where the run looks for a rate it is swept, and
  /// the start given. Interrupted (resumable where there is a run directory) on a signal; Code::data where the loss stays no number.
  std::vector<float> train(const Tensors& start);

 private:
  void begin();
  /// What has to be alike in all processes: data, plan, the parameters to begin with.
  uint64_t fingerprint() const;
  void restore(const Checkpoint& saved);
  [[noreturn]] void give_up(const LostPeer& lost);
  void take_place(const Checkpoint& from);
  void sweep_rates();
  void run_epoch();
  std::span<const uint32_t> next_rows();
  void fetch_rows();
  void one_step(std::span<const uint32_t> index);
  bool count_losses(bool all);
  bool settle();
  void roll_back(int64_t batch);
  void end_epoch();
  bool finished() const;
  double rate() const;

  Checkpoint checkpoint() const;
  void save_checkpoint();
  void finish_saving();
  void save_if_due(bool epoch_ended);
  void stop_if_asked();
  Json identity() const;
  void show();
  void tell_curves(const Json& record);
  void remember();

  using Clock = std::chrono::steady_clock;

  Exec& exec_;
  BatchStep& step_;
  const NetTraining& training_;
  const FitData& data_;
  TrainingRun& run_;
  Learned now_, good_;       ///< good_: at the epoch's start, where to go back to when the loss is no number
  std::vector<float> best_;
  std::vector<float> whole_; ///< parameters before the step at hand, where it may leave them half changed
  Matrix outputs_;           ///< for the validation rows, where they are judged
  RowFeed feed_;
  LearningRate schedule_;
  EarlyStopping stopping_;
  Place at_;
  std::optional<CheckpointStore> store_;
  std::future<void> saving_;  ///< of the newest checkpoint; after store_, which it writes to
  std::optional<EventFile> events_;
  int64_t saved_step_ = -1;
  bool best_is_new_ = false;
  Clock::time_point start_, saved_at_, shown_at_;
  double saving_seconds_ = 0;
  int64_t first_step_ = 0, learned_rows_ = 0;  ///< of this run, not of the one that it goes on with
};

}  // namespace crisp::nn
