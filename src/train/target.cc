#include "train/target.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <map>
#include <set>

#include "core/format.h"
#include "cuda/error.h"
#include "train/manifest.h"

namespace crisp {
namespace {

constexpr double kNone = std::numeric_limits<double>::quiet_NaN();

/// The same class whether a file's column was read as whole numbers or as reals: "3" for 3 and 3.0.
std::string number_name(double value) {
  constexpr double kExact = 9007199254740992.0;  // 2^53: below, every whole number is a double
  if (value == std::trunc(value) && std::fabs(value) < kExact) return concat(static_cast<int64_t>(value));
  return concat(value);
}

/// The name of every row's class; rows without one have an empty name and a 1 in `missing`.
struct ClassNames {
  std::vector<std::string> names;
  std::vector<uint8_t> missing;
};

ClassNames class_names(const Table& rows, const std::string& column) {
  ClassNames found{{}, rows.missing(column)};
  if (rows.type(column) != ColumnType::real) {
    found.names = rows.texts(column);
    return found;
  }
  for (const double value : rows.numbers(column)) found.names.push_back(std::isnan(value) ? "" : number_name(value));
  return found;
}

std::vector<std::string> classes_in_order(const Table& rows, const std::string& column) {
  const ClassNames found = class_names(rows, column);
  const bool numbers = rows.type(column) == ColumnType::integer || rows.type(column) == ColumnType::real;
  const std::vector<double> sizes = numbers ? rows.numbers(column) : std::vector<double>();
  std::map<std::string, double> by_name;
  for (size_t i = 0; i < found.names.size(); ++i) {
    if (found.missing[i]) continue;
    by_name.try_emplace(found.names[i], numbers ? sizes[i] : 0);
    if (by_name.size() <= kMostClasses) continue;
    throw Error(Code::data, concat("the target '", column, "' has more than ", kMostClasses, " different values"),
                numbers ? "predict it as a number: --task regression" : "a column of names or texts is not a class; choose another");
  }
  std::vector<std::string> classes;
  for (const auto& entry : by_name) classes.push_back(entry.first);
  std::stable_sort(classes.begin(), classes.end(),
                   [&](const std::string& a, const std::string& b) { return by_name[a] < by_name[b]; });
  return classes;
}

/// 3 stands for "three or more".
size_t different_numbers(const std::vector<double>& values) {
  std::set<double> seen;
  for (const double value : values) {
    if (!std::isnan(value)) seen.insert(value);
    if (seen.size() == 3) break;
  }
  return seen.size();
}

Task task_of(const Table& rows, const TargetPlan& plan) {
  const ColumnType type = rows.type(plan.column);
  const bool numbers = type == ColumnType::integer || type == ColumnType::real;
  if (type == ColumnType::timestamp) {
    throw Error(Code::data, concat("the target '", plan.column, "' holds times, which are not predicted"),
                "derive a number from them in a recipe");
  }
  if (!plan.task) {
    return numbers && different_numbers(rows.numbers(plan.column)) != 2 ? Task::regression : Task::classification;
  }
  CRISP_REQUIRE(*plan.task != Task::anomaly, Code::usage, "--task anomaly has no target; use --label to judge a detector");
  if (*plan.task != Task::classification && type == ColumnType::text) {
    throw Error(Code::data, concat("the target '", plan.column, "' holds texts, and a ", task_name(*plan.task), " gives numbers"),
                *plan.task == Task::forecast ? "forecast a column of numbers" : "leave --task out: texts are classes");
  }
  return *plan.task;
}

void require_targets(const Table& rows, const std::string& column) {
  const std::vector<uint8_t> missing = rows.missing(column);
  const int64_t there = std::count(missing.begin(), missing.end(), 0);
  CRISP_REQUIRE(there > 0, Code::data, "the target '", column, "' is blank in all ", counted(rows.rows(), "row"));
  CRISP_REQUIRE(there > 1, Code::data, "one row with a target '", column, "' is not enough to learn from and to judge by");
}

void require_numbers(const std::vector<double>& values, const std::string& column) {
  const auto too_large = std::count_if(values.begin(), values.end(), [](double value) {
    return std::fabs(value) > static_cast<double>(std::numeric_limits<float>::max());
  });
  if (too_large > 0) {
    throw Error(Code::data, concat("the target '", column, "': ", counted(too_large, "row"), " infinite or beyond 32-bit numbers"),
                "leave those rows out, or predict the logarithm");
  }
  CRISP_REQUIRE(different_numbers(values) > 1, Code::data, "the target '", column,
                "' is the same number in every row: there is nothing to predict");
}

/// Puts the positive class second.
void put_positive_last(std::vector<std::string>& classes, const TargetPlan& plan) {
  if (plan.positive.empty()) return;
  const auto found = std::find(classes.begin(), classes.end(), plan.positive);
  if (found != classes.end() && classes.size() == 2) {
    std::iter_swap(found, classes.end() - 1);
    return;
  }
  CRISP_REQUIRE(found == classes.end(), Code::config, "a positive class is one of two, and the target '", plan.column, "' has ",
                classes.size());
  std::string known;
  for (size_t i = 0; i < std::min<size_t>(classes.size(), 8); ++i) known += concat(i ? ", '" : "'", classes[i], "'");
  const std::string nearest = nearest_name(plan.positive, classes);
  throw Error(Code::config, concat("the target '", plan.column, "' has no class '", plan.positive, "'"),
              nearest.empty() ? concat("its classes are ", known) : concat("did you mean '", nearest, "'?"));
}

}  // namespace

Target Target::named(std::string column) {
  Target target;
  target.column_ = std::move(column);
  return target;
}

Target Target::learn(const Table& rows, const TargetPlan& plan) {
  Target target;
  target.column_ = plan.column;
  rows.index_of(plan.column);
  require_targets(rows, plan.column);
  target.task_ = task_of(rows, plan);
  if (!target.is_classes()) {
    CRISP_REQUIRE(plan.positive.empty(), Code::config, "--positive names a class, and the target '", plan.column, "' is a number");
    require_numbers(rows.numbers(plan.column), plan.column);
    return target;
  }
  target.classes_ = classes_in_order(rows, plan.column);
  CRISP_REQUIRE(target.classes_.size() > 1, Code::data, "the target '", plan.column, "' is '", target.classes_[0],
                "' in every row: there is nothing to tell apart");
  put_positive_last(target.classes_, plan);
  return target;
}

std::vector<double> Target::values(const Table& rows) const {
  if (!is_classes()) {
    CRISP_REQUIRE(rows.type(column_) != ColumnType::text, Code::data, "the target '", column_, "' holds texts where numbers were learned");
    return rows.numbers(column_);
  }
  std::map<std::string, double> index;
  for (size_t i = 0; i < classes_.size(); ++i) index[classes_[i]] = static_cast<double>(i);
  const ClassNames found = class_names(rows, column_);
  std::vector<double> values(found.names.size(), kNone);
  for (size_t i = 0; i < values.size(); ++i) {
    const auto known = index.find(found.names[i]);
    if (!found.missing[i] && known != index.end()) values[i] = known->second;
  }
  return values;
}

int64_t Target::unknown_classes(const Table& rows) const {
  if (!is_classes()) return 0;
  const std::vector<uint8_t> missing = rows.missing(column_);
  const std::vector<double> known = values(rows);
  int64_t unknown = 0;
  for (size_t i = 0; i < known.size(); ++i) unknown += !missing[i] && std::isnan(known[i]);
  return unknown;
}

Target Target::with_classes_of(const std::vector<double>& values) const {
  if (!is_classes()) return *this;
  std::vector<uint8_t> there(classes_.size());
  for (const double value : values) {
    if (!std::isnan(value)) there[static_cast<size_t>(value)] = 1;
  }
  Target fewer = *this;
  fewer.classes_.clear();
  for (size_t i = 0; i < classes_.size(); ++i) {
    if (there[i]) fewer.classes_.push_back(classes_[i]);
  }
  CRISP_REQUIRE(fewer.classes_.size() > 1, Code::data, "all training rows have the target '", column_, "' = '",
                fewer.classes_.empty() ? std::string() : fewer.classes_[0], "': there is nothing to tell apart");
  return fewer;
}

Json Target::to_json() const {
  Json json = {{"column", column_}, {"task", task_name(task_)}};
  if (is_classes()) json["classes"] = classes_;
  if (classes_.size() == 2) json["positive"] = classes_[1];
  return json;
}

Target Target::from_json(const Json& json) {
  Target target;
  target.column_ = manifest_member(json, "column", &Json::is_string).get<std::string>();
  target.task_ = parse_task(manifest_member(json, "task", &Json::is_string).get<std::string>());
  CRISP_REQUIRE(target.task_ != Task::anomaly, Code::data, "manifest.json: a target, and the task anomaly");
  if (!target.is_classes()) return target;
  target.classes_ = manifest_texts(manifest_member(json, "classes", &Json::is_array));
  const std::set<std::string> different(target.classes_.begin(), target.classes_.end());
  CRISP_REQUIRE(different.size() == target.classes_.size() && different.size() > 1 && different.size() <= kMostClasses,
                Code::data, "manifest.json: the classes are not 2 to ", kMostClasses, " different texts");
  return target;
}

}  // namespace crisp
