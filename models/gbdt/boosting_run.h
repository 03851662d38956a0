/// A boosting from its first round to its last: early stopping, checkpoints, resumption, what people see.
#pragma once

#include <chrono>
#include <functional>
#include <optional>

#include "models/gbdt/boosting.h"
#include "train/checkpoint.h"
#include "train/event_file.h"

namespace crisp {

class BoostingRun {
 public:
  /// identity: what the rounds depend on; a checkpoint of another is refused.
  BoostingRun(Booster& booster, const BoostingPlan& plan, Json identity, TrainingRun& run);

  /// The best round's model, or the last's. Interrupted (resumable where there is a run directory) on a signal.
  TreeParts train();

 private:
  using Clock = std::chrono::steady_clock;

  void begin();
  void restore(const Checkpoint& saved);
  bool finished() const;
  void judge();
  std::vector<double> validation_figures() const;
  void save_if_due();
  void save();
  void stop_if_asked();
  [[noreturn]] void give_up(const LostPeer& lost);
  void show() const;
  void remember();

  Booster& booster_;
  const BoostingPlan& plan_;
  Json identity_;
  TrainingRun& run_;
  EarlyStopping stopping_;
  std::optional<CheckpointStore> store_;
  std::optional<EventFile> events_;
  bool exhausted_ = false;   ///< no tree could part its rows any more
  int64_t done_ = 0;         ///< rounds that are grown and judged
  bool best_is_new_ = false;
  int64_t first_round_ = 0, saved_round_ = -1;
  double saving_seconds_ = 0;
  Clock::time_point start_, saved_at_;
};

}  // namespace crisp
