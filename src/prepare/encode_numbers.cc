#include <algorithm>
#include <cmath>

#include "core/format.h"
#include "cuda/error.h"
#include "prepare/encodings.h"
#include "prepare/fitted_state.h"
#include "prepare/script_columns.h"
#include "prepare/target_means.h"

namespace crisp {
namespace {

/// One column's categories and the numbers that stand for each: one, or several where the target has many classes.
struct ColumnNumbers {
  Categories categories;
  std::vector<std::string> names;  // of the columns of numbers
  CategoryMeans means;

  /// Where the number of this row is in means.values; nothing: it has none.
  std::optional<size_t> place(int32_t category, Unseen unseen) const {
    if (category >= 0) return static_cast<size_t>(category);
    if (category == Categories::kMissing && categories.missing_rows() > 0) return static_cast<size_t>(categories.size());
    if (unseen == Unseen::missing) return {};
    return static_cast<size_t>(categories.size()) + 1;
  }
};

/// `out` with the numbers instead of the column. means_of(row) gives the CategoryMeans for that row.
template <class MeansOf>
Table with_means(const Table& table, const ColumnNumbers& column, const std::vector<int32_t>& found, Unseen unseen,
                 MeansOf means_of) {
  const std::string& name = column.categories.column();
  const bool in_place = column.names.size() == 1 && column.names[0] == name;
  Table out = in_place ? table : table.without({name});
  std::vector<double> numbers(found.size());
  for (size_t k = 0; k < column.names.size(); ++k) {
    for (size_t i = 0; i < found.size(); ++i) {
      const auto place = column.place(found[i], unseen);
      numbers[i] = place ? means_of(i).values[*place * column.names.size() + k] : std::nan("");
    }
    if (!in_place) require_new_column(out, column.names[k]);
    out = out.with_numbers(column.names[k], numbers);
  }
  return out;
}

class CategoryNumbers : public FittedPart {
 public:
  CategoryNumbers(std::string method, std::vector<ColumnNumbers> columns, Unseen unseen)
      : method_(std::move(method)), columns_(std::move(columns)), unseen_(unseen) {}

  Table apply(StepRun& run, const Table& table) const override {
    Table out = table;
    for (const ColumnNumbers& column : columns_) {
      const std::vector<int32_t> found = column.categories.find(run, table, unseen_);
      out = with_means(out, column, found, unseen_, [&](size_t) -> const CategoryMeans& { return column.means; });
    }
    return out;
  }

  Json save() const override {
    Json columns = Json::array();
    for (const ColumnNumbers& column : columns_) {
      columns.push_back({{"categories", column.categories.save()}, {"names", column.names}, {"values", column.means.values}});
    }
    return {{"method", method_}, {"columns", std::move(columns)}};
  }

  void update_categories(CategoryCounts& counts) const override {
    for (const ColumnNumbers& column : columns_) {
      counts.erase(column.categories.column());
      for (const std::string& name : column.names) counts.erase(name);
    }
  }

  void script(ScriptColumns& columns, const Table&) const override {
    for (const ColumnNumbers& column : columns_) {
      const std::string place = columns.place(columns.at(column.categories.column()), keys_of(column.categories));
      for (size_t k = 0; k < column.names.size(); ++k) {
        const auto number = [&](int32_t category) {
          const bool refused = category == Categories::kUnseen && unseen_ == Unseen::error;
          const auto place = column.place(category, unseen_);
          return place && !refused ? column.means.values[*place * column.names.size() + k] : std::nan("");
        };
        ScriptAnswers numbers{{}, number(Categories::kUnseen), number(Categories::kMissing)};
        for (int64_t i = 0; i < column.categories.size(); ++i) numbers.of_key.push_back(number(static_cast<int32_t>(i)));
        columns.set(column.names[k], {ColumnType::real, columns.answer(place, numbers), nullptr});
      }
    }
  }

