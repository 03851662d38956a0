#include "train/threshold.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>
#include <vector>

#include "cuda/error.h"

namespace crisp {
namespace {

struct MethodInfo {
  ThresholdRule::Method method;
  const char* name;
  double low, high;  // the range of k
  double usual;
};

constexpr std::array<MethodInfo, 4> kMethods{{
    {ThresholdRule::Method::mean_std, "mean_std", 0.0, 100.0, 3.0},
    {ThresholdRule::Method::quantile, "quantile", 0.0, 1.0, 0.99},
    {ThresholdRule::Method::contamination, "contamination", 0.0, 1.0, 0.01},
    {ThresholdRule::Method::fixed, "fixed", -1e300, 1e300, std::numeric_limits<double>::quiet_NaN()},
}};

double mean_plus_k_std(std::span<const double> scores, double k) {
  double mean = 0;
  for (const double score : scores) mean += score;
  mean /= static_cast<double>(scores.size());
  double squares = 0;
  for (const double score : scores) squares += (score - mean) * (score - mean);
  const double freedom = static_cast<double>(scores.size()) - 1;
  return mean + (freedom > 0 ? k * std::sqrt(squares / freedom) : 0.0);
}

}  // namespace

ThresholdRule ThresholdRule::parse(const std::string& method, double k) {
  for (const MethodInfo& info : kMethods) {
    if (method != info.name) continue;
    CRISP_REQUIRE(k >= info.low && k <= info.high, Code::config, "threshold ", method, ": ", k, " is outside ",
                  info.low, " to ", info.high);
    return {info.method, k};
  }
  throw Error(Code::config, concat("unknown threshold method '", method, "'"),
              "use mean_std, quantile, contamination or fixed");
}

double ThresholdRule::usual_k(const std::string& method) {
  for (const MethodInfo& info : kMethods) {
    if (method == info.name) return info.usual;
  }
  return std::numeric_limits<double>::quiet_NaN();
}

const char* ThresholdRule::method_name() const {
  for (const MethodInfo& info : kMethods) {
    if (info.method == method) return info.name;
  }
  return "";
}

double ThresholdRule::fit(std::span<const double> scores) const {
  if (method == Method::fixed) return k;
  CRISP_ASSERT(!scores.empty());
  if (method == Method::mean_std) return mean_plus_k_std(scores, k);
  return quantile(scores, method == Method::quantile ? k : 1.0 - k);
}

Json ThresholdRule::to_json() const { return {{"method", method_name()}, {"k", k}}; }

ThresholdRule ThresholdRule::from_json(const Json& json) {
  CRISP_REQUIRE(json.is_object() && json.contains("method") && json["method"].is_string() && json.contains("k") &&
                    json["k"].is_number(),
                Code::data, "threshold: expected an object with method and k");
  return parse(json["method"].get<std::string>(), json["k"].get<double>());
}

double quantile_of_sorted(std::span<const double> sorted, double q) {
  CRISP_ASSERT(!sorted.empty());
  const double position = q * static_cast<double>(sorted.size() - 1);
  const auto below = static_cast<size_t>(position);
  if (below + 1 >= sorted.size()) return sorted.back();
  return sorted[below] + (position - static_cast<double>(below)) * (sorted[below + 1] - sorted[below]);
}

double quantile(std::span<const double> values, double q) {
  std::vector<double> sorted(values.begin(), values.end());
  std::sort(sorted.begin(), sorted.end());
  return quantile_of_sorted(sorted, q);
}

}  // namespace crisp
