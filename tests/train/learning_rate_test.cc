#include "train/learning_rate.h"

#include <gtest/gtest.h>

#include <cmath>
#include <set>

#include "core/file_io.h"
#include "train/early_stopping.h"

namespace crisp {
namespace {

LearningRatePlan plan_of(const Json& json) {
  LearningRatePlan plan;
  plan.schedule = parse_schedule(json["schedule"].get<std::string>());
  plan.rate = json["rate"].get<double>();
  plan.gamma = json.value("gamma", plan.gamma);
  plan.every = json.value("every", plan.every);
  plan.milestones = json.value("milestones", plan.milestones);
  plan.period = json.value("period", plan.period);
  plan.period_factor = json.value("period_factor", plan.period_factor);
  plan.lowest = json.value("lowest", plan.lowest);
  plan.factor = json.value("factor", plan.factor);
  plan.patience = json.value("patience", plan.patience);
  plan.threshold = json.value("threshold", plan.threshold);
  plan.cooldown = json.value("cooldown", plan.cooldown);
  plan.maximise = json.value("maximise", plan.maximise);
  plan.warm_share = json.value("warm_share", plan.warm_share);
  plan.start_divisor = json.value("start_divisor", plan.start_divisor);
  plan.end_divisor = json.value("end_divisor", plan.end_divisor);
  plan.warmup = json.value("warmup", plan.warmup);
  plan.warmup_start = json.value("warmup_start", plan.warmup_start);
  return plan;
}

Json golden() {
  const std::string path = std::string(CRISP_TEST_DATA) + "/training/learning_rates.json";
  const std::vector<uint8_t> bytes = read_file(path, 1 << 20);
  return parse_json({reinterpret_cast<const char*>(bytes.data()), bytes.size()}, path)["entries"];
}

TEST(LearningRate, IsThatOfPyTorchAtEveryTick) {
  std::set<std::string> seen;
  for (const Json& entry : golden()) {
    seen.insert(entry["plan"]["schedule"].get<std::string>());
    LearningRate rate(plan_of(entry["plan"]));
    for (size_t tick = 0; tick < entry["rates"].size(); ++tick) {
      const double wanted = entry["rates"][tick].get<double>();
      ASSERT_NEAR(rate.at(static_cast<int64_t>(tick)), wanted, 1e-12 * wanted) << entry["plan"].dump() << " tick " << tick;
      if (entry.contains("metrics")) rate.observe(entry["metrics"][tick].get<double>());
    }
  }
  EXPECT_EQ(seen.size(), 8u) << "a schedule without a golden table";
}

TEST(LearningRate, GoesOnFromItsStateAsIfNeverStopped) {
  for (const Json& entry : golden()) {
    if (!entry.contains("metrics")) continue;
    LearningRate whole(plan_of(entry["plan"]));
    for (size_t tick = 0; tick < entry["metrics"].size(); ++tick) {
      LearningRate resumed(plan_of(entry["plan"]));
      resumed.restore(parse_json(to_text(whole.state()), "state"));
      whole.observe(entry["metrics"][tick].get<double>());
      resumed.observe(entry["metrics"][tick].get<double>());
      ASSERT_EQ(whole.state(), resumed.state()) << tick;
      ASSERT_EQ(whole.at(5), resumed.at(5));
    }
  }
}

TEST(LearningRate, RefusesNumbersOutOfRangeAndForeignStates) {
  const auto refused = [](auto change) {
    LearningRatePlan plan;
    change(plan);
    EXPECT_THROW(LearningRate{plan}, Error);
  };
  refused([](auto& plan) { plan.rate = -1e-3; });
  refused([](auto& plan) { plan.rate = NAN; });
  refused([](auto& plan) { plan.gamma = 1.5; });
  refused([](auto& plan) { plan.milestones = {5, 3}; });
  refused([](auto& plan) { plan.period = 0; });
  refused([](auto& plan) { plan.lowest = 1; });
  refused([](auto& plan) { plan.warmup = -1; });
  EXPECT_THROW(parse_schedule("cosinus"), Error);
  LearningRate rate{LearningRatePlan()};
  for (const Json& state : {Json(), Json::array(), Json{{"bad", 1}}, Json{{"bad", 0}, {"cooling", 0}, {"rate", 5.0}}}) {
    EXPECT_THROW(rate.restore(state), Error) << state.dump();
  }
}

TEST(EarlyStopping, BearsPatienceTicksAndRemembersTheBest) {
  EarlyStopping stop({.patience = 3, .min_delta = 0.1});
  for (const double metric : {1.0, 0.95, 0.8, 0.75, double(NAN)}) stop.observe(metric);
  EXPECT_EQ(stop.best_tick(), 2) << "0.75 gains less than min_delta";
  EXPECT_FALSE(stop.should_stop());
  EXPECT_FALSE(stop.observe(0.71));
  EXPECT_TRUE(stop.should_stop());
  EXPECT_EQ(stop.best(), 0.8);
}

TEST(EarlyStopping, MaximisesAndNeverStopsWithoutPatience) {
  EarlyStopping stop({.patience = 0, .maximise = true});
  EXPECT_FALSE(stop.observe(NAN));
  EXPECT_TRUE(stop.observe(0.5));
  for (int i = 0; i < 100; ++i) EXPECT_FALSE(stop.observe(0.5));
  EXPECT_FALSE(stop.should_stop());
  EXPECT_EQ(stop.best_tick(), 1);
}

TEST(EarlyStopping, GoesOnFromItsState) {
  EarlyStopping first({.patience = 2});
  for (const double metric : {3.0, double(INFINITY), 2.0, 2.5}) first.observe(metric);
  EarlyStopping second({.patience = 2});
  second.restore(parse_json(to_text(first.state()), "state"));
  EXPECT_EQ(second.best_tick(), 2);
  second.observe(2.2);
  EXPECT_TRUE(second.should_stop());
  EXPECT_THROW(EarlyStopping({}).restore(Json{{"history", {"x"}}}), Error);
}

}  // namespace
}  // namespace crisp
