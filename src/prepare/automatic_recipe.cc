#include "prepare/automatic_recipe.h"

#include <algorithm>
#include <cmath>

#include "core/format.h"
#include "cuda/error.h"
#include "prepare/categories.h"
#include "prepare/column_role.h"
#include "prepare/step_options.h"
#include "table/cell_text.h"

namespace crisp {
namespace {

using Names = std::vector<std::string>;

constexpr int64_t kMostOneHot = 50;      // columns of 0 and 1 for one column; with more values it becomes means
constexpr int64_t kMostCodes = 1000;     // the rest of the values share code 0
constexpr int64_t kMostTargetClasses = 20;  // columns of means for one column

/// A step over columns, unless there are none.
void add_step(Json& steps, const char* step, const Names& columns, Json keys) {
  if (columns.empty()) return;
  Json out = {{"step", step}, {"columns", columns}};
  out.update(keys);
  steps.push_back(std::move(out));
}

class Builder {
 public:
  Builder(Exec& exec, const Table& train, const PreparationNeeds& needs, const ColumnUse& use) : exec_(exec), train_(train), needs_(needs), use_(use) {
    if (!use.target.empty() && use.classes) classes_ = static_cast<int64_t>(distinct_values(train, use.target, train.type(use.target)).keys.size());
  }

  AutomaticRecipe build() {
    for (const ColumnInfo& column : train_.schema()) {
      if (column.name == use_.target || std::count(use_.excluded.begin(), use_.excluded.end(), column.name) > 0) continue;
      add(judge_column(exec_, train_, column));
    }
    if (out_.features.empty()) refuse();
    add_steps();
    add_notes();
    return std::move(out_);
  }

 private:
  void add(const JudgedColumn& column) {
    switch (column.role) {
      case ColumnRole::dropped: out_.dropped.push_back({column.name, column.reason}); break;
      case ColumnRole::number: add_number(column); break;
      case ColumnRole::flag: add_flag(column); break;
      case ColumnRole::category: add_category(column); break;
      case ColumnRole::time: add_time(column); break;
    }
  }

  void add_number(const JudgedColumn& column) {
    const std::string indicator = column.name + "_missing";
    const bool tell = column.has_missing && !needs_.missing && !train_.has(indicator);
    if (!needs_.missing) (tell ? told_ : filled_).push_back(column.name);
    if (tell) out_.features.push_back(indicator);
    // Filled, a column of one value says nothing; where it is missing, its indicator does.
    if (column.one_value && tell) return;
    out_.features.push_back(column.name);
    scale(column.name, column.long_tails);
  }

  void add_flag(const JudgedColumn& column) {
    if (!needs_.missing) flags_.push_back(column.name);
    out_.features.push_back(column.name);
  }

  void add_category(const JudgedColumn& column) {
    if (needs_.codes) {
      coded_.push_back(column.name);
      out_.features.push_back(column.name);
    } else if (column.values <= kMostOneHot) {
      one_hot_.push_back(column.name);
      out_.features.push_back(column.name + "=*");
    } else {
      add_large_category(column);
    }
  }

  void add_large_category(const JudgedColumn& column) {
    const bool by_target = !use_.target.empty() && classes_ <= kMostTargetClasses && classes_ != 1;
    (by_target ? by_target_ : by_share_).push_back(column.name);
    const bool several = by_target && classes_ > 2;
    out_.features.push_back(several ? column.name + ":*" : column.name);
    scale(out_.features.back(), false);
  }

