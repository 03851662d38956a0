#include "prepare/group_scales.h"

#include <algorithm>
#include <cmath>

#include "cuda/error.h"
#include "prepare/fitted_state.h"

namespace crisp {
namespace {

ArrayView<const double> view(const std::vector<double>& values) {
  return {values.data(), static_cast<int64_t>(values.size())};
}

bool is_power(ScaleMethod method) {
  return method == ScaleMethod::box_cox || method == ScaleMethod::yeo_johnson;
}

/// A group's own center and spread (0 where its values are all equal).
ScaleColumn fit_group(Exec& exec, ScaleMethod method, const std::vector<double>& values) {
  ScaleColumn own = fit_scale_column(exec, method, view(values));
  const bool constant = std::all_of(values.begin(), values.end(), [&](double v) { return v == values[0]; });
  if (constant && method != ScaleMethod::max_abs) own.scale = 0.0;
  return own;
}

double median_spread(const std::map<std::string, ScaleColumn>& groups, double fallback) {
  std::vector<double> spreads;
  for (const auto& [name, own] : groups) {
    if (own.scale > 0.0) spreads.push_back(own.scale);
  }
  if (spreads.empty()) return fallback;
  const auto middle = spreads.begin() + static_cast<std::ptrdiff_t>(spreads.size() / 2);
  std::nth_element(spreads.begin(), middle, spreads.end());
  return *middle;
}

}  // namespace

ColumnScales fit_column_scales(Exec& exec, ScaleMethod method, const std::vector<double>& values,
                               const std::vector<std::string>& group, const GroupRule& rule) {
  ColumnScales out;
  out.shared = fit_scale_column(exec, method, view(values));
  if (group.empty() || method == ScaleMethod::log1p) return out;
  // Groups are compared after the power transform, which they share.
  std::vector<double> transformed = values;
  if (is_power(method)) {
    apply_scale_column(exec, method, {0.0, 1.0, out.shared.lambda}, view(values),
                       {transformed.data(), static_cast<int64_t>(transformed.size())});
  }
  std::map<std::string, std::vector<double>> members;
  for (size_t i = 0; i < values.size(); ++i) {
    if (!std::isnan(transformed[i])) members[group[i]].push_back(transformed[i]);
  }
  const ScaleMethod plain = is_power(method) ? ScaleMethod::standard : method;
  Exec host(Device::cpu(), 1);
  for (const auto& [name, own] : members) {
    const auto size = static_cast<int64_t>(own.size());
    if (size >= rule.min_rows)
      out.groups.emplace(name, fit_group(size < kDeviceGroup ? host : exec, plain, own));
  }
  const double usual = median_spread(out.groups, out.shared.scale);
  for (auto& [name, own] : out.groups) {
    const double n = static_cast<double>(members[name].size());
    own.scale = (n * own.scale + rule.shrink * usual) / (n + rule.shrink);
    if (!(own.scale > 0.0)) own.scale = usual;
    own.lambda = out.shared.lambda;
  }
  return out;
}

Json save_scale(const ScaleColumn& scale) { return Json::array({scale.center, scale.scale, scale.lambda}); }

ScaleColumn load_scale(const Json& json) {
  if (!json.is_array() || json.size() != 3)
    fail(Code::data, "a scale is three numbers, not ", json.dump().substr(0, 60));
  const ScaleColumn out{state_number(json[0]), state_number(json[1]), state_number(json[2])};
  if (!(out.scale > 0.0) || !std::isfinite(1.0 / out.scale)) fail(Code::data, "a scale of ", out.scale);
  return out;
}

}  // namespace crisp
