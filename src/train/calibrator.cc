#include "train/calibrator.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <functional>

#include "cuda/error.h"
#include "train/manifest.h"
#include "train/probability_maps.h"

namespace crisp {
namespace {

constexpr std::array kMethods = {"none", "sigmoid", "isotonic"};

std::vector<SaidRow> one_against_rest(MatrixView<const double> said, std::span<const double> truth, std::span<const float> weights, int64_t k) {
  std::vector<SaidRow> rows;
  for (int64_t i = 0; i < said.rows; ++i) {
    const double weight = weights.empty() ? 1.0 : static_cast<double>(weights[static_cast<size_t>(i)]);
    if (weight > 0) rows.push_back({said.at(i, k), truth[static_cast<size_t>(i)] == static_cast<double>(k) ? 1.0 : 0.0, weight});
  }
  return rows;
}

/// Where the sum is 0 all are alike.
void divide_by_sum(double* values, int64_t count) {
  double sum = 0;
  for (int64_t k = 0; k < count; ++k) sum += values[k];
  for (int64_t k = 0; k < count; ++k) values[k] = sum > 0 ? values[k] / sum : 1.0 / static_cast<double>(count);
}

bool within(const std::vector<double>& values, double least, double most) {
  return std::all_of(values.begin(), values.end(), [&](double value) { return value >= least && value <= most; });
}

}  // namespace

CalibrationMethod parse_calibration_method(const std::string& name) {
  if (name == "platt") return CalibrationMethod::sigmoid;
  const auto found = std::find(kMethods.begin(), kMethods.end(), name);
  if (found != kMethods.end()) return static_cast<CalibrationMethod>(found - kMethods.begin());
  throw Error(Code::usage, concat("there is no calibration '", name, "'"), "choose isotonic, sigmoid (Platt's) or none");
}

const char* calibration_method_name(CalibrationMethod method) { return kMethods[static_cast<size_t>(method)]; }

Calibrator Calibrator::fit(CalibrationMethod method, MatrixView<const double> said, std::span<const double> truth,
                           std::span<const float> weights) {
  CRISP_ASSERT(truth.size() == static_cast<size_t>(said.rows) && (weights.empty() || weights.size() == truth.size()));
  Calibrator calibrator;
  calibrator.method_ = method;
  if (method == CalibrationMethod::none) return calibrator;
  for (int64_t k = said.columns == 2 ? 1 : 0; k < said.columns; ++k) {
    const std::vector<SaidRow> rows = one_against_rest(said, truth, weights, k);
    const auto trues = std::count_if(rows.begin(), rows.end(), [](const SaidRow& row) { return row.truth > 0; });
    CRISP_REQUIRE(trues > 0 && trues < static_cast<int64_t>(rows.size()), Code::data, "nothing to calibrate by: of ", rows.size(), " rows ", trues,
                  " are of one class");
    if (method == CalibrationMethod::sigmoid) {
      const LogisticMap map = fit_logistic_map(rows);
      calibrator.maps_.push_back({{map.slope}, {map.intercept}});
    } else {
      RisingMap map = fit_isotonic(rows);
      calibrator.maps_.push_back({std::move(map.from), std::move(map.to)});
    }
  }
  return calibrator;
}

double Calibrator::mapped(const Map& map, double probability) const {
  if (method_ == CalibrationMethod::sigmoid) return LogisticMap{map.from[0], map.to[0]}(probability);
  return RisingMap{map.from, map.to}(probability);
}

void Calibrator::apply(MatrixView<double> probabilities) const {
  if (!*this) return;
  for (int64_t i = 0; i < probabilities.rows; ++i) {
    double* const row = probabilities.row(i);
    if (maps_.size() == 1) {
      row[1] = mapped(maps_[0], row[1]);
      row[0] = 1 - row[1];
      continue;
    }
    for (size_t k = 0; k < maps_.size(); ++k) row[k] = mapped(maps_[k], row[k]);
    divide_by_sum(row, probabilities.columns);
  }
}

std::string Calibrator::script_of(TorchScript& script, const Map& map, const std::string& said) const {
  if (method_ == CalibrationMethod::sigmoid) {
    const std::string odds = script.let(concat("torch.logit(", said, ", ", script_number(kLeastProbability), ")"));
    return script.let(concat("torch.sigmoid(", odds, " * ", script_number(map.from[0]), " + ", script_number(map.to[0]), ")"));
  }
  if (map.from.size() == 1) return script.let(concat("torch.full_like(", said, ", ", script_number(map.to[0]), ")"));
  const std::string from = script.constant<double>(map.from), to = script.constant<double>(map.to);
  const std::string x = script.let(concat(said, ".clamp(", script_number(map.from.front()), ", ", script_number(map.from.back()), ")"));
  const std::string k = script.let(concat("torch.searchsorted(", from, ", ", x, ".contiguous(), right=True).clamp(1, ", map.from.size() - 1, ")"));
  const std::string share = script.let(concat("(", x, " - ", from, "[", k, " - 1]) / (", from, "[", k, "] - ", from, "[", k, " - 1])"));
  return script.let(concat(to, "[", k, " - 1] + (", to, "[", k, "] - ", to, "[", k, " - 1]) * ", share));
}

std::string Calibrator::script(TorchScript& script, const std::string& said) const {
  if (!*this) return said;
  if (maps_.size() == 1) {
    const std::string second = script_of(script, maps_[0], script.let(concat(said, "[:, 1]")));
    return concat("torch.stack([1.0 - ", second, ", ", second, "], 1)");
  }
  std::string list;
  for (size_t k = 0; k < maps_.size(); ++k) {
    list += concat(k ? ", " : "", script_of(script, maps_[k], script.let(concat(said, "[:, ", k, "]"))));
  }
  const std::string all = script.let(concat("torch.stack([", list, "], 1)")), sum = script.let(concat(all, ".sum(1, keepdim=True)"));
  const std::string alike = script.let(concat("torch.full_like(", all, ", ", script_number(1.0 / static_cast<double>(maps_.size())), ")"));
  return concat("torch.where(", sum, " > 0.0, ", all, " / ", sum, ", ", alike, ")");
}

Json Calibrator::save(Tensors& arrays) const {
  for (size_t k = 0; k < maps_.size(); ++k) {
    arrays.put<double>(concat(k, ".from"), maps_[k].from);
    arrays.put<double>(concat(k, ".to"), maps_[k].to);
  }
  return {{"method", calibration_method_name(method_)}};
}

Calibrator Calibrator::load(const Json& about, const Tensors& arrays, int64_t classes) {
  Calibrator calibrator;
  const std::string method = manifest_member(about, "method", &Json::is_string).get<std::string>();
  const auto known = std::find(kMethods.begin() + 1, kMethods.end(), method);
  CRISP_REQUIRE(known != kMethods.end(), Code::data, "manifest.json: there is no calibration '", method, "'");
  CRISP_REQUIRE(classes >= 2, Code::data, "manifest.json: a calibration of what is no probability");
  calibrator.method_ = static_cast<CalibrationMethod>(known - kMethods.begin());
  for (int64_t k = 0; k < (classes == 2 ? 1 : classes); ++k) {
    calibrator.maps_.push_back({arrays.get<double>(concat(k, ".from")), arrays.get<double>(concat(k, ".to"))});
  }
  calibrator.check();
  return calibrator;
}

void Calibrator::check() const {
  for (const Map& map : maps_) {
    const bool paired = !map.from.empty() && map.from.size() == map.to.size();
    const bool rises = std::adjacent_find(map.from.begin(), map.from.end(), std::greater_equal<>()) == map.from.end();
    const bool sound = method_ == CalibrationMethod::sigmoid
                           ? paired && map.from.size() == 1 && std::isfinite(map.from[0]) && std::isfinite(map.to[0])
                           : paired && rises && within(map.from, 0, 1) && within(map.to, 0, 1);
    CRISP_REQUIRE(sound, Code::data, "the calibration's arrays are no rising map of probabilities");
  }
}

}  // namespace crisp
