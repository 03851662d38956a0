#include "train/learning_rate.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <numbers>

#include "cuda/error.h"

namespace crisp {
namespace {

using Schedule = LearningRatePlan::Schedule;

constexpr std::array<std::pair<Schedule, const char*>, 8> kNames{{{Schedule::constant, "constant"},
                                                                  {Schedule::step, "step"},
                                                                  {Schedule::multi_step, "multi_step"},
                                                                  {Schedule::exponential, "exponential"},
                                                                  {Schedule::cosine, "cosine"},
                                                                  {Schedule::cosine_restarts, "cosine_restarts"},
                                                                  {Schedule::plateau, "plateau"},
                                                                  {Schedule::one_cycle, "one_cycle"}}};

/// From `begin` to `end` along half a cosine; `done` 0 to 1.
double cosine_between(double begin, double end, double done) {
  return end + (begin - end) / 2 * (1 + std::cos(std::numbers::pi * done));
}

/// Place and length of the cycle that holds `tick`, whose cycles grow by `factor`.
std::pair<int64_t, int64_t> cycle_of(int64_t tick, int64_t period, int64_t factor) {
  if (factor == 1) return {tick % period, period};
  while (tick >= period) {
    tick -= period;
    period *= factor;
  }
  return {tick, period};
}

double one_cycle(const LearningRatePlan& plan, int64_t tick) {
  // The last tick of the period is its end, and the peak may lie between two ticks.
  const double last = static_cast<double>(plan.period - 1);
  const double peak = plan.warm_share * static_cast<double>(plan.period) - 1;
  const double start = plan.rate / plan.start_divisor, end = start / plan.end_divisor;
  const double now = std::min(static_cast<double>(tick), last);
  return peak > 0 && now <= peak ? cosine_between(start, plan.rate, now / peak)
                     : cosine_between(plan.rate, end, (now - peak) / (last - peak));
}

void require(bool right, const char* what) {
  CRISP_REQUIRE(right, Code::config, "learning rate: ", what);
}

}  // namespace

void LearningRatePlan::check() const {
  require(rate >= 0 && std::isfinite(rate), "the rate must be at least 0");
  require(gamma > 0 && gamma <= 1, "gamma must be above 0 and at most 1");
  require(every >= 1, "every must be at least 1");
  require(std::is_sorted(milestones.begin(), milestones.end()) && (milestones.empty() || milestones[0] >= 1),
          "milestones must ascend and be at least 1");
  require(period >= 1 && period_factor >= 1, "period and period_factor must be at least 1");
  require(schedule != Schedule::one_cycle || period >= 2, "one_cycle needs a period of at least 2");
  require(lowest >= 0 && lowest <= rate, "lowest must be from 0 to the rate");
  require(factor > 0 && factor < 1, "factor must be between 0 and 1");
  require(patience >= 0 && cooldown >= 0, "patience and cooldown must be at least 0");
  require(threshold >= 0 && threshold < 1, "threshold must be from 0 to 1");
  require(warm_share > 0 && warm_share < 1, "warm_share must be between 0 and 1");
  require(start_divisor >= 1 && end_divisor >= 1, "start_divisor and end_divisor must be at least 1");
  require(warmup >= 0 && warmup_start > 0 && warmup_start <= 1, "warmup must be at least 0, warmup_start above 0 and at most 1");
  require(schedule != Schedule::one_cycle || warmup == 0, "one_cycle has a rise of its own: leave out warmup");
}

const char* schedule_name(Schedule schedule) {
  for (const auto& [known, name] : kNames) {
    if (known == schedule) return name;
  }
  fail(Code::bug, "a schedule without a name");
}

Schedule parse_schedule(const std::string& name) {
  std::vector<std::string> names;
  for (const auto& [schedule, known] : kNames) {
    if (name == known) return schedule;
    names.push_back(known);
  }
  const std::string nearest = nearest_name(name, names);
  throw Error(Code::config, concat("unknown learning rate schedule '", name, "'"),
              nearest.empty() ? "the schedules are constant, step, multi_step, exponential, cosine, cosine_restarts, "
                                "plateau and one_cycle"
                              : concat("did you mean '", nearest, "'?"));
}

LearningRate::LearningRate(const LearningRatePlan& plan) : plan_(plan), reduced_(plan.rate) { plan_.check(); }

double LearningRate::at(int64_t tick) const {
  CRISP_ASSERT(tick >= 0);
  if (tick >= plan_.warmup) return scheduled(tick - plan_.warmup);
  const double done = static_cast<double>(tick) / static_cast<double>(plan_.warmup);
  return plan_.rate * (plan_.warmup_start + (1 - plan_.warmup_start) * done);
}

double LearningRate::scheduled(int64_t tick) const {
  const auto power = [&](int64_t times) { return plan_.rate * std::pow(plan_.gamma, static_cast<double>(times)); };
  switch (plan_.schedule) {
    case Schedule::constant:
      return plan_.rate;
    case Schedule::step:
      return power(tick / plan_.every);
    case Schedule::multi_step:
      return power(std::upper_bound(plan_.milestones.begin(), plan_.milestones.end(), tick) - plan_.milestones.begin());
    case Schedule::exponential:
      return power(tick);
    case Schedule::cosine:
      return cosine_between(plan_.rate, plan_.lowest, static_cast<double>(tick) / static_cast<double>(plan_.period));
    case Schedule::cosine_restarts: {
      const auto [place, length] = cycle_of(tick, plan_.period, plan_.period_factor);
      return cosine_between(plan_.rate, plan_.lowest, static_cast<double>(place) / static_cast<double>(length));
    }
    case Schedule::plateau:
      return reduced_;
    case Schedule::one_cycle:
      return one_cycle(plan_, tick);
  }
  fail(Code::bug, "a schedule without a rule");
}

void LearningRate::observe(double metric) {
  if (plan_.schedule != Schedule::plateau) return;
  const double sign = plan_.maximise ? 1 : -1;
  // Relative to the best so far, as PyTorch's default mode "rel" measures it.
  const bool better = !std::isnan(metric) && (!best_ || sign * metric > sign * *best_ * (1 + sign * plan_.threshold));
  if (better) best_ = metric;
  bad_ = better ? 0 : bad_ + 1;
  if (cooling_ > 0) {
    --cooling_;
    bad_ = 0;
  }
  if (bad_ <= plan_.patience) return;
  constexpr double kLeast = 1e-8;  // smaller reductions are not worth a new rate
  const double next = std::max(reduced_ * plan_.factor, plan_.lowest);
  if (reduced_ - next > kLeast) reduced_ = next;
  cooling_ = plan_.cooldown;
  bad_ = 0;
}

Json LearningRate::state() const {
  return {{"rate", reduced_}, {"best", best_ ? Json(*best_) : Json(nullptr)}, {"bad", bad_}, {"cooling", cooling_}};
}

void LearningRate::restore(const Json& state) {
  const auto count = [&](const char* key) {
    CRISP_REQUIRE(state.is_object() && state.contains(key) && state[key].is_number_integer() && state[key] >= 0, Code::data,
                  "the learning rate's state has no '", key, "'");
    return state[key].get<int64_t>();
  };
  bad_ = count("bad");
  cooling_ = count("cooling");
  const Json rate = state.value("rate", Json()), best = state.value("best", Json());
  CRISP_REQUIRE(rate.is_number() && rate > 0 && rate <= plan_.rate && (best.is_null() || best.is_number()), Code::data,
                "the learning rate's state has no rate in range, or no best metric");
  reduced_ = rate.get<double>();
  best_ = best.is_null() ? std::nullopt : std::optional<double>(best.get<double>());
}

}  // namespace crisp