  /// The days since the first training row, and what comes again: in waves where columns are to be of one scale.
  void add_time(const JudgedColumn& column) {
    Names parts;
    if (column.hours_differ) parts.emplace_back("hour");
    if (column.days >= 7) parts.emplace_back("weekday");
    if (column.days >= 365) parts.emplace_back("day_of_year");
    const std::string days = column.name + "_days";
    Names made = {days};
    for (const std::string& part : parts) {
      for (const char* wave : {"_sin", "_cos"}) {
        made.push_back(concat(column.name, "_", part, needs_.scaled ? wave : ""));
        if (!needs_.scaled) break;
      }
    }
    for (const std::string& name : made) {
      if (!train_.has(name)) continue;
      out_.dropped.push_back({column.name, concat("a timestamp, and the table has a column '", name, "' already")});
      return;
    }
    if (!parts.empty()) add_step(out_.steps, "date_parts", {column.name}, {{"parts", parts}, {"cyclic", needs_.scaled}});
    add_days(column, days);
    if (!needs_.missing) filled_.insert(filled_.end(), made.begin() + 1, made.end());
    out_.features.insert(out_.features.end(), made.begin() + 1, made.end());
    JudgedColumn number = column;
    number.name = days;
    add_number(number);
  }

  void add_days(const JudgedColumn& column, const std::string& name) {
    std::string first, quoted;
    append_timestamp(first, static_cast<int64_t>(std::llround(column.first_second * 1e6)));
    for (const char c : column.name) quoted += c == '`' ? "``" : std::string(1, c);
    out_.steps.push_back({{"step", "derive"}, {"columns", {{name, concat("(`", quoted, "` - timestamp('", first, "')) / 86400")}}}});
  }

  void scale(const std::string& name, bool long_tails) {
    if (needs_.scaled) (long_tails ? long_tails_ : scaled_).push_back(name);
  }

  void add_steps() {
    add_step(out_.steps, "impute", told_, {{"method", "median"}, {"indicator", true}});
    add_step(out_.steps, "impute", filled_, {{"method", "median"}});
    add_step(out_.steps, "impute", flags_, {{"method", "mode"}});
    add_step(out_.steps, "encode", coded_, {{"method", "ordinal"}, {"max_categories", kMostCodes}});
    add_step(out_.steps, "encode", one_hot_, {{"method", "one_hot"}, {"max_categories", kMostOneHot}});
    add_step(out_.steps, "encode", by_target_,
             {{"method", "target"}, {"target", use_.target}, {"task", use_.classes ? "classification" : "regression"}});
    add_step(out_.steps, "encode", by_share_, {{"method", "frequency"}});
    add_step(out_.steps, "scale", scaled_, {{"method", "standard"}});
    add_step(out_.steps, "scale", long_tails_, {{"method", "robust_arcsinh"}});
  }

  void note(const Names& columns, const char* what) {
    if (columns.empty()) return;
    out_.notes.push_back(concat(counted(static_cast<int64_t>(columns.size()), "column"), " ", what, ": ", listed(columns)));
  }

  void add_notes() {
    note(told_, "with missing cells, filled by the median, and a column that says where");
    note(filled_, "filled by the median, should a cell be missing");
    note(flags_, "filled by the more frequent of true and false, should a cell be missing");
    note(coded_, "of categories, as codes");
    note(one_hot_, "of categories, as columns of 0 and 1");
    note(by_target_, "of many categories, as means of the target");
    note(by_share_, "of many categories, as shares of rows");
    note(scaled_, "scaled by mean and standard deviation");
    note(long_tails_, "with long tails, scaled by median and quartiles, the tails by their logarithm");
  }

  [[noreturn]] void refuse() const {
    Names reasons;
    for (const DroppedColumn& column : out_.dropped) reasons.push_back(concat(column.name, ": ", column.reason));
    throw Error(Code::data, "no column is left to learn from", listed(reasons, 4));
  }

  Exec& exec_;
  const Table& train_;
  const PreparationNeeds& needs_;
  const ColumnUse& use_;
  int64_t classes_ = 0;
  Names told_, filled_, flags_, coded_, one_hot_, by_target_, by_share_, scaled_, long_tails_;
  AutomaticRecipe out_;
};

}  // namespace

AutomaticRecipe automatic_recipe(Exec& exec, const Table& train, const PreparationNeeds& needs, const ColumnUse& use) {
  if (train.rows() == 0) fail(Code::data, "there are no training rows to make a recipe from");
  return Builder(exec, train, needs, use).build();
}

}  // namespace crisp
