// GPU engine: pairs are independent rows, so the row launcher does all. 40 bytes a pair, read and written coalesced;
// some 100 double operations a pair make it compute-bound on every card whose double rate is 1/32 or 1/64 (T4, L4, A10G).
#include "cuda/launch.h"
#include "cuda/staging.h"
#include "kernels/geo/great_circle.h"
#include "kernels/geo/great_circle_row.h"

namespace crisp::gpu {
namespace {

struct HaversineRow {
  PointPairs points;
  double radius;
  double* out;
  CRISP_HD void operator()(int64_t i) const {
    out[i] = radius * haversine_radians(points.lat1[i], points.lon1[i], points.lat2[i], points.lon2[i]);
  }
};

struct BearingRow {
  PointPairs points;
  double* out;
  CRISP_HD void operator()(int64_t i) const {
    out[i] = bearing_degrees(points.lat1[i], points.lon1[i], points.lat2[i], points.lon2[i]);
  }
};

/// The four columns on the device.
struct DevicePairs {
  DeviceInput<double> lat1, lon1, lat2, lon2;
  DevicePairs(Exec& exec, const PointPairs& p)
      : lat1(exec, p.lat1), lon1(exec, p.lon1), lat2(exec, p.lat2), lon2(exec, p.lon2) {}
  PointPairs view() const { return {lat1.view(), lon1.view(), lat2.view(), lon2.view()}; }
};

}  // namespace

void haversine(Exec& exec, const PointPairs& points, double radius, ArrayView<double> out) {
  const DevicePairs pairs(exec, points);
  DeviceOutput<double> target(exec, out);
  launch_rows(exec, out.size, HaversineRow{pairs.view(), radius, target.data()});
  target.finish(exec);
}

void bearing(Exec& exec, const PointPairs& points, ArrayView<double> out) {
  const DevicePairs pairs(exec, points);
  DeviceOutput<double> target(exec, out);
  launch_rows(exec, out.size, BearingRow{pairs.view(), target.data()});
  target.finish(exec);
}

}  // namespace crisp::gpu
