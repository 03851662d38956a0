#include <algorithm>
#include <cmath>

#include "cuda/error.h"
#include "kernels/segments/segment_statistics.h"
#include "prepare/column_pattern.h"
#include "prepare/fitted_state.h"
#include "prepare/steps.h"

namespace crisp {
namespace {

class Fillings : public FittedPart {
 public:
  Fillings(std::vector<std::string> columns, std::vector<double> values)
      : columns_(std::move(columns)), values_(std::move(values)) {}

  Table apply(StepRun& run, const Table& table) const override {
    Table out = table;
    int64_t filled = 0;
    for (size_t k = 0; k < columns_.size(); ++k) {
      std::vector<double> numbers = table.numbers(columns_[k]);
      const int64_t missing =
          std::count_if(numbers.begin(), numbers.end(), [](double v) { return std::isnan(v); });
      if (missing == 0) continue;
      filled += missing;
      std::replace_if(
          numbers.begin(), numbers.end(), [](double v) { return std::isnan(v); }, values_[k]);
      out = out.with_numbers(columns_[k], numbers);
    }
    if (filled > 0) run.notes.push_back(counted(filled, "missing value") + " filled");
    return out;
  }

  Json save() const override { return {{"columns", columns_}, {"values", values_}}; }
  void update_categories(CategoryCounts& counts) const override {
    for (const std::string& name : columns_) counts.erase(name);
  }

 private:
  std::vector<std::string> columns_;
  std::vector<double> values_;
};

class Impute : public Step {
 public:
  Impute(std::vector<std::string> columns, std::string method, double value)
      : columns_(std::move(columns)), method_(std::move(method)), value_(value) {}
  std::string title() const override { return concat("impute ", listed(columns_), " by ", method_); }
  bool fitted() const override { return true; }

  std::unique_ptr<FittedPart> fit(Exec& exec, const Table& train) const override {
    std::vector<std::string> columns = columns_like(train, columns_);
    std::vector<double> values;
    for (const std::string& name : columns)
      values.push_back(method_ == "constant" ? value_ : center(exec, train, name));
    return std::make_unique<Fillings>(std::move(columns), std::move(values));
  }

  std::unique_ptr<FittedPart> load(const Json& state) const override {
    std::vector<std::string> columns = state_names(state_field(state, "columns"));
    const Json& saved = state_field(state, "values");
    if (!saved.is_array() || saved.size() != columns.size())
      fail(Code::data, "the fitted state has not one value a column");
    std::vector<double> values;
    for (const Json& value : saved) values.push_back(state_number(value));
    return std::make_unique<Fillings>(std::move(columns), std::move(values));
  }

 private:
  double center(Exec& exec, const Table& train, const std::string& name) const {
    const std::vector<double> numbers = train.numbers(name);
    const int64_t offsets[] = {0, static_cast<int64_t>(numbers.size())};
    const SegmentRequest request[] = {method_ == "mean" ? SegmentRequest{SegmentStatistic::mean}
                                                        : SegmentRequest{SegmentStatistic::percentile, 50.0}};
    double answer = 0.0;
    segment_statistics(exec, {numbers.data(), offsets[1]}, {offsets, 2}, request, {&answer, 1, 1, 1});
    if (std::isnan(answer))
      fail(Code::data, "column '", name, "' is blank in all ", counted(train.rows(), "training row"));
    return answer;
  }

  std::vector<std::string> columns_;
  std::string method_;
  double value_;
};

}  // namespace

StepPtr make_impute(StepOptions& options) {
  std::vector<std::string> columns = options.names("columns");
  std::string method = options.choice("method", {"median", "mean", "constant"}, "median");
  const bool constant = method == "constant";
  const double value = constant ? options.number("value", -1e300, 1e300) : 0.0;
  return std::make_unique<Impute>(std::move(columns), std::move(method), value);
}

}  // namespace crisp
