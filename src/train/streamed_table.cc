#include "train/streamed_table.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <numeric>
#include <set>

#include "core/format.h"
#include "core/interrupt.h"
#include "cuda/error.h"
#include "cuda/random.h"

namespace crisp {
namespace {

using Side = DrawnSplit::Side;

constexpr uint64_t kSampleStream = 0x73616d706c'000000u;

bool is_number(ColumnType type) { return type == ColumnType::integer || type == ColumnType::real; }

/// Rows that have all values of a column of which there are not too many: what a target is learned from.
class DifferentRows {
 public:
  explicit DifferentRows(std::string column) : column_(std::move(column)) {}

  void look(const Table& rows) {
    if (seen_.size() > kMostClasses) return;
    RowList fresh;
    const std::vector<std::string> values = rows.texts(column_);
    for (size_t i = 0; i < values.size() && seen_.size() <= kMostClasses; ++i) {
      if (seen_.insert(values[i]).second) fresh.push_back(static_cast<int64_t>(i));
    }
    if (!fresh.empty() || parts_.empty()) parts_.push_back(rows.select({column_}).take(fresh));
  }
  Table rows() const { return Table::concatenate(parts_); }

 private:
  std::string column_;
  std::set<std::string> seen_;
  std::vector<Table> parts_;
};

TargetRows concatenated(const std::vector<TargetRows>& parts) {
  TargetRows all;
  std::vector<Table> tables;
  for (const TargetRows& part : parts) {
    tables.push_back(part.rows);
    all.target.insert(all.target.end(), part.target.begin(), part.target.end());
  }
  all.rows = Table::concatenate(tables);
  return all;
}

}  // namespace

StreamedTable::StreamedTable(RowGroups groups, std::optional<Recipe> own) : groups_(std::move(groups)), own_(std::move(own)) {
  CRISP_REQUIRE(groups_.rows() > 0, Code::data, groups_.report().files.empty() ? "the table" : groups_.report().files[0].path, " has no rows");
  if (!own_ || (own_->keeps_rows() && own_->in_pieces())) return;
  throw Error(Code::config, "a step of the recipe drops or moves rows, or looks at other rows: a table that is read in parts cannot go through it",
              "prepare the table before, and train on what comes out");
}

Table StreamedTable::prepared(Exec& exec, const Table& raw) const {
  StepLog untold;
  return own_ ? own_->run_stateless(exec, raw, untold) : raw;
}

Table StreamedTable::target_column(Exec& exec, int64_t group) const {
  return own_steps() == 0 ? groups_.read(group, {target_.column()}) : prepared(exec, groups_.read(group));
}

void StreamedTable::require_targets(const Table& rows, int64_t group) const {
  const std::string& column = target_.column();
  const std::vector<uint8_t> missing = rows.missing(column);
  if (const int64_t blank = std::count(missing.begin(), missing.end(), 1); blank > 0) {
    throw Error(Code::data, concat(groups_.name(group), ": the target '", column, "' is missing in ", counted(blank, "row")),
                "write the table without those rows: where it is not read in parts they are left out");
  }
  if (!is_number(rows.type(column))) return;
  const std::vector<double> values = rows.numbers(column);
  const auto large = std::count_if(values.begin(), values.end(), [](double value) {
    return std::fabs(value) > static_cast<double>(std::numeric_limits<float>::max());
  });
  CRISP_REQUIRE(large == 0, Code::data, groups_.name(group), ": the target '", column, "' is infinite or beyond 32-bit numbers in ",
                counted(large, "row"));
}

void StreamedTable::learn_target(Exec& exec, const TargetPlan& plan) {
  prepared(exec, groups_.no_rows()).index_of(plan.column);
  target_ = Target::named(plan.column);
  DifferentRows different(plan.column);
  for (int64_t group = 0; group < groups_.size(); ++group) {
    check_interrupt();
    const Table rows = target_column(exec, group);
    require_targets(rows, group);
    different.look(rows);
  }
  target_ = Target::learn(different.rows(), plan);
  rows_of_class_.assign(target_.is_classes() ? target_.classes().size() : 1, 0);
  if (!target_.is_classes()) {
    rows_of_class_[0] = groups_.rows();
    return;
  }
  for (int64_t group = 0; group < groups_.size(); ++group) {
    check_interrupt();
    for (const double value : target_.values(target_column(exec, group))) ++rows_of_class_[class_of(value)];
  }
}

void StreamedTable::draw(Exec& exec, const SplitPlan& plan, bool test) {
  split_ = DrawnSplit(plan, rows_of_class_, test, [&](const std::function<void(size_t)>& use) {
    for (int64_t group = 0; group < groups_.size(); ++group) {
      check_interrupt();
      if (target_.is_classes()) {
        for (const double value : target_.values(target_column(exec, group))) use(class_of(value));
      } else {
        for (int64_t i = 0; i < groups_.rows(group); ++i) use(0);
      }
    }
  });
}

int64_t StreamedTable::learned_rows() const { return std::accumulate(train_rows_.begin(), train_rows_.end(), int64_t{0}); }

RowList StreamedTable::rows_of(int64_t group, const std::vector<double>& values, Side side) const {
  RowList rows;
  for (size_t i = 0; i < values.size(); ++i) {
    const auto row = static_cast<int64_t>(i);
    if (split_.side(groups_.begin(group) + row, class_of(values[i])) == side) rows.push_back(row);
  }
  return rows;
}

StreamedTable::Kept StreamedTable::keep(Exec& exec, int64_t sample_rows, uint64_t seed) {
  const int64_t to_learn = groups_.rows() - split_.test_rows() - split_.validation_rows();
  const double share = static_cast<double>(sample_rows) / static_cast<double>(std::max<int64_t>(to_learn, 1));
  train_rows_.assign(static_cast<size_t>(groups_.size()), 0);
  train_classes_.assign(target_.is_classes() ? rows_of_class_.size() : 0, 0);
  std::vector<TargetRows> sample, validation;
  std::vector<Table> test;
  for (int64_t group = 0; group < groups_.size(); ++group) {
    check_interrupt();
    const Table rows = prepared(exec, groups_.read(group));
    const TargetRows all{rows, target_.values(rows), {}};
    const RowList learned = rows_of(group, all.target, Side::train);
    train_rows_[static_cast<size_t>(group)] = static_cast<int64_t>(learned.size());
    RowList drawn;
    for (const int64_t row : learned) {
      if (target_.is_classes()) ++train_classes_[class_of(all.target[static_cast<size_t>(row)])];
      const auto number = static_cast<uint64_t>(groups_.begin(group) + row);
      if (random_uniform(seed, kSampleStream, number) < share) drawn.push_back(row);
    }
    sample.push_back(all.take(drawn));
    validation.push_back(all.take(rows_of(group, all.target, Side::validation)));
    test.push_back(rows.take(rows_of(group, all.target, Side::test)));
  }
  return {concatenated(sample), concatenated(validation), Table::concatenate(test)};
}

TargetRows StreamedTable::read(Exec& exec, int64_t group) const {
  const Table rows = prepared(exec, groups_.read(group));
  const TargetRows all{rows, target_.values(rows), {}};
  return all.take(rows_of(group, all.target, Side::train));
}

std::vector<double> StreamedTable::targets(Exec& exec, int64_t group) const {
  const std::vector<double> values = target_.values(target_column(exec, group));
  std::vector<double> learned;
  for (const int64_t row : rows_of(group, values, Side::train)) learned.push_back(values[static_cast<size_t>(row)]);
  return learned;
}

}  // namespace crisp
