#include "kernels/histogram/weighted_quantile.h"

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <numeric>
#include <vector>

namespace crisp {
namespace {

double plain_quantile(std::span<const float> values, double share) {
  std::vector<float> sorted(values.begin(), values.end());
  const int64_t place = std::max<int64_t>(0, std::llround(std::ceil(share * static_cast<double>(sorted.size()))) - 1);
  std::nth_element(sorted.begin(), sorted.begin() + place, sorted.end());
  return sorted[static_cast<size_t>(place)];
}

}  // namespace

double weighted_quantile(std::span<const float> values, std::span<const float> weights, double share) {
  if (values.empty()) return 0;
  if (weights.empty()) return plain_quantile(values, share);
  std::vector<size_t> order(values.size());
  std::iota(order.begin(), order.end(), size_t{0});
  std::sort(order.begin(), order.end(), [&](size_t a, size_t b) { return values[a] != values[b] ? values[a] < values[b] : a < b; });
  const double all = std::accumulate(weights.begin(), weights.end(), 0.0);
  double below = 0;
  for (const size_t i : order) {
    below += weights[i];
    if (below >= share * all) return values[i];
  }
  return values[order.back()];  // sums in another order may fall short of the whole by a rounding
}

}  // namespace crisp
