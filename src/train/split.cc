#include "train/split.h"

#include <algorithm>
#include <cmath>
#include <map>
#include <numeric>
#include <set>

#include "core/format.h"
#include "core/stable_hash.h"
#include "cuda/error.h"
#include "cuda/random.h"

namespace crisp {
namespace {

constexpr uint64_t kFoldStream = 0x73706c697403;

/// What a part of the rows is cut by.
struct Cut {
  const Table& rows;
  const Target& target;
  std::span<const double> values;
  const SplitPlan& plan;
};

RowList all_rows(int64_t rows) {
  RowList all(static_cast<size_t>(rows));
  std::iota(all.begin(), all.end(), 0);
  return all;
}

/// In an order drawn by seed, stream and number.
RowList shuffled(RowList rows, uint64_t seed, uint64_t stream) {
  std::vector<std::pair<uint64_t, int64_t>> keyed;
  keyed.reserve(rows.size());
  for (const int64_t row : rows) keyed.emplace_back(random_bits(seed, stream, static_cast<uint64_t>(row)), row);
  std::sort(keyed.begin(), keyed.end());
  for (size_t i = 0; i < rows.size(); ++i) rows[i] = keyed[i].second;
  return rows;
}

/// Unions of rows that stay together, in the order in which they are dealt.
std::vector<RowList> shuffled_groups(const Table& rows, const RowList& among, const std::string& column, uint64_t seed,
                                     uint64_t stream) {
  const std::vector<std::string> names = rows.texts(column);
  const std::vector<uint8_t> missing = rows.missing(column);
  std::map<std::string, RowList> by_name;
  std::vector<RowList> alone;  // a row of no entity is one by itself
  for (const int64_t row : among) {
    const auto i = static_cast<size_t>(row);
    if (missing[i]) {
      alone.push_back({row});
    } else {
      by_name[names[i]].push_back(row);
    }
  }
  std::vector<std::pair<uint64_t, RowList>> keyed;
  for (auto& [name, members] : by_name) keyed.emplace_back(random_bits(seed, stream, stable_hash(name)), std::move(members));
  for (RowList& row : alone) {
    const uint64_t key = random_bits(seed, stream ^ 1u << 16, static_cast<uint64_t>(row[0]));
    keyed.emplace_back(key, std::move(row));
  }
  std::sort(keyed.begin(), keyed.end());
  std::vector<RowList> groups;
  for (auto& [key, members] : keyed) groups.push_back(std::move(members));
  return groups;
}

/// Rows by class, in the order of the classes; all of them in one list where the target is a number.
std::vector<RowList> by_class(const Cut& cut, const RowList& among) {
  if (!cut.target.is_classes()) return {among};
  std::vector<RowList> classes(cut.target.classes().size());
  for (const int64_t row : among) classes[static_cast<size_t>(cut.values[static_cast<size_t>(row)])].push_back(row);
  return classes;
}

RowList drawn_rows(const Cut& cut, const RowList& among, int64_t wanted, uint64_t stream) {
  const std::vector<RowList> classes = by_class(cut, among);
  std::vector<int64_t> sizes;
  for (const RowList& rows : classes) sizes.push_back(static_cast<int64_t>(rows.size()));
  const std::vector<int64_t> counts = wanted_by_class(sizes, wanted);
  RowList drawn;
  for (size_t c = 0; c < classes.size(); ++c) {
    const RowList order = shuffled(classes[c], cut.plan.seed, stream);
    drawn.insert(drawn.end(), order.begin(), order.begin() + counts[c]);
  }
  return drawn;
}

/// Whole groups until `wanted` rows are nearest; never all of them.
RowList drawn_groups(const Cut& cut, const RowList& among, int64_t wanted, uint64_t stream) {
  const std::vector<RowList> groups = shuffled_groups(cut.rows, among, cut.plan.group, cut.plan.seed, stream);
  if (groups.size() < 2) {
    throw Error(Code::data, concat("all ", counted(static_cast<int64_t>(among.size()), "row"), " have one ", cut.plan.group,
                                   ": they cannot stand on two sides"),
                "split by another column, or at random without --group");
  }
  RowList drawn;
  for (size_t g = 0; g + 1 < groups.size(); ++g) {
    const auto more = static_cast<int64_t>(groups[g].size()), have = static_cast<int64_t>(drawn.size());
    // A group that would overshoot by more than it helps is left to the other side, but for the very first.
    if (have > 0 && have + more - wanted > wanted - have) continue;
    drawn.insert(drawn.end(), groups[g].begin(), groups[g].end());
  }
  return drawn;
}

/// The latest `wanted` rows; rows of one time stay together, on the later side where they would be cut.
RowList latest_rows(const Cut& cut, const RowList& among, int64_t wanted) {
  const std::vector<double> times = cut.rows.numbers(cut.plan.time);
  RowList order = among;
  const auto time_of = [&](int64_t row) { return times[static_cast<size_t>(row)]; };
  std::stable_sort(order.begin(), order.end(), [&](int64_t a, int64_t b) { return time_of(a) < time_of(b); });
  if (time_of(order.front()) == time_of(order.back())) {
    throw Error(Code::data, concat("all rows have one time in ", cut.plan.time, ": none is later than another"),
                "split by another column, or at random without --time");
  }
  size_t first = order.size() - static_cast<size_t>(wanted);
  const double edge = time_of(order[first]);
  while (first > 0 && time_of(order[first - 1]) == edge) --first;
  if (first == 0) {  // the earliest time is that common: it is learned from, and what is later is tested
    while (time_of(order[first]) == edge) ++first;
  }
  return {order.begin() + static_cast<std::ptrdiff_t>(first), order.end()};
}

void take_out(RowList& from, RowList& taken) {
  std::sort(taken.begin(), taken.end());
  RowList rest;
  std::set_difference(from.begin(), from.end(), taken.begin(), taken.end(), std::back_inserter(rest));
  from = std::move(rest);
}

RowList drawn(const Cut& cut, const RowList& among, int64_t wanted, uint64_t stream) {
  if (!cut.plan.time.empty()) return latest_rows(cut, among, wanted);
  if (!cut.plan.group.empty()) return drawn_groups(cut, among, wanted, stream);
  return drawn_rows(cut, among, wanted, stream);
}

std::string manner(const Cut& cut) {
  if (!cut.plan.time.empty()) return concat("the latest by ", cut.plan.time);
  if (!cut.plan.group.empty()) return concat("by whole values of ", cut.plan.group);
  return random_manner(cut.target, cut.plan.seed);
}

/// Where the split column puts a row.
enum class Side { train, validation, test, none };

Side side_of(const std::string& value, const std::string& test_value) {
  if (!test_value.empty()) return value == test_value || value == test_value + ".0" ? Side::test : Side::train;
  for (const char* name : {"test", "true", "1", "1.0"}) {
    if (value == name) return Side::test;
  }
  for (const char* name : {"train", "training", "false", "0", "0.0"}) {
    if (value == name) return Side::train;
  }
  for (const char* name : {"validation", "valid", "val"}) {
    if (value == name) return Side::validation;
  }
  return Side::none;
}

Split column_parts(const Table& rows, const SplitPlan& plan) {
  const std::vector<std::string> values = rows.texts(plan.column);
  const std::vector<uint8_t> missing = rows.missing(plan.column);
  Split split;
  for (size_t i = 0; i < values.size(); ++i) {
    const Side side = missing[i] ? Side::none : side_of(values[i], plan.test_value);
    if (side == Side::none) {
      throw Error(Code::data, concat("row ", i + 1, ": ", plan.column, " is ", missing[i] ? "blank" : concat("'", values[i], "'"),
                                     ", which does not say where the row belongs"),
                  "train, validation or test are known; name the rows to test with --test-value VALUE");
    }
    RowList& list = side == Side::test ? split.test : side == Side::validation ? split.validation : split.train;
    list.push_back(static_cast<int64_t>(i));
  }
  if (!split.test.empty() && !split.train.empty()) {
    split.notes.push_back(concat("rows to test are those that ", plan.column, " says"));
    return split;
  }
  throw Error(Code::data, concat("by the column ", plan.column, " there are ", counted(static_cast<int64_t>(split.train.size()), "row"),
                                 " to learn from and ", split.test.size(), " to test"),
              "name the value of the rows to test with --test-value VALUE");
}

void require_times(const Table& rows, const std::string& column) {
  const ColumnType type = rows.type(column);
  CRISP_REQUIRE(type != ColumnType::text && type != ColumnType::boolean, Code::data, "the column ", column, " holds ",
                type == ColumnType::text ? "texts" : "truth values", ", not times or numbers to be ordered by");
  const std::vector<uint8_t> missing = rows.missing(column);
  const int64_t blank = std::count(missing.begin(), missing.end(), 1);
  if (blank == 0) return;
  throw Error(Code::data, concat("the column ", column, ": ", counted(blank, "row"), " without a time cannot be put in order"),
              "leave them out with a step filter or drop_missing");
}

}  // namespace

int64_t usual_test_rows(int64_t rows) { return std::clamp<int64_t>((rows + 2) / 5, 1, 50'000); }
int64_t usual_validation_rows(int64_t rows) { return std::clamp<int64_t>((rows + 5) / 10, 1, 20'000); }

std::vector<int64_t> wanted_by_class(const std::vector<int64_t>& rows_of_class, int64_t wanted) {
  int64_t total = 0, given = 0;
  for (const int64_t rows : rows_of_class) total += rows;
  std::vector<int64_t> counts;
  std::vector<std::pair<double, size_t>> remainders;
  for (size_t c = 0; c < rows_of_class.size(); ++c) {
    const double exact = static_cast<double>(wanted) * static_cast<double>(rows_of_class[c]) / static_cast<double>(total);
    counts.push_back(static_cast<int64_t>(exact));
    given += counts.back();
    remainders.emplace_back(static_cast<double>(counts.back()) - exact, c);
  }
  std::stable_sort(remainders.begin(), remainders.end());
  for (size_t i = 0; given < wanted; ++i, ++given) ++counts[remainders[i % remainders.size()].second];
  for (size_t c = 0; c < counts.size(); ++c) counts[c] = std::min(counts[c], std::max<int64_t>(0, rows_of_class[c] - 1));
  return counts;
}

int64_t wanted_rows(double share, int64_t rows, int64_t usual) {
  if (share == 0) return usual;
  return std::clamp<int64_t>(static_cast<int64_t>(std::llround(share * static_cast<double>(rows))), 1, rows - 1);
}

std::string random_manner(const Target& target, uint64_t seed) {
  return concat("at random", target.is_classes() ? ", each class by its share" : "", " (seed ", seed, ")");
}

void refuse_leak(const Table& train, const Table& test, const SplitPlan& plan) {
  if (plan.allow_leak || train.rows() == 0 || test.rows() == 0) return;
  if (!plan.group.empty()) {
    const std::vector<std::string> learned = train.texts(plan.group), tested = test.texts(plan.group);
    const std::vector<uint8_t> missing = test.missing(plan.group);
    const std::set<std::string> known(learned.begin(), learned.end());
    for (size_t i = 0; i < tested.size(); ++i) {
      if (missing[i] || !known.contains(tested[i])) continue;
      throw Error(Code::data, concat(plan.group, " '", tested[i], "' stands on both sides of the split: the test would know it already"),
                  "leave out --time, --split-column or --test to split by group, or say --allow-leak");
    }
  }
  if (plan.time.empty()) return;
  require_times(train, plan.time);
  require_times(test, plan.time);
  const std::vector<double> before = train.numbers(plan.time), after = test.numbers(plan.time);
  if (*std::max_element(before.begin(), before.end()) < *std::min_element(after.begin(), after.end())) return;
  throw Error(Code::data, concat("rows to learn from are not all earlier than those to test, by ", plan.time,
                                 ": the model would know what came later"),
              "leave out --split-column or --test to split by time, or say --allow-leak");
}

void split_off_validation(const Table& rows, const Target& target, std::span<const double> values, const SplitPlan& plan,
                          Split& split) {
  const auto left = static_cast<int64_t>(split.train.size());
  if (!plan.validation || !split.validation.empty() || left < 2) return;
  SplitPlan by_chance = plan;
  const Cut cut{rows, target, values, by_chance};
  if (!plan.group.empty() && shuffled_groups(rows, split.train, plan.group, plan.seed, 0).size() < 2) by_chance.group.clear();
  split.validation = drawn(cut, split.train, wanted_rows(plan.validation_share, left, usual_validation_rows(left)), kValidationStream);
  take_out(split.train, split.validation);
  split.notes.push_back(concat(counted(static_cast<int64_t>(split.validation.size()), "row"), " of them to say when to stop, ", manner(cut)));
}

Split split_rows(const Table& rows, const Target& target, std::span<const double> values, const SplitPlan& plan) {
  CRISP_ASSERT(static_cast<int64_t>(values.size()) == rows.rows());
  if (!plan.group.empty()) rows.index_of(plan.group);
  if (!plan.time.empty()) require_times(rows, plan.time);
  Split split;
  if (!plan.column.empty()) {
    split = column_parts(rows, plan);
  } else {
    const Cut cut{rows, target, values, plan};
    split.train = all_rows(rows.rows());
    split.test = drawn(cut, split.train, wanted_rows(plan.test_share, rows.rows(), usual_test_rows(rows.rows())), kTestStream);
    CRISP_REQUIRE(!split.test.empty(), Code::data, "every class has one row only: none can be spared for the test");
    take_out(split.train, split.test);
    split.notes.push_back(concat(counted(static_cast<int64_t>(split.test.size()), "row"), " to test, ", manner(cut)));
  }
  refuse_leak(rows.take(split.train), rows.take(split.test), plan);
  split_off_validation(rows, target, values, plan, split);
  return split;
}

namespace {

/// Fold k of `folds` is the k-th part; rows of one time fall into one part.
std::vector<RowList> time_parts(const Cut& cut, int parts) {
  const std::vector<double> times = cut.rows.numbers(cut.plan.time);
  RowList order = all_rows(cut.rows.rows());
  std::stable_sort(order.begin(), order.end(), [&](int64_t a, int64_t b) { return times[static_cast<size_t>(a)] < times[static_cast<size_t>(b)]; });
  std::vector<RowList> lists(static_cast<size_t>(parts));
  size_t part = 0;
  for (size_t i = 0; i < order.size(); ++i) {
    const bool new_time = i == 0 || times[static_cast<size_t>(order[i])] != times[static_cast<size_t>(order[i - 1])];
    if (new_time) part = i * static_cast<size_t>(parts) / order.size();
    lists[part].push_back(order[i]);
  }
  return lists;
}

/// Groups go to the smallest fold, so that folds become even; classes are dealt by turns.
std::vector<RowList> fold_parts(const Cut& cut, int folds) {
  std::vector<RowList> parts(static_cast<size_t>(folds));
  const RowList all = all_rows(cut.rows.rows());
  if (cut.plan.group.empty()) {
    size_t turn = 0;
    for (const RowList& rows : by_class(cut, all)) {
      for (const int64_t row : shuffled(rows, cut.plan.seed, kFoldStream)) parts[turn++ % parts.size()].push_back(row);
    }
    return parts;
  }
  for (const RowList& group : shuffled_groups(cut.rows, all, cut.plan.group, cut.plan.seed, kFoldStream)) {
    RowList& smallest = *std::min_element(parts.begin(), parts.end(), [](const RowList& a, const RowList& b) { return a.size() < b.size(); });
    smallest.insert(smallest.end(), group.begin(), group.end());
  }
  return parts;
}

std::vector<RowList> column_folds(const Cut& cut) {
  std::map<std::string, RowList> by_value;
  const std::vector<std::string> values = cut.rows.texts(cut.plan.column);
  for (size_t i = 0; i < values.size(); ++i) by_value[values[i]].push_back(static_cast<int64_t>(i));
  std::vector<RowList> parts;
  for (auto& [value, rows] : by_value) parts.push_back(std::move(rows));
  return parts;
}

}  // namespace

std::vector<Split> split_folds(const Table& rows, const Target& target, std::span<const double> values, const SplitPlan& plan,
                               int folds) {
  CRISP_ASSERT(folds >= 2);
  const Cut cut{rows, target, values, plan};
  const bool timed = !plan.time.empty();
  if (timed) require_times(rows, plan.time);
  std::vector<RowList> parts = timed ? time_parts(cut, folds + 1) : !plan.column.empty() ? column_folds(cut) : fold_parts(cut, folds);
  for (RowList& part : parts) {
    std::sort(part.begin(), part.end());
    if (part.empty() || parts.size() < 2) {
      throw Error(Code::data, concat("--cv: ", counted(rows.rows(), "row"), plan.group.empty() ? "" : " by " + plan.group,
                                     " cannot be dealt to ", folds, " folds"), "ask for fewer folds");
    }
  }
  std::vector<Split> splits;
  for (size_t k = timed ? 1 : 0; k < parts.size(); ++k) {
    Split split;
    split.test = parts[k];
    for (size_t other = 0; other < parts.size(); ++other) {
      if (other == k || (timed && other > k)) continue;
      split.train.insert(split.train.end(), parts[other].begin(), parts[other].end());
    }
    std::sort(split.train.begin(), split.train.end());
    refuse_leak(rows.take(split.train), rows.take(split.test), plan);
    split_off_validation(rows, target, values, plan, split);
    splits.push_back(std::move(split));
  }
  return splits;
}

}  // namespace crisp
