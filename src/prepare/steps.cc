#include "prepare/steps.h"

#include "cuda/error.h"

namespace crisp {
namespace {

struct Entry {
  StepInfo info;
  StepPtr (*make)(StepOptions&);
};

const std::vector<Entry>& entries() {
  static const std::vector<Entry> list = {
      {{"filter", "where", "keeps the rows for which the condition is true"}, make_filter},
      {{"derive", "columns | name, as", "adds or replaces columns by expressions"}, make_derive},
      {{"select", "columns", "keeps these columns, in this order"}, make_select},
      {{"drop", "columns", "removes columns"}, make_drop},
      {{"rename", "columns", "gives columns new names: new = \"old\""}, make_rename},
      {{"cast", "columns", "changes types: column = \"real\""}, make_cast},
      {{"date_parts", "columns, parts, cyclic", "adds the month, hour, ... of timestamps as columns of numbers"},
       make_date_parts},
      {{"narrow", "cuts, zeros_missing", "rounds to 32-bit numbers without crossing a cut"}, make_narrow},
      {{"drop_missing", "columns", "drops rows with a missing value"}, make_drop_missing},
      {{"drop_duplicates", "columns", "keeps the first of rows with equal values"}, make_drop_duplicates},
      {{"check", "latitude, longitude, range, not_blank, policy", "refuses or drops impossible values"},
       make_check},
      {{"sort", "by, descending", "sorts rows; equal ones keep their order, missing values come last"},
       make_sort},
      {{"shuffle", "seed", "puts rows in random order"}, make_shuffle},
      {{"sample", "rows | fraction, seed", "keeps random rows, in their order"}, make_sample},
      {{"sessionise", "by, time, gap_seconds, into",
        "cuts events into sessions at pauses; sorts by key and time"},
       make_sessionise},
      {{"aggregate", "by, columns, statistics, min_rows", "one row a group"}, make_aggregate},
      {{"scale", "columns, method, per, min_rows, shrink", "brings columns to one scale; fitted"},
       make_scale},
      {{"impute", "columns, method, value, indicator", "fills missing values; fitted"}, make_impute},
      {{"encode", "columns, method, unseen, min_count, max_categories, target, task, smooth, folds, seed",
        "turns categories into numbers; fitted"},
       make_encode},
      {{"bin", "columns, method, bins, edges, closed, missing, labels", "cuts numbers into bins; fitted"}, make_bin},
      {{"clip", "columns, low, high, low_quantile, high_quantile", "brings what lies beyond limits to them; fitted"},
       make_clip},
  };
  return list;
}

[[noreturn]] void refuse_name(const std::string& name) {
  std::vector<std::string> names;
  for (const Entry& entry : entries()) names.push_back(entry.info.name);
  const std::string near = did_you_mean(name, names);
  throw Error(Code::config, concat("unknown step '", name, "'"),
              near.empty() ? concat("the steps are ", listed(names, 30)) : near);
}

}  // namespace

StepPtr make_step(const Json& keys) {
  if (!keys.is_object()) fail(Code::config, "a step is a table with the key 'step'");
  StepOptions options(keys);
  if (!options.has("step"))
    throw Error(Code::config, "key 'step' is missing", "write step = \"filter\", for example");
  const std::string name = options.text("step");
  for (const Entry& entry : entries()) {
    if (entry.info.name != name) continue;
    StepPtr step = entry.make(options);
    options.finish();
    return step;
  }
  refuse_name(name);
}

std::vector<StepInfo> step_reference() {
  std::vector<StepInfo> out;
  for (const Entry& entry : entries()) out.push_back(entry.info);
  return out;
}

}  // namespace crisp
