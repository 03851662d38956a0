#include "kernels/scale/scale.h"

#include <gtest/gtest.h>

#include <cmath>
#include <cstring>
#include <set>
#include <vector>

#include "cuda/cpu_isa.h"
#include "cuda/error.h"
#include "cuda/random.h"
#include "tests/engine.h"
#include "tests/golden_rows.h"

namespace crisp {
namespace {

class Scale : public EngineTest {};
CRISP_TEST_ENGINES(Scale);

const std::vector<ScaleMethod> kColumnwise = {
    ScaleMethod::standard, ScaleMethod::min_max, ScaleMethod::robust,  ScaleMethod::robust_arcsinh,
    ScaleMethod::max_abs,  ScaleMethod::log1p,   ScaleMethod::box_cox, ScaleMethod::yeo_johnson};

double tolerance(ScaleMethod method) {
  // Two minimisers of one likelihood agree on lambda to the square root of rounding.
  return method == ScaleMethod::box_cox || method == ScaleMethod::yeo_johnson ? 2e-6 : 1e-12;
}

TEST_P(Scale, ColumnsAgreeWithScikitLearn) {
  const auto rows = golden_rows("scale/golden.csv");
  int compared = 0;
  for (const GoldenRow& want : rows) {
    if (want.kind == "raw" || want.kind.ends_with("_lambda")) continue;
    const ScaleMethod method = parse_scale_method(want.kind);
    const std::vector<double>& raw = golden_row(rows, want.name, "raw").values;
    const ArrayView<const double> values{raw.data(), static_cast<int64_t>(raw.size())};
    std::vector<double> out(raw.size()), back(raw.size());
    const ScaleColumn fitted = fit_scale_column(exec(), method, values);
    apply_scale_column(exec(), method, fitted, values, {out.data(), values.size});
    invert_scale_column(exec(), method, fitted, {out.data(), values.size}, {back.data(), values.size});
    for (size_t i = 0; i < raw.size(); ++i) {
      ASSERT_NEAR(out[i], want.values[i], tolerance(method) * (1 + std::abs(want.values[i])))
          << want.name << " " << want.kind << i;
      ASSERT_NEAR(back[i], raw[i], 1e-9 * (1 + std::abs(raw[i]))) << want.name << " " << want.kind << i;
    }
    ++compared;
  }
  EXPECT_GE(compared, 30);
}

TEST_P(Scale, LambdaIsThatOfScipy) {
  const auto rows = golden_rows("scale/golden.csv");
  for (const GoldenRow& want : rows) {
    if (!want.kind.ends_with("_lambda")) continue;
    const ScaleMethod method = parse_scale_method(want.kind.substr(0, want.kind.size() - 7));
    const std::vector<double>& raw = golden_row(rows, want.name, "raw").values;
    const ScaleColumn fitted =
        fit_scale_column(exec(), method, {raw.data(), static_cast<int64_t>(raw.size())});
    EXPECT_NEAR(fitted.lambda, want.values[0], 1e-5 * (1 + std::abs(want.values[0])))
        << want.name << " " << want.kind;
  }
}

/// Minus the likelihood of an exponent, in more digits than the fit has, about a value in the middle.
long double cost_of(const std::vector<double>& values, long double lambda) {
  const long double middle = std::log(static_cast<long double>(values[0])), n = values.size();
  long double sum = 0, squares = 0, logs = 0;
  for (const double value : values) {
    const long double log = std::log(static_cast<long double>(value)) - middle;
    const long double y = std::expm1(lambda * log) / lambda;
    sum += y;
    squares += y * y;
    logs += log;
  }
  return 0.5L * n * std::log((squares - sum * sum / n) / n) - (lambda - 1) * logs;
}

TEST_P(Scale, ExponentsOfValuesCloseTogetherAndFarFromOne) {
  for (const double offset : {0.01, 500.0, 1000.0}) {
    std::vector<double> values;
    for (uint64_t i = 0; i < 500; ++i) values.push_back(offset + 5 * random_uniform(2, 7, i));
    const double lambda = fit_scale_column(exec(), ScaleMethod::box_cox, {values.data(), 500}).lambda;
    const long double step = 0.001L * (1 + std::abs(lambda));
    EXPECT_LT(cost_of(values, lambda), cost_of(values, lambda - step)) << offset;
    EXPECT_LT(cost_of(values, lambda), cost_of(values, lambda + step)) << offset;
  }
}

TEST_P(Scale, ExponentsKeepValuesApart) {
  // The likelihood alone would like exponents that turn all of these into one double.
  for (const ScaleMethod method : {ScaleMethod::box_cox, ScaleMethod::yeo_johnson}) {
    std::vector<double> values;
    for (int i = 0; i < 200; ++i) values.push_back(1e6 + 1 / random_uniform(2, 8, static_cast<uint64_t>(i)));
    const ArrayView<double> view{values.data(), 200};
    const ScaleColumn fitted = fit_scale_column(exec(), method, view);
    std::vector<double> back = values;
    apply_scale_column(exec(), method, fitted, view, {back.data(), 200});
    invert_scale_column(exec(), method, fitted, {back.data(), 200}, {back.data(), 200});
    for (size_t i = 0; i < back.size(); ++i) ASSERT_NEAR(back[i], values[i], 1e-3) << fitted.lambda;
  }
}

/// Rows padded to 16 columns on 64-byte lines, as a Matrix has them.
struct Padded {
  std::vector<float> storage;
  MatrixView<float> view;
  Padded(int64_t rows, int64_t columns) {
    const int64_t ld = (columns + 15) / 16 * 16;
    storage.resize(static_cast<size_t>(rows * ld + 16));
    const uintptr_t place = reinterpret_cast<uintptr_t>(storage.data());
    view = {storage.data() + (64 - place % 64) % 64 / 4, rows, columns, ld};
  }
};

Padded sample(int64_t rows, int64_t columns) {
  Padded out(rows, columns);
  for (int64_t i = 0; i < rows; ++i) {
    for (int64_t j = 0; j < columns; ++j) {
      out.view.at(i, j) = static_cast<float>(
          1 + 1000 * j + 5 * random_uniform(2, static_cast<uint64_t>(j), static_cast<uint64_t>(i)));
    }
  }
  return out;
}

TEST_P(Scale, MatricesAreScaledAsTheirColumns) {
  const Padded rows = sample(500, 5);
  for (const ScaleMethod method : kColumnwise) {
    Padded out(500, 5), back(500, 5);
    const std::vector<ScaleColumn> fitted = fit_scale(exec(), method, rows.view);
    apply_scale(exec(), method, fitted, rows.view, out.view);
    invert_scale(exec(), method, fitted, out.view, back.view);
    for (int64_t j = 0; j < 5; ++j) {
      std::vector<double> column;
      for (int64_t i = 0; i < 500; ++i) column.push_back(static_cast<double>(rows.view.at(i, j)));
      const ArrayView<double> values{column.data(), 500};
      apply_scale_column(exec(), method, fit_scale_column(exec(), method, values), values, values);
      for (int64_t i = 0; i < 500; ++i) {
        const double want = column[static_cast<size_t>(i)];
        ASSERT_NEAR(static_cast<double>(out.view.at(i, j)), want, 1e-6 * (1 + std::abs(want)))
            << scale_method_name(method) << i << j;
        ASSERT_NEAR(back.view.at(i, j) / rows.view.at(i, j), 1, 1e-4) << scale_method_name(method) << i << j;
      }
    }
    EXPECT_EQ(out.view.row(3)[7], 0.0f) << "padding stays zero";
  }
}

TEST(ScaleEngines, EqualBitsForEveryInstructionSetThreadCountAndLayout) {
  const Padded rows = sample(300'000, 29);  // large enough to be streamed
  Exec one(Device::cpu(), 1);
  const std::vector<ScaleColumn> fitted = fit_scale(one, ScaleMethod::standard, rows.view);
  Padded reference(300'000, 29);
  apply_scale(one, ScaleMethod::standard, fitted, {rows.view.data, 300'000, 29, 32}, reference.view);
  for (const CpuIsa isa : {CpuIsa::baseline, CpuIsa::avx2, CpuIsa::avx512}) {
    isa_limit() = isa;
    Exec exec(Device::cpu(), 3);
    Padded out(300'000, 29), in_place = sample(300'000, 29);
    apply_scale(exec, ScaleMethod::standard, fitted, rows.view, out.view);
    apply_scale(exec, ScaleMethod::standard, fitted, in_place.view, in_place.view);
    ASSERT_EQ(std::memcmp(out.view.data, reference.view.data, 300'000 * 32 * 4), 0);
    ASSERT_EQ(std::memcmp(in_place.view.data, reference.view.data, 300'000 * 32 * 4), 0);
  }
  isa_limit() = CpuIsa::avx512;
  std::vector<float> dense(300'000 * 29);  // ld is no multiple of 16: the plain loop
  apply_scale(one, ScaleMethod::standard, fitted, rows.view, {dense.data(), 300'000, 29, 29});
  for (int64_t i = 0; i < 300'000; ++i) {
    ASSERT_EQ(std::memcmp(dense.data() + i * 29, reference.view.row(i), 29 * 4), 0) << i;
  }
}

TEST_P(Scale, RowsOfLengthOneAndRowsOfZeros) {
  std::vector<float> data = {3, 4, 0, 0, NAN, 2}, out(6);
  apply_scale(exec(), ScaleMethod::row_l2, {}, {data.data(), 3, 2, 2}, {out.data(), 3, 2, 2});
  EXPECT_EQ(std::vector<float>(out.begin(), out.begin() + 4), (std::vector<float>{0.6f, 0.8f, 0, 0}));
  EXPECT_TRUE(std::isnan(out[4]));
  EXPECT_EQ(out[5], 1.0f);
}

TEST_P(Scale, RefusesInfinitiesAndBlankColumns) {
  const std::vector<float> data = {1, NAN, INFINITY, NAN};
  for (const ScaleMethod method : kColumnwise) {
    if (method == ScaleMethod::log1p) continue;
    EXPECT_THROW(fit_scale(exec(), method, {data.data(), 2, 1, 2}), Error) << scale_method_name(method);
    EXPECT_THROW(fit_scale(exec(), method, {data.data() + 1, 2, 1, 2}), Error) << scale_method_name(method);
  }
}

TEST(ScaleMethods, NamesAreReadBack) {
  for (const ScaleMethod method : kColumnwise)
    EXPECT_EQ(parse_scale_method(scale_method_name(method)), method);
  EXPECT_THROW(parse_scale_method("standart"), Error);
}

}  // namespace
}  // namespace crisp