 private:
  std::string method_;
  std::vector<ColumnNumbers> columns_;
  Unseen unseen_;
};

/// One column without its name for a number or two classes; else one a class but the first.
std::vector<std::string> output_names(const std::string& column, const std::vector<std::string>& classes) {
  if (classes.empty()) return {column};
  std::vector<std::string> names;
  for (const std::string& name : classes) names.push_back(concat(column, ":", spelled(name)));
  return names;
}

/// Categories of the training rows, and of which each row is. Missing ones are the group after the last category, and
/// values too rare to be one belong to no group.
struct GroupedColumn {
  Categories categories;
  std::vector<int32_t> found, group;
};

GroupedColumn group_column(Exec& exec, const Table& train, const std::string& name, const EncodeRule& rule) {
  GroupedColumn out{Categories::learn(train, name, rule.categories), {}, {}};
  StepRecord unasked;
  StepRun run{exec, unasked.notes, unasked.unseen};
  out.found = out.categories.find(run, train, rule.unseen);
  for (const int32_t category : out.found)
    out.group.push_back(category == Categories::kMissing ? static_cast<int32_t>(out.categories.size()) : category);
  return out;
}

}  // namespace

std::unique_ptr<FittedPart> learn_shares(const Table& train, const std::vector<std::string>& columns, const EncodeRule& rule) {
  std::vector<ColumnNumbers> out;
  for (const std::string& name : columns) {
    ColumnNumbers column{Categories::learn(train, name, rule.categories), {name}, {}};
    const auto rows = static_cast<double>(std::max<int64_t>(train.rows(), 1));
    for (const int64_t count : column.categories.counts()) column.means.values.push_back(static_cast<double>(count) / rows);
    column.means.values.push_back(static_cast<double>(column.categories.missing_rows()) / rows);
    column.means.values.push_back(0.0);
    out.push_back(std::move(column));
  }
  return std::make_unique<CategoryNumbers>("frequency", std::move(out), rule.unseen);
}

std::unique_ptr<FittedPart> learn_target_means(Exec& exec, const Table& train, const std::vector<std::string>& columns,
                                               const EncodeRule& rule) {
  const TargetValues target = target_values(train, rule);
  std::vector<ColumnNumbers> out;
  for (const std::string& name : columns) {
    GroupedColumn grouped = group_column(exec, train, name, rule);
    CategoryMeans means = category_means(target, grouped.group, grouped.categories.size() + 1, rule.smoothing, {}, -1);
    out.push_back({std::move(grouped.categories), output_names(name, target.classes), std::move(means)});
  }
  return std::make_unique<CategoryNumbers>("target", std::move(out), rule.unseen);
}

Table cross_fitted(StepRun& run, const Table& train, const std::vector<std::string>& columns, const EncodeRule& rule) {
  const TargetValues target = target_values(train, rule);
  const std::vector<int> fold = deal_target_folds(target, rule.folds, rule.seed);
  Table out = train;
  for (const std::string& name : columns) {
    GroupedColumn grouped = group_column(run.exec, train, name, rule);
    std::vector<CategoryMeans> means;
    for (int f = 0; f < rule.folds; ++f)
      means.push_back(category_means(target, grouped.group, grouped.categories.size() + 1, rule.smoothing, fold, f));
    const ColumnNumbers column{std::move(grouped.categories), output_names(name, target.classes), {}};
    out = with_means(out, column, grouped.found, rule.unseen,
                     [&](size_t i) -> const CategoryMeans& { return means[static_cast<size_t>(fold[i])]; });
  }
  run.notes.push_back(concat(counted(train.rows(), "training row"), " encoded without their own target, in ",
                             counted(rule.folds, "fold")));
  return out;
}

std::unique_ptr<FittedPart> load_numbers(const Json& state, const EncodeRule& rule) {
  const Json& saved = state_field(state, "columns");
  if (!saved.is_array()) fail(Code::data, "the fitted state has no list of columns");
  Json categories = Json::array();
  for (const Json& item : saved) categories.push_back(state_field(item, "categories"));
  std::vector<Categories> columns = load_categories(categories);
  std::vector<ColumnNumbers> out;
  for (size_t i = 0; i < columns.size(); ++i) {
    ColumnNumbers column{std::move(columns[i]), state_names(state_field(saved[i], "names")), {}};
    const Json& values = state_field(saved[i], "values");
    const size_t wanted = (static_cast<size_t>(column.categories.size()) + 2) * column.names.size();
    if (column.names.empty() || !values.is_array() || values.size() != wanted)
      fail(Code::data, "the fitted state has not one number for each category");
    for (const Json& value : values) column.means.values.push_back(state_number(value));
    out.push_back(std::move(column));
  }
  return std::make_unique<CategoryNumbers>(rule.method, std::move(out), rule.unseen);
}

}  // namespace crisp
