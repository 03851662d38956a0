#include "train/calibrator.h"

#include <gtest/gtest.h>

#include "cuda/error.h"
#include "tests/core/expect_error.h"
#include "tests/evaluate/golden_predictions.h"

namespace crisp {
namespace {

/// Rows of probabilities that own their memory.
struct Rows {
  std::vector<double> values;
  int64_t columns = 0;

  explicit Rows(const Json& rows) {
    for (const auto& row : rows.get<std::vector<std::vector<double>>>()) {
      values.insert(values.end(), row.begin(), row.end());
      columns = std::ssize(row);
    }
  }
  MatrixView<double> view() { return {values.data(), std::ssize(values) / columns, columns, columns}; }
};

Calibrator fitted(const Json& golden) {
  Rows said(golden["said"]);
  return Calibrator::fit(parse_calibration_method(golden["method"].get<std::string>()), said.view(), golden["truth"].get<std::vector<double>>(),
                         golden["weights"].get<std::vector<float>>());
}

Calibrator loaded(const Calibrator& from, int64_t classes) {
  Tensors arrays;
  const Json about = from.save(arrays);
  return Calibrator::load(about, arrays, classes);
}

TEST(Calibrator, MapsEqualScikitLearns) {
  for (const Json& golden : golden_cases("calibration.json")) {
    const Calibrator calibrator = fitted(golden);
    // The library's optimiser stops earlier than Newton's method does.
    const double tolerance = golden["method"] == "sigmoid" ? 1e-5 : 1e-12;
    Rows answer(golden["asked"]), expected(golden["answer"]), again(golden["asked"]);
    calibrator.apply(answer.view());
    loaded(calibrator, answer.columns).apply(again.view());
    EXPECT_EQ(answer.values, again.values);
    for (size_t i = 0; i < answer.values.size(); ++i) {
      EXPECT_NEAR(answer.values[i], expected.values[i], tolerance) << golden["method"] << " of " << answer.columns << " classes, number " << i;
    }
  }
}

TEST(Calibrator, NoneLeavesAsItIs) {
  std::vector<double> values = {0.25, 0.75};
  Calibrator().apply({values.data(), 1, 2, 2});
  EXPECT_EQ(values, (std::vector<double>{0.25, 0.75}));
}

TEST(Calibrator, ClassesThatNothingIsSaidForAreAlike) {
  // Each class is never true where less than 0.5 was said.
  const std::vector<double> said = {0.9, 0.1, 0.0, 0.0, 0.9, 0.1, 0.1, 0.0, 0.9}, truth = {0, 1, 2};
  const Calibrator calibrator = Calibrator::fit(CalibrationMethod::isotonic, {said.data(), 3, 3, 3}, truth, {});
  std::vector<double> values = {0.05, 0.05, 0.0};
  calibrator.apply({values.data(), 1, 3, 3});
  for (const double value : values) EXPECT_DOUBLE_EQ(value, 1.0 / 3);
}

TEST(Calibrator, RefusesOneClass) {
  const std::vector<double> said = {0.9, 0.1, 0.2, 0.8}, truth = {1, 1};
  EXPECT_ERROR(Calibrator::fit(CalibrationMethod::sigmoid, {said.data(), 2, 2, 2}, truth, {}), Code::data, "of one class");
}

TEST(Calibrator, RefusesHostileBundles) {
  const auto load = [](const char* method, const std::vector<double>& from, const std::vector<double>& to) {
    Tensors arrays;
    arrays.put<double>("0.from", from);
    arrays.put<double>("0.to", to);
    return Calibrator::load({{"method", method}}, arrays, 2);
  };
  EXPECT_NO_THROW(load("isotonic", {0.1, 0.2}, {0, 1}));
  for (const auto& [from, to] : {std::pair<std::vector<double>, std::vector<double>>{{}, {}}, {{0.1, 0.1}, {0, 1}}, {{0.2, 0.1}, {0, 1}}, {{0.1}, {0, 1}},
                                 {{NAN, 1}, {0, 1}}, {{0, 2}, {0, 1}}, {{0, 1}, {0, NAN}}, {{0, 1}, {0, 7}}}) {
    EXPECT_ERROR(load("isotonic", from, to), Code::data, "no rising map");
  }
  EXPECT_ERROR(load("sigmoid", {1, 2}, {1, 2}), Code::data, "no rising map");
  EXPECT_ERROR(load("sigmoid", {INFINITY}, {1}), Code::data, "no rising map");
  EXPECT_ERROR(load("magic", {1}, {1}), Code::data, "there is no calibration 'magic'");
}

}  // namespace
}  // namespace crisp
