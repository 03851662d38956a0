// The main job's recipe on made-up events whose features are known by hand.
#include <gtest/gtest.h>

#include <cmath>

#include "tests/prepare/tables.h"

namespace crisp {
namespace {

constexpr const char* kRecipe = R"json([
  {"step": "drop_missing", "columns": ["latitude", "longitude"]},
  {"step": "check", "latitude": "latitude", "longitude": "longitude"},
  {"step": "sessionise", "by": ["sensor_id"], "time": "timestamp", "gap_seconds": 600, "into": "trip_id"},
  {"step": "derive", "columns": {
     "hours": "(timestamp - previous(timestamp, trip_id)) / 3600",
     "distance": "haversine(previous(latitude, trip_id), previous(longitude, trip_id), latitude, longitude)",
     "speed": "distance / hours",
     "acceleration": "(speed - previous(speed, trip_id)) / (hours * 3600)"}},
  {"step": "aggregate", "by": ["trip_id"], "min_rows": 3,
   "columns": {"sensor_id": "first(sensor_id)", "start": "first(timestamp)",
     "time": "(last(timestamp) - first(timestamp)) / 3600", "length": "sum(distance)",
     "distance_per_second": "length / (time * 3600)",
     "fast_accelerations": "count_above(acceleration, 0.05)",
     "slow_accelerations": "count_below(acceleration, -0.05)"},
   "statistics": [
     {"of": "speed", "take": ["mean", "std", "min", "max", "p10", "p30", "p70", "p90"]},
     {"of": "acceleration", "take": ["mean", "std", "min", "max", "p10", "p30", "p70", "p90"]},
     {"of": "distance", "take": ["mean", "std", "min", "max", "p10", "p30", "p70", "p90"]}]}
])json";

/// Two trips of one vehicle northwards along a meridian, one minute a step; the second has only two events.
Table events() {
  const Table plain =
      Table()
          .with_texts("sensor_id", {"v", "v", "v", "v", "v", "v", "v"})
          .with_texts("timestamp", {"2020-12-01T00:00:00Z", "2020-12-01T00:01:00Z", "2020-12-01T00:02:00Z",
                                    "2020-12-01T00:03:00Z", "2020-12-01T00:04:00Z", "2020-12-01T02:00:00Z",
                                    "2020-12-01T02:01:00Z"})
          .with_numbers("latitude", {40.00, 40.01, 40.03, NAN, 40.04, 40.0, 40.1})
          .with_numbers("longitude", {-74, -74, -74, -74, -74, -74, -74});
  return run_steps(plain, R"([{"step": "cast", "columns": {"timestamp": "timestamp"}}])");
}

TEST(Telematics, TripFeaturesAreThoseComputedByHand) {
  StepLog log;
  const Table trips = run_steps(events(), kRecipe, &log);
  ASSERT_EQ(trips.rows(), 1);
  EXPECT_EQ(trips.columns(), 3 + 29);
  const double degree = 6371.0088 / 1.609344 * M_PI / 180;  // miles
  const auto value = [&](const char* name) { return trips.numbers(name)[0]; };
  EXPECT_EQ(trips.texts("trip_id")[0], "v/1");
  EXPECT_EQ(trips.texts("start")[0], "2020-12-01T00:00:00Z");
  EXPECT_NEAR(value("time"), 4.0 / 60, 1e-12);
  EXPECT_NEAR(value("length"), 0.04 * degree, 1e-9);
  EXPECT_NEAR(value("distance_per_second"), 0.04 * degree / 240, 1e-12);
  // Steps of 0.01, 0.02 and 0.01 degrees in 1, 1 and 2 minutes.
  EXPECT_NEAR(value("speed_max"), 0.02 * degree * 60, 1e-6);
  EXPECT_NEAR(value("speed_min"), 0.01 * degree * 30, 1e-6);
  EXPECT_NEAR(value("speed_p70"), (0.01 + 0.4 * 0.01) * degree * 60, 1e-6);
  EXPECT_NEAR(value("distance_mean"), 0.04 / 3 * degree, 1e-9);
  EXPECT_NEAR(value("distance_std"), std::sqrt(2.0 / 3) * 0.01 / std::sqrt(2.0) * degree, 1e-9);
  EXPECT_NEAR(value("acceleration_max"), 0.01 * degree * 60 / 60, 1e-6);
  EXPECT_NEAR(value("acceleration_mean"), (0.01 - 0.0075) * degree / 2, 1e-6);
  EXPECT_EQ(value("fast_accelerations"), 1);
  EXPECT_EQ(value("slow_accelerations"), 1);
  EXPECT_EQ(log[0].notes.at(0), "1 row with a missing value dropped");
  EXPECT_EQ(log[4].notes.at(0), "1 group under 3 rows dropped, with 2 rows");
}

}  // namespace
}  // namespace crisp
