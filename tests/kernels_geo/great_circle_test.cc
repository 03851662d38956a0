#include "kernels/geo/great_circle.h"

#include <gtest/gtest.h>

#include <cmath>
#include <vector>

#include "cuda/random.h"
#include "kernels/geo/great_circle_row.h"
#include "tests/engine.h"

namespace crisp {
namespace {

class GreatCircle : public EngineTest {};
CRISP_TEST_ENGINES(GreatCircle);

TEST_P(GreatCircle, KnownDistances) {
  // One degree of a meridian, antipodes, no way at all, and Lyon to Paris (haversine package:
  // 392.2172595594006 km).
  std::vector<double> lat1 = {0, 90, 45, 45.7597}, lon1 = {0, 0, 7, 4.8422};
  std::vector<double> lat2 = {1, -90, 45, 48.8567}, lon2 = {0, 0, 7, 2.3508}, out(4);
  haversine(exec(), {{lat1.data(), 4}, {lon1.data(), 4}, {lat2.data(), 4}, {lon2.data(), 4}}, 6371.0088,
            {out.data(), 4});
  EXPECT_NEAR(out[0], 6371.0088 * M_PI / 180, 1e-9);
  EXPECT_NEAR(out[1], 6371.0088 * M_PI, 1e-9);
  EXPECT_EQ(out[2], 0.0);
  EXPECT_NEAR(out[3], 392.2172595594006, 1e-9);
}

TEST_P(GreatCircle, BearingsOfTheCompass) {
  std::vector<double> from(4, 0), lat2 = {1, 0, -1, 0}, lon2 = {0, 1, 0, -1}, out(4);
  const ArrayView<const double> zero{from.data(), 4};
  bearing(exec(), {zero, zero, {lat2.data(), 4}, {lon2.data(), 4}}, {out.data(), 4});
  EXPECT_EQ(out, (std::vector<double>{0, 90, 180, 270}));
}

TEST(GreatCircleRow, IsSymmetricAndBoundedAnywhere) {
  for (uint64_t i = 0; i < 10'000; ++i) {
    const auto angle = [&](uint64_t k, double bound) { return (2 * random_uniform(1, k, i) - 1) * bound; };
    const double a = angle(0, 90), b = angle(1, 180), c = angle(2, 90), d = angle(3, 180);
    const double there = haversine_radians(a, b, c, d);
    ASSERT_GE(there, 0);
    ASSERT_LE(there, M_PI);
    ASSERT_NEAR(there, haversine_radians(c, d, a, b), 1e-7);
    const double course = bearing_degrees(a, b, c, d);
    ASSERT_GE(course, 0);
    ASSERT_LT(course, 360);
  }
  EXPECT_TRUE(std::isnan(haversine_radians(NAN, 0, 0, 0)));
  EXPECT_NEAR(haversine_radians(89.9999, 0, -89.9999, 180), M_PI, 1e-6);
}

}  // namespace
}  // namespace crisp
