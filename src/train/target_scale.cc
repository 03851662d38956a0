#include "train/target_scale.h"

#include <cmath>

#include "cuda/error.h"

namespace crisp {
namespace {

std::vector<float> scaled(std::span<const float> values, TargetScale scale) {
  std::vector<float> target;
  target.reserve(values.size());
  for (const float value : values) target.push_back(static_cast<float>((value - scale.mean) / scale.spread));
  return target;
}

/// A stream whose targets are brought to scale as they come.
class ScaledStream : public RowStream {
 public:
  ScaledStream(const RowStream& stream, TargetScale scale) : stream_(stream), scale_(scale) {}

  std::span<const int64_t> groups() const override { return stream_.groups(); }
  std::span<const int64_t> classes() const override { return stream_.classes(); }
  int64_t window_rows() const override { return stream_.window_rows(); }
  int64_t columns() const override { return stream_.columns(); }
  Json identity() const override { return stream_.identity(); }
  std::vector<float> targets(int64_t group) const override { return scaled(stream_.targets(group), scale_); }
  StreamedRows read(int64_t group) const override {
    StreamedRows rows = stream_.read(group);
    rows.target = scaled(rows.target, scale_);
    return rows;
  }

 private:
  const RowStream& stream_;
  TargetScale scale_;
};

}  // namespace

TargetScale TargetScale::of(const LabelledRows& rows) {
  const auto weight = [&](size_t i) {
    return rows.weights.empty() ? 1.0 : static_cast<double>(rows.weights[i / static_cast<size_t>(rows.answers)]);
  };
  double sum = 0, squares = 0, count = 0;
  for (size_t i = 0; i < rows.target.size(); ++i) {
    sum += weight(i) * rows.target[i];
    count += weight(i);
  }
  CRISP_REQUIRE(count > 0, Code::data, "the weights of all rows are 0");
  const double mean = sum / count;
  for (size_t i = 0; i < rows.target.size(); ++i) squares += weight(i) * (rows.target[i] - mean) * (rows.target[i] - mean);
  const double spread = std::sqrt(squares / count);
  return {mean, spread > 0 ? spread : 1};
}

TargetScale TargetScale::from_json(const Json& json) {
  TargetScale scale;
  for (const auto& [key, value] : {std::pair{"mean", &scale.mean}, {"spread", &scale.spread}}) {
    CRISP_REQUIRE(json.is_object() && json.contains(key) && json[key].is_number(), Code::data, "the model's target has no ", key);
    *value = json[key].get<double>();
    CRISP_REQUIRE(std::isfinite(*value), Code::data, "the model's target has a ", key, " that is not finite");
  }
  return scale;
}

ScaledTargets::ScaledTargets(const FitData& data, TargetScale scale)
    : data_(data), train_(scaled(data.train.target, scale)), validation_(scaled(data.validation.target, scale)) {
  data_.train.target = train_;
  data_.validation.target = validation_;
  if (!data.stream) return;
  stream_ = std::make_unique<ScaledStream>(*data.stream, scale);
  data_.stream = stream_.get();
}

}  // namespace crisp
