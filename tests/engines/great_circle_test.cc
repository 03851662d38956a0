#include "kernels/geo/great_circle.h"

#include <cmath>

#include "cuda/random.h"
#include "cuda/staging.h"
#include "tests/engine.h"

namespace crisp {
namespace {

constexpr double kRadius = 6371.0088;

struct Columns {
  std::vector<double> lat1, lon1, lat2, lon2;
  PointPairs view() const {
    const auto column = [](const std::vector<double>& v) {
      return ArrayView<const double>{v.data(), static_cast<int64_t>(v.size())};
    };
    return {column(lat1), column(lon1), column(lat2), column(lon2)};
  }
};

/// Random pairs, then the awkward ones: equal points, poles, antipodes, the date line, NaN.
Columns some_pairs(uint64_t count) {
  Columns out{{0, 90, 0, 10, std::nan(""), 45}, {0, 0, 0, 179.9, 0, -180}, {0, -90, 0, 10, 1, 45}, {0, 0, 180, -179.9, 1, 180}};
  for (uint64_t i = 0; i < count; ++i) {
    out.lat1.push_back(random_uniform(1, 0, i) * 180 - 90);
    out.lon1.push_back(random_uniform(1, 1, i) * 360 - 180);
    out.lat2.push_back(out.lat1.back() + (i % 2 ? 1e-5 : 0.5) * random_uniform(1, 2, i));
    out.lon2.push_back(out.lon1.back() + random_uniform(1, 3, i));
  }
  return out;
}

class GreatCircleEngines : public EngineTest {
 protected:
  /// The contract: 1e-15 relative, four units in the last place of the libraries' sine and cosine.
  static void expect_close(const std::vector<double>& a, const std::vector<double>& b, double scale) {
    for (size_t i = 0; i < a.size(); ++i) {
      ASSERT_EQ(std::isnan(a[i]), std::isnan(b[i])) << i;
      if (std::isnan(a[i])) continue;
      ASSERT_NEAR(a[i], b[i], 4e-15 * scale) << i;
    }
  }
};
CRISP_TEST_ENGINES(GreatCircleEngines);

TEST_P(GreatCircleEngines, AgreeOnDistanceAndBearing) {
  const Columns pairs = some_pairs(3000);
  const auto size = static_cast<int64_t>(pairs.lat1.size());
  std::vector<double> out(pairs.lat1.size()), expected(pairs.lat1.size());
  haversine(exec(), pairs.view(), kRadius, {out.data(), size});
  haversine(cpu(), pairs.view(), kRadius, {expected.data(), size});
  expect_close(out, expected, kRadius);
  bearing(exec(), pairs.view(), {out.data(), size});
  bearing(cpu(), pairs.view(), {expected.data(), size});
  expect_close(out, expected, 360);
}

TEST_P(GreatCircleEngines, TakeDeviceColumnsInPlace) {
  if (!exec().is_cuda()) GTEST_SKIP() << "no device memory";
  const Columns pairs = some_pairs(100);
  const auto size = static_cast<int64_t>(pairs.lat1.size());
  const PointPairs host = pairs.view();
  const DeviceInput<double> lat1(exec(), host.lat1), lon1(exec(), host.lon1), lat2(exec(), host.lat2), lon2(exec(), host.lon2);
  const DeviceBuffer<double> out(exec(), size);
  haversine(exec(), {lat1.view(), lon1.view(), lat2.view(), lon2.view()}, kRadius, out.view());
  std::vector<double> values(pairs.lat1.size()), expected(pairs.lat1.size());
  out.download(exec(), values.data(), size);
  haversine(exec(), host, kRadius, {expected.data(), size});
  expect_close(values, expected, 0);
}

TEST_P(GreatCircleEngines, TakeEmptyColumns) { haversine(exec(), {}, kRadius, {}); }

}  // namespace
}  // namespace crisp
