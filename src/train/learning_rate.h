/// Learning rates over training time, as PyTorch's torch.optim.lr_scheduler defines them.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "core/json.h"

namespace crisp {

/// Which schedule, and its numbers; those that a schedule does not speak of are not looked at. Time is counted in ticks from 0:
/// epochs or steps, as the loop says.
struct LearningRatePlan {
  enum class Schedule { constant, step, multi_step, exponential, cosine, cosine_restarts, plateau, one_cycle };

  Schedule schedule = Schedule::constant;
  double rate = 1e-3;                ///< the base rate; of one_cycle the highest
  double gamma = 0.1;                ///< step, multi_step, exponential: the factor
  int64_t every = 10;                ///< step: ticks between factors
  std::vector<int64_t> milestones;   ///< multi_step: ticks, ascending
  int64_t period = 100;              ///< cosine: ticks to the lowest rate; cosine_restarts: of the first cycle; one_cycle: all
  int64_t period_factor = 1;         ///< cosine_restarts: each cycle is so many times the one before
  double lowest = 0;                 ///< cosine, cosine_restarts, plateau: the rate never falls below
  double factor = 0.1;               ///< plateau: what a reduction multiplies by
  int64_t patience = 10;             ///< plateau: observations without improvement that are borne
  double threshold = 1e-4;           ///< plateau: the relative improvement that counts
  int64_t cooldown = 0;              ///< plateau: observations after a reduction that do not count
  bool maximise = false;             ///< plateau: the metric is better when it is larger
  double warm_share = 0.3;           ///< one_cycle: the part of the period in which the rate rises
  double start_divisor = 25;         ///< one_cycle: rate / this at the start
  double end_divisor = 1e4;          ///< one_cycle: the start's rate / this at the end
  int64_t warmup = 0;                ///< any but one_cycle: ticks of a linear rise before the schedule begins at its tick 0
  double warmup_start = 1.0 / 3;     ///< the share of the rate at tick 0 of the rise

  /// Code::config naming the number that is out of range.
  void check() const;
};

/// "constant", "step", ...; parse is Code::config naming the nearest one.
const char* schedule_name(LearningRatePlan::Schedule schedule);
LearningRatePlan::Schedule parse_schedule(const std::string& name);

/// The rate at each tick. A function of the tick alone, but for plateau, which also follows what observe() was told.
class LearningRate {
 public:
  explicit LearningRate(const LearningRatePlan& plan);

  /// tick >= 0. Beyond its period cosine goes up again and one_cycle stays at its end.
  double at(int64_t tick) const;
  /// plateau: the metric after a tick; others ignore it. NaN never improves.
  void observe(double metric);

  /// What observe() left, for checkpoints.
  Json state() const;
  /// Inverse; Code::data for anything else.
  void restore(const Json& state);

 private:
  double scheduled(int64_t tick) const;

  LearningRatePlan plan_;
  double reduced_;               // plateau: the rate by now
  std::optional<double> best_;   // plateau
  int64_t bad_ = 0, cooling_ = 0;
};

}  // namespace crisp
