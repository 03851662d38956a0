#include <algorithm>
#include <cmath>
#include <span>

#include "cuda/error.h"
#include "prepare/arrow_grouping.h"
#include "prepare/steps.h"

namespace crisp {
namespace {

/// One key's events on the way to sessions.
struct Counts {
  int64_t out_of_order = 0, duplicates = 0, sessions = 0;
};

class Sessionise : public Step {
 public:
  Sessionise(std::vector<std::string> by, std::string time, double gap, std::string into)
      : by_(std::move(by)), time_(std::move(time)), gap_(gap), into_(std::move(into)) {}

  bool keeps_rows() const override { return false; }
  Reach reach() const override { return Reach::table; }
  std::string title() const override {
    return concat("sessionise by ", listed(by_), " at pauses above ", gap_, " s");
  }

  Table apply(StepRun& run, const Table& table) const override {
    check_time(table);
    const Table usable = with_key_and_time(run, table);
    const Grouping groups = group_rows(usable, by_);
    const std::vector<double> times = usable.numbers(time_);
    Counts counts;
    std::vector<int64_t> order;
    std::vector<int64_t> session;  // of each place in `order`, from 1 within its key
    order.reserve(times.size());
    session.reserve(times.size());
    const std::vector<int64_t> key_order = sorted_groups(usable, groups);
    for (const int64_t g : key_order) {
      const size_t begin = order.size();
      for (int64_t i = groups.offsets[g]; i < groups.offsets[g + 1]; ++i) order.push_back(groups.order[i]);
      cut(times, {order.begin() + static_cast<int64_t>(begin), order.end()}, session, counts);
    }
    tell(run, counts, static_cast<int64_t>(key_order.size()));
    return usable.take(order).with_texts(into_, names(usable, groups, order, session));
  }

 private:
  void check_time(const Table& table) const {
    if (table.type(time_) == ColumnType::text) {
      throw Error(Code::data, concat("column '", time_, "' is text, not a timestamp"),
                  concat("add the step cast, columns = { ", time_, " = \"timestamp\" }, before this one"));
    }
  }

  /// An event without a key or a time belongs to no session.
  Table with_key_and_time(StepRun& run, const Table& table) const {
    std::vector<uint8_t> keep(static_cast<size_t>(table.rows()), 1);
    std::vector<std::string> needed = by_;
    needed.push_back(time_);
    for (const std::string& name : needed) {
      const std::vector<uint8_t> missing = table.missing(name);
      for (size_t i = 0; i < keep.size(); ++i) keep[i] &= missing[i] ^ 1;
    }
    Table out = keep_rows(table, keep);
    if (out.rows() < table.rows()) {
      run.notes.push_back(
          concat(counted(table.rows() - out.rows(), "event"), " without ", listed(needed), " dropped"));
    }
    return out;
  }

  /// Groups in the order of their keys.
  std::vector<int64_t> sorted_groups(const Table& table, const Grouping& groups) const {
    std::vector<int64_t> firsts;
    for (int64_t g = 0; g < groups.groups(); ++g) firsts.push_back(groups.first(g));
    if (firsts.empty()) return {};
    std::vector<Value> keys;
    for (const std::string& name : by_) keys.push_back(take_rows(column_value(table, name), firsts));
    return sorted_rows(keys, std::vector<uint8_t>(keys.size(), 0));
  }

  /// Sorts one key's rows by time and numbers their sessions.
  void cut(const std::vector<double>& times, std::span<int64_t> rows, std::vector<int64_t>& session,
           Counts& counts) const {
    const auto time = [&](int64_t row) { return times[static_cast<size_t>(row)]; };
    int64_t backwards = 0;
    for (size_t i = 1; i < rows.size(); ++i) backwards += time(rows[i]) < time(rows[i - 1]);
    if (backwards > 0) {
      counts.out_of_order += backwards;
      std::stable_sort(rows.begin(), rows.end(), [&](int64_t a, int64_t b) { return time(a) < time(b); });
    }
    int64_t number = 1;
    for (size_t i = 0; i < rows.size(); ++i) {
      const double pause = i == 0 ? 0.0 : time(rows[i]) - time(rows[i - 1]);
      if (pause > gap_) ++number;
      counts.duplicates += i > 0 && pause == 0.0;
      session.push_back(number);
    }
    counts.sessions += number;
  }

  /// "367004650/3"; several keys are joined by "/" too.
  std::vector<std::string> names(const Table& table, const Grouping& groups,
                                 const std::vector<int64_t>& order,
                                 const std::vector<int64_t>& session) const {
    std::vector<std::string> prefix(static_cast<size_t>(groups.groups()));
    std::vector<int64_t> firsts;
    for (int64_t g = 0; g < groups.groups(); ++g) firsts.push_back(groups.first(g));
    const Table keys = table.select(by_).take(firsts);
    for (const std::string& name : by_) {
      const std::vector<std::string> texts = keys.texts(name);
      for (size_t g = 0; g < prefix.size(); ++g) prefix[g] += texts[g] + "/";
    }
    std::vector<std::string> out;
    out.reserve(order.size());
    for (size_t i = 0; i < order.size(); ++i) {
      out.push_back(
          concat(prefix[static_cast<size_t>(groups.code[static_cast<size_t>(order[i])])], session[i]));
    }
    return out;
  }

  void tell(StepRun& run, const Counts& counts, int64_t keys) const {
    run.notes.push_back(concat(counted(counts.sessions, "session"), " of ", counted(keys, "different key")));
    if (counts.out_of_order > 0)
      run.notes.push_back(counted(counts.out_of_order, "event") + " out of order, sorted");
    if (counts.duplicates > 0)
      run.notes.push_back(counted(counts.duplicates, "duplicate timestamp") + ", kept");
  }

  std::vector<std::string> by_;
  std::string time_;
  double gap_;
  std::string into_;
};

}  // namespace

StepPtr make_sessionise(StepOptions& options) {
  std::vector<std::string> by = options.names("by");
  std::string time = options.text("time");
  const double gap = options.number("gap_seconds", 0, 1e12);
  return std::make_unique<Sessionise>(std::move(by), std::move(time), gap,
                                      options.text("into", "session_id"));
}

}  // namespace crisp
