#include <cmath>

#include "cuda/error.h"
#include "kernels/scale/scale.h"
#include "prepare/column_pattern.h"
#include "prepare/fitted_state.h"
#include "prepare/group_scales.h"
#include "prepare/grouping.h"
#include "prepare/script_columns.h"
#include "prepare/steps.h"
#include "table/matrix.h"

namespace crisp {
namespace {

/// kernels/scale/power_row.h
constexpr const char* kPowerHalf = R"(
def power_half(self, log: Tensor, power: float) -> Tensor:
    if power == 0.0:
        return log
    return torch.expm1(power * log) / power
)";

/// What was learned: the scale of each column.
class Scales : public FittedPart {
 public:
  Scales(ScaleMethod method, std::string per, std::vector<std::string> columns,
         std::vector<ColumnScales> scales)
      : method_(method), per_(std::move(per)), columns_(std::move(columns)), scales_(std::move(scales)) {}

  Table apply(StepRun& run, const Table& table) const override {
    if (method_ == ScaleMethod::row_l2) return apply_to_rows(run, table);
    const Grouping groups = per_.empty() ? group_rows(table, {}) : group_rows(table, {per_});
    const std::vector<std::string> names = group_names(table, groups);
    if (!per_.empty()) tell_unseen(run, groups, names);
    Table out = table;
    for (size_t k = 0; k < columns_.size(); ++k) {
      out = out.with_numbers(columns_[k],
                             scaled(run.exec, table.numbers(columns_[k]), groups, names, scales_[k]));
    }
    return out;
  }

  Json save() const override {
    Json scales = Json::array();
    for (const ColumnScales& column : scales_) {
      Json groups = Json::object();
      for (const auto& [name, scale] : column.groups) groups[name] = save_scale(scale);
      scales.push_back({{"shared", save_scale(column.shared)}, {"groups", std::move(groups)}});
    }
    return {{"method", scale_method_name(method_)}, {"columns", columns_}, {"scales", std::move(scales)}};
  }

  void update_categories(CategoryCounts& counts) const override {
    for (const std::string& name : columns_) counts.erase(name);
  }

  void script(ScriptColumns& columns, const Table&) const override {
    if (method_ == ScaleMethod::row_l2) return script_rows(columns);
    for (size_t k = 0; k < columns_.size(); ++k) {
      std::string center = script_number(scales_[k].shared.center), scale = script_number(scales_[k].shared.scale);
      if (!per_.empty() && !scales_[k].groups.empty()) script_groups(columns, scales_[k], center, scale);
      const std::string value = columns.script().let(powered(columns, columns.at(columns_[k]).code, scales_[k].shared.lambda));
      const std::string scaled = concat("(", value, " - ", center, ") / ", scale);
      columns.set(columns_[k], ColumnType::real,
                  method_ == ScaleMethod::log1p ? value : method_ == ScaleMethod::robust_arcsinh ? concat("torch.asinh(", scaled, ")") : scaled);
    }
  }

 private:
  /// What is scaled: the value, or its logarithm or power.
  std::string powered(ScriptColumns& columns, const std::string& code, double lambda) const {
    if (method_ == ScaleMethod::log1p) return concat("torch.log1p(", code, ").masked_fill(", code, " <= -1.0, float('nan'))");
    if (method_ != ScaleMethod::box_cox && method_ != ScaleMethod::yeo_johnson) return concat(code, " + 0.0");
    columns.script().method(kPowerHalf);
    if (method_ == ScaleMethod::box_cox)
      return concat("self.power_half(torch.log(", code, ".masked_fill(", code, " <= 0.0, float('nan'))), ", script_number(lambda), ")");
    return concat("torch.where(", code, " < 0.0, -self.power_half(torch.log1p(-", code, ".clamp(max=0.0)), ", script_number(2.0 - lambda),
                  "), self.power_half(torch.log1p(", code, ".clamp(min=0.0)), ", script_number(lambda), "))");
  }

  /// The center and the scale of each row's group.
  void script_groups(ScriptColumns& columns, const ColumnScales& scales, std::string& center, std::string& scale) const {
    std::vector<std::string> names;
    const ScaleColumn& missing = scales.of("");
    ScriptAnswers centers{{}, scales.shared.center, missing.center}, spreads{{}, scales.shared.scale, missing.scale};
    for (const auto& [name, own] : scales.groups) {
      names.push_back(name);
      centers.of_key.push_back(own.center);
      spreads.of_key.push_back(own.scale);
    }
    const std::string place = columns.place(columns.at(per_), names);
    center = columns.answer(place, centers);
    scale = columns.answer(place, spreads);
  }

  /// As the matrix that it is scaled in: in 32 bits before and after.
  void script_rows(ScriptColumns& columns) const {
    std::string list;
    for (const std::string& name : columns_) list += columns.at(name).code + ", ";
    const std::string all = columns.script().let(concat("torch.stack([", list, "]).to(6).to(7)"));
    const std::string squares = columns.script().let(concat("torch.nan_to_num(", all, " * ", all, ", nan=0.0).sum(0)"));
    const std::string length = columns.script().let(concat("torch.sqrt(", squares, ").masked_fill(", squares, " == 0.0, 1.0)"));
    for (size_t k = 0; k < columns_.size(); ++k)
      columns.set(columns_[k], ColumnType::real, concat("(", all, "[", k, "] / ", length, ").to(6).to(7)"));
  }

