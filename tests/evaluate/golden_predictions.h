/// The golden cases of tests/data/metrics (make_predictions.py), ready to be judged.
#pragma once

#include <fstream>
#include <string>
#include <vector>

#include "evaluate/classification.h"
#include "evaluate/regression.h"

namespace crisp {

inline std::vector<Json> golden_cases(const std::string& file) {
  std::ifstream stream(std::string(CRISP_TEST_DATA "/metrics/") + file);
  return Json::parse(stream).get<std::vector<Json>>();
}

/// Rows of K probabilities that own their memory.
struct ClassRows {
  std::vector<int32_t> truth;
  std::vector<double> probabilities;
  std::vector<std::string> names;

  static ClassRows of(const Json& golden) {
    ClassRows rows{golden["truth"].get<std::vector<int32_t>>(), {}, {}};
    for (const auto& row : golden["probabilities"].get<std::vector<std::vector<double>>>())
      rows.probabilities.insert(rows.probabilities.end(), row.begin(), row.end());
    for (size_t k = 0; k < golden["confusion"].size(); ++k) rows.names.push_back(concat("class ", k));
    return rows;
  }
  ClassPredictions view() const {
    const auto columns = std::ssize(names);
    return {truth, {probabilities.data(), std::ssize(truth), columns, columns}, names};
  }
};

struct NumberRows {
  std::vector<double> truth, predicted;

  static NumberRows of(const Json& golden) {
    return {golden["truth"].get<std::vector<double>>(), golden["predicted"].get<std::vector<double>>()};
  }
  NumberPredictions view() const { return {truth, predicted}; }
};

}  // namespace crisp
