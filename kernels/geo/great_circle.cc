#include "kernels/geo/great_circle.h"

#include "cuda/error.h"
#include "cuda/nvtx.h"
#include "kernels/geo/great_circle_row.h"

namespace crisp {

namespace gpu {  // great_circle.cu
void haversine(Exec& exec, const PointPairs& points, double radius, ArrayView<double> out);
void bearing(Exec& exec, const PointPairs& points, ArrayView<double> out);
}  // namespace gpu

namespace {

constexpr int64_t kGrain = 1 << 14;

void check(const PointPairs& points, int64_t size) {
  CRISP_ASSERT(points.lat1.size == size && points.lon1.size == size);
  CRISP_ASSERT(points.lat2.size == size && points.lon2.size == size);
}

}  // namespace

void haversine(Exec& exec, const PointPairs& p, double radius, ArrayView<double> out) {
  check(p, out.size);
  const NvtxRange range("haversine");
  if (exec.is_cuda()) return gpu::haversine(exec, p, radius, out);
  exec.threads().for_ranges(out.size, kGrain, [&](int64_t begin, int64_t end) {
    for (int64_t i = begin; i < end; ++i) {
      out[i] = radius * haversine_radians(p.lat1[i], p.lon1[i], p.lat2[i], p.lon2[i]);
    }
  });
}

void bearing(Exec& exec, const PointPairs& p, ArrayView<double> out) {
  check(p, out.size);
  const NvtxRange range("bearing");
  if (exec.is_cuda()) return gpu::bearing(exec, p, out);
  exec.threads().for_ranges(out.size, kGrain, [&](int64_t begin, int64_t end) {
    for (int64_t i = begin; i < end; ++i)
      out[i] = bearing_degrees(p.lat1[i], p.lon1[i], p.lat2[i], p.lon2[i]);
  });
}

}  // namespace crisp
