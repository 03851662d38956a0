#include <algorithm>
#include <cmath>
#include <limits>
#include <optional>

#include "cuda/error.h"
#include "prepare/column_pattern.h"
#include "prepare/fitted_state.h"
#include "prepare/quantiles.h"
#include "prepare/script_columns.h"
#include "prepare/steps.h"

namespace crisp {
namespace {

struct Limits {
  double low = -std::numeric_limits<double>::infinity();
  double high = std::numeric_limits<double>::infinity();
};

/// A limit as written: a number, or the share of training rows below it.
struct WrittenLimit {
  std::optional<double> value, share;

  double of(Exec& exec, const Table& train, const std::string& name, double none) const {
    if (value) return *value;
    return share ? training_quantiles(exec, train, name, {*share})[0] : none;
  }
};

class Clipped : public FittedPart {
 public:
  Clipped(std::vector<std::string> columns, std::vector<Limits> limits) : columns_(std::move(columns)), limits_(std::move(limits)) {}

  Table apply(StepRun& run, const Table& table) const override {
    Table out = table;
    int64_t moved = 0;
    for (size_t k = 0; k < columns_.size(); ++k) {
      std::vector<double> numbers = table.numbers(columns_[k]);
      int64_t here = 0;
      for (double& number : numbers) {
        const double inside = std::isnan(number) ? number : std::clamp(number, limits_[k].low, limits_[k].high);
        here += inside < number || inside > number;
        number = inside;
      }
      if (here > 0) out = out.with_numbers(columns_[k], numbers);
      moved += here;
    }
    if (moved > 0) run.notes.push_back(counted(moved, "value") + " clipped");
    return out;
  }

  Json save() const override {
    Json low = Json::array(), high = Json::array();
    for (const Limits& limits : limits_) {
      low.push_back(std::isinf(limits.low) ? Json() : Json(limits.low));
      high.push_back(std::isinf(limits.high) ? Json() : Json(limits.high));
    }
    return {{"columns", columns_}, {"low", low}, {"high", high}};
  }

  void update_categories(CategoryCounts& counts) const override {
    for (const std::string& name : columns_) counts.erase(name);
  }

  void script(ScriptColumns& columns, const Table&) const override {
    for (size_t k = 0; k < columns_.size(); ++k) {
      const std::string code = columns.at(columns_[k]).code;
      columns.set(columns_[k], ColumnType::real,
                  concat(code, ".clamp(", script_number(limits_[k].low), ", ", script_number(limits_[k].high), ")"));
    }
  }

 private:
  std::vector<std::string> columns_;
  std::vector<Limits> limits_;
};

class Clip : public Step {
 public:
  Clip(std::vector<std::string> columns, WrittenLimit low, WrittenLimit high) : columns_(std::move(columns)), low_(low), high_(high) {}

  std::string title() const override { return concat("clip ", listed(columns_)); }
  bool fitted() const override { return true; }

  std::unique_ptr<FittedPart> fit(Exec& exec, const Table& train) const override {
    std::vector<std::string> columns = columns_like(train, columns_);
    std::vector<Limits> limits;
    for (const std::string& name : columns) {
      const Limits none;
      limits.push_back({low_.of(exec, train, name, none.low), high_.of(exec, train, name, none.high)});
      if (limits.back().low > limits.back().high)
        fail(Code::data, "column '", name, "': the lower limit ", limits.back().low, " is above the upper one, ", limits.back().high);
    }
    return std::make_unique<Clipped>(std::move(columns), std::move(limits));
  }

  std::unique_ptr<FittedPart> load(const Json& state) const override {
    std::vector<std::string> columns = state_names(state_field(state, "columns"));
    const Json& low = state_field(state, "low");
    const Json& high = state_field(state, "high");
    for (const Json* list : {&low, &high}) {
      if (!list->is_array() || list->size() != columns.size()) fail(Code::data, "the fitted state has not one limit a column");
    }
    std::vector<Limits> limits(columns.size());
    for (size_t i = 0; i < columns.size(); ++i) {
      if (!low[i].is_null()) limits[i].low = state_number(low[i]);
      if (!high[i].is_null()) limits[i].high = state_number(high[i]);
      if (limits[i].low > limits[i].high) fail(Code::data, "the fitted state has a lower limit above the upper one");
    }
    return std::make_unique<Clipped>(std::move(columns), std::move(limits));
  }

 private:
  std::vector<std::string> columns_;
  WrittenLimit low_, high_;
};

/// `low` or `low_quantile`, or neither.
WrittenLimit read_limit(StepOptions& options, const std::string& name) {
  const std::string by_share = name + "_quantile";
  WrittenLimit limit;
  if (options.has(name)) limit.value = options.number(name, -1e300, 1e300);
  if (options.has(by_share)) limit.share = options.number(by_share, 0.0, 1.0);
  if (limit.value && limit.share) fail(Code::config, "give '", name, "' or '", by_share, "', not both");
  return limit;
}

}  // namespace

StepPtr make_clip(StepOptions& options) {
  std::vector<std::string> columns = options.names("columns");
  const WrittenLimit low = read_limit(options, "low"), high = read_limit(options, "high");
  options.finish();
  const bool any = low.value || low.share || high.value || high.share;
  if (!any) throw Error(Code::config, "there is no limit to clip at", "low_quantile = 0.01, high_quantile = 0.99 for example");
  const bool crossed = (low.value && high.value && *low.value > *high.value) || (low.share && high.share && *low.share > *high.share);
  if (crossed) fail(Code::config, "the lower limit is above the upper one");
  return std::make_unique<Clip>(std::move(columns), low, high);
}

}  // namespace crisp
