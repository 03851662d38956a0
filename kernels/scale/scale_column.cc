#include <algorithm>
#include <cmath>

#include "cuda/error.h"
#include "kernels/scale/power_lambda.h"
#include "kernels/scale/scale.h"
#include "kernels/scale/scale_gpu.h"
#include "kernels/segments/segment_statistics_row.h"

namespace crisp {
namespace {

constexpr int64_t kGrain = 1 << 14;

struct NamedMethod {
  const char* name;
  ScaleMethod method;
};
constexpr NamedMethod kMethods[] = {{"standard", ScaleMethod::standard},
                                    {"min_max", ScaleMethod::min_max},
                                    {"robust", ScaleMethod::robust},
                                    {"robust_arcsinh", ScaleMethod::robust_arcsinh},
                                    {"max_abs", ScaleMethod::max_abs},
                                    {"row_l2", ScaleMethod::row_l2},
                                    {"log1p", ScaleMethod::log1p},
                                    {"box_cox", ScaleMethod::box_cox},
                                    {"yeo_johnson", ScaleMethod::yeo_johnson}};

/// The values that are there; refuses what cannot be scaled.
std::vector<double> usable(ScaleMethod method, ArrayView<const double> values) {
  std::vector<double> out;
  out.reserve(static_cast<size_t>(values.size));
  for (int64_t i = 0; i < values.size; ++i) {
    if (std::isnan(values[i])) continue;
    CRISP_REQUIRE(std::isfinite(values[i]), Code::data, "row ", i + 1,
                  ": an infinite value cannot be scaled");
    CRISP_REQUIRE(method != ScaleMethod::box_cox || values[i] > 0, Code::data, "row ", i + 1,
                  ": box_cox needs values above 0, not ", values[i], "; yeo_johnson takes any");
    out.push_back(values[i]);
  }
  CRISP_REQUIRE(!out.empty(), Code::data, "no value to fit the scale on");
  return out;
}

/// Mean and population standard deviation.
ScaleColumn standard_of(const std::vector<double>& values) {
  SegmentSums sums;
  for (const double value : values) sums.add(value);
  SegmentSpread spread;
  for (const double value : values) spread.add(value - sums.mean());
  const double n = static_cast<double>(sums.count);
  const double deviation = n > 1 ? std::sqrt(spread.variance(sums.count) * (n - 1) / n) : 0.0;
  return {sums.mean(), deviation, 1.0};
}

double percentile_of(const std::vector<double>& ascending, double percent) {
  const PercentilePlace place = percentile_place(static_cast<int64_t>(ascending.size()), percent);
  const size_t index = static_cast<size_t>(place.index);
  return between(ascending[index], ascending[std::min(index + 1, ascending.size() - 1)], place.share);
}

ScaleColumn robust_of(std::vector<double> values) {
  std::sort(values.begin(), values.end());
  const double middle = percentile_of(values, 75.0) - percentile_of(values, 25.0);
  // A column that is constant for the middle half may still vary outside of it.
  return {percentile_of(values, 50.0), middle > 0.0 ? middle : standard_of(values).scale, 1.0};
}

ScaleColumn power_of(ScaleMethod method, std::vector<double> values) {
  const double lambda = power_lambda(method, values);
  for (double& value : values)
    value = method == ScaleMethod::box_cox ? box_cox(value, lambda) : yeo_johnson(value, lambda);
  const ScaleColumn standard = standard_of(values);
  return {standard.center, standard.scale, lambda};
}

ScaleColumn fit_usable(ScaleMethod method, std::vector<double> values) {
  const auto [low, high] = std::minmax_element(values.begin(), values.end());
  switch (method) {
    case ScaleMethod::standard:
      return standard_of(values);
    case ScaleMethod::min_max:
      return {*low, *high - *low, 1.0};
    case ScaleMethod::robust:
    case ScaleMethod::robust_arcsinh:
      return robust_of(std::move(values));
    case ScaleMethod::max_abs:
      return {0.0, std::max(std::abs(*low), std::abs(*high)), 1.0};
    case ScaleMethod::box_cox:
    case ScaleMethod::yeo_johnson:
      return power_of(method, std::move(values));
    case ScaleMethod::row_l2:
    case ScaleMethod::log1p:
      break;
  }
  return {};
}

}  // namespace

const char* scale_method_name(ScaleMethod method) {
  for (const NamedMethod& entry : kMethods) {
    if (entry.method == method) return entry.name;
  }
  return "";
}

ScaleMethod parse_scale_method(const std::string& name) {
  std::vector<std::string> names;
  std::string all;
  for (const NamedMethod& entry : kMethods) {
    if (entry.name == name) return entry.method;
    names.push_back(entry.name);
    all += (all.empty() ? "" : ", ") + names.back();
  }
  const std::string near = nearest_name(name, names);
  throw Error(Code::config, concat("unknown scaling method '", name, "'"),
              near.empty() ? concat("the methods are ", all) : concat("did you mean '", near, "'?"));
}

ScaleColumn fit_scale_column(Exec&, ScaleMethod method, ArrayView<const double> values) {
  if (method == ScaleMethod::row_l2 || method == ScaleMethod::log1p) return {};
  ScaleColumn fitted = fit_usable(method, usable(method, values));
  // Also where the spread is too small to divide by.
  if (!(fitted.scale > 0.0) || !std::isfinite(1.0 / fitted.scale)) fitted.scale = 1.0;
  CRISP_REQUIRE(std::isfinite(fitted.center) && std::isfinite(fitted.scale), Code::data,
                "the values are too large to be scaled by ", scale_method_name(method));
  return fitted;
}

void apply_scale_column(Exec& exec, ScaleMethod method, const ScaleColumn& fitted,
                        ArrayView<const double> values, ArrayView<double> out) {
  CRISP_ASSERT(method != ScaleMethod::row_l2 && values.size == out.size);
  if (exec.is_cuda()) return gpu::apply_column(exec, method, false, fitted, values, out);
  with_scale_method(method, [&]<ScaleMethod constant>() {
    exec.threads().for_ranges(values.size, kGrain, [&](int64_t begin, int64_t end) {
      for (int64_t i = begin; i < end; ++i) out[i] = scale_value<constant>(values[i], fitted);
    });
  });
}

void invert_scale_column(Exec& exec, ScaleMethod method, const ScaleColumn& fitted,
                         ArrayView<const double> values, ArrayView<double> out) {
  CRISP_ASSERT(method != ScaleMethod::row_l2 && values.size == out.size);
  if (exec.is_cuda()) return gpu::apply_column(exec, method, true, fitted, values, out);
  with_scale_method(method, [&]<ScaleMethod constant>() {
    exec.threads().for_ranges(values.size, kGrain, [&](int64_t begin, int64_t end) {
      for (int64_t i = begin; i < end; ++i) out[i] = unscale_value<constant>(values[i], fitted);
    });
  });
}

}  // namespace crisp