  std::vector<std::string> group_names(const Table& table, const Grouping& groups) const {
    std::vector<int64_t> firsts;
    for (int64_t g = 0; g < groups.groups(); ++g) firsts.push_back(groups.first(g));
    if (per_.empty()) return std::vector<std::string>(firsts.size());
    return table.select({per_}).take(firsts).texts(per_);
  }

  void tell_unseen(StepRun& run, const Grouping& groups, const std::vector<std::string>& names) const {
    int64_t rows = 0, count = 0;
    for (int64_t g = 0; g < groups.groups(); ++g) {
      if (scales_.empty() || scales_[0].groups.contains(names[static_cast<size_t>(g)])) continue;
      rows += groups.size(g);
      ++count;
    }
    if (count > 0) {
      run.notes.push_back(concat(counted(rows, "row"), " of ", counted(count, "group"),
                                 " without a scale of their own took the shared one"));
    }
  }

  /// Group by group, each as one contiguous column.
  std::vector<double> scaled(Exec& exec, std::vector<double> values, const Grouping& groups,
                             const std::vector<std::string>& names, const ColumnScales& scales) const {
    Exec host(Device::cpu(), 1);
    std::vector<double> part;
    for (int64_t g = 0; g < groups.groups(); ++g) {
      const auto rows = [&](int64_t i) {
        return static_cast<size_t>(
            groups.order[static_cast<size_t>(groups.offsets[static_cast<size_t>(g)] + i)]);
      };
      part.resize(static_cast<size_t>(groups.size(g)));
      for (int64_t i = 0; i < groups.size(g); ++i) part[static_cast<size_t>(i)] = values[rows(i)];
      const ArrayView<double> view{part.data(), groups.size(g)};
      Exec& where = view.size < kDeviceGroup ? host : exec;
      apply_scale_column(where, method_, scales.of(names[static_cast<size_t>(g)]), view, view);
      for (int64_t i = 0; i < groups.size(g); ++i) values[rows(i)] = part[static_cast<size_t>(i)];
    }
    return values;
  }

  Table apply_to_rows(StepRun& run, const Table& table) const {
    Matrix matrix = to_matrix(table, columns_);
    apply_scale(run.exec, method_, {}, matrix.view(), matrix.view());
    Table out = table;
    for (size_t k = 0; k < columns_.size(); ++k) {
      std::vector<double> values;
      for (int64_t i = 0; i < matrix.rows(); ++i)
        values.push_back(matrix.view().at(i, static_cast<int64_t>(k)));
      out = out.with_numbers(columns_[k], values);
    }
    return out;
  }

  ScaleMethod method_;
  std::string per_;
  std::vector<std::string> columns_;
  std::vector<ColumnScales> scales_;
};

class Scale : public Step {
 public:
  Scale(std::vector<std::string> columns, ScaleMethod method, std::string per, GroupRule rule)
      : columns_(std::move(columns)), method_(method), per_(std::move(per)), rule_(rule) {}

  std::string title() const override {
    return concat("scale ", listed(columns_), " by ", scale_method_name(method_),
                  per_.empty() ? "" : " per " + per_);
  }
  bool fitted() const override { return true; }

  std::unique_ptr<FittedPart> fit(Exec& exec, const Table& train) const override {
    const std::vector<std::string> columns = columns_like(train, columns_);
    const std::vector<std::string> groups = per_.empty() ? std::vector<std::string>() : train.texts(per_);
    std::vector<ColumnScales> scales;
    for (const std::string& name : columns) {
      try {
        scales.push_back(fit_column_scales(exec, method_, train.numbers(name), groups, rule_));
      } catch (Error& error) {
        error.add_context(concat("column '", name, "'"));
        throw;
      }
    }
    return std::make_unique<Scales>(method_, per_, columns, std::move(scales));
  }

  std::unique_ptr<FittedPart> load(const Json& state) const override {
    if (state_text(state_field(state, "method")) != scale_method_name(method_))
      fail(Code::data, "the fitted state is of another method");
    std::vector<std::string> columns = state_names(state_field(state, "columns"));
    const Json& saved = state_field(state, "scales");
    if (!saved.is_array() || saved.size() != columns.size())
      fail(Code::data, "the fitted state has not one scale a column");
    std::vector<ColumnScales> scales;
    for (const Json& item : saved) {
      ColumnScales column{load_scale(state_field(item, "shared")), {}};
      const Json& groups = state_field(item, "groups");
      if (!groups.is_object()) fail(Code::data, "the fitted state has no table of groups");
      for (const auto& [name, scale] : groups.items()) column.groups.emplace(name, load_scale(scale));
      scales.push_back(std::move(column));
    }
    return std::make_unique<Scales>(method_, per_, std::move(columns), std::move(scales));
  }

 private:
  std::vector<std::string> columns_;
  ScaleMethod method_;
  std::string per_;
  GroupRule rule_;
};

}  // namespace

StepPtr make_scale(StepOptions& options) {
  std::vector<std::string> columns = options.names("columns");
  const ScaleMethod method = parse_scale_method(options.text("method", "standard"));
  std::string per = options.text("per", "");
  GroupRule rule;
  rule.min_rows = options.integer("min_rows", 1, int64_t{1} << 40, rule.min_rows);
  rule.shrink = options.number("shrink", 0.0, 1e9, rule.shrink);
  options.finish();
  if (!per.empty() && method == ScaleMethod::row_l2)
    fail(Code::config, "row_l2 scales each row by itself; leave out 'per'");
  return std::make_unique<Scale>(std::move(columns), method, std::move(per), rule);
}

}  // namespace crisp
