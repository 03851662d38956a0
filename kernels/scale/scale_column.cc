#include "cuda/error.h"
#include "kernels/scale/scale.h"
#include "kernels/scale/scale_gpu.h"

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
