#include "tools/table_flags.h"

#include <CLI/CLI.hpp>

#include <algorithm>
#include <charconv>

#include "core/log.h"
#include "cuda/error.h"

namespace crisp {

namespace {

/// CLI11 would let -1 and numbers beyond 64 bits wrap around to another seed.
std::string seed_complaint(const std::string& text) {
  uint64_t seed = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), seed);
  const bool whole = error == std::errc() && end == text.data() + text.size();
  return whole ? std::string() : concat("'", text, "' is not a whole number from 0 to 18446744073709551615");
}

}  // namespace

void add_table_flags(CLI::App& verb, TableFlags& flags) {
  verb.add_option("DATA", flags.data, "CSV, TSV, JSON lines, Parquet or Arrow; a folder, a glob, or - for stdin")->required();
  verb.add_option("--model", flags.model, "The model; see crisp models")->capture_default_str();
  verb.add_option("--set", flags.sets, "A model parameter as key=value; may be repeated")->allow_extra_args(false);
  verb.add_option("--features", flags.features, "Columns to learn from, * stands for any characters")
      ->delimiter(',')
      ->check(blank_complaint);
  verb.add_option("--per", flags.per, "A model for each value of this column")->check(blank_complaint);
  verb.add_option("--label", flags.label, "A column that says which rows are anomalies: judged by it, never learned from")
      ->check(blank_complaint);
  verb.add_option("--anomaly", flags.anomaly, "The label's value for an anomaly")
      ->check(blank_complaint)
      ->capture_default_str();
  verb.add_option("--threshold", flags.threshold, "mean_std, quantile, contamination or fixed")->capture_default_str();
  CLI::Option* k =
      verb.add_option("-k", flags.k, "The threshold's number; default 3 deviations, the quantile 0.99, the share 0.01");
  verb.add_option("--cutoff", flags.cutoff, "The cutoff itself: short for --threshold fixed -k VALUE")->excludes(k);
  verb.add_option("--seed", flags.seed, "Everything random follows from it")
      ->envname("CRISP_SEED")
      ->check(seed_complaint)
      ->capture_default_str();
}

Json given_params(const std::vector<std::string>& sets, Json params) {
  for (const std::string& set : sets) {
    const size_t equals = set.find('=');
    CRISP_REQUIRE(equals != std::string::npos && equals > 0, Code::usage, "--set ", set, ": expected key=value");
    params[set.substr(0, equals)] = set.substr(equals + 1);
  }
  return params;
}

namespace {

/// Which columns the model does not see: a text, or a column that is blank throughout.
void tell_left_out(const Table& table, const Project& project) {
  const std::vector<std::string>& used = project.pipeline.features;
  std::string names;
  for (const ColumnInfo& column : table.schema()) {
    if (std::find(used.begin(), used.end(), column.name) != used.end() || column.name == project.pipeline.label.column) continue;
    const bool blank = column.missing == table.rows();
    names += concat(names.empty() ? "" : ", ", column.name, " (", blank ? "blank" : column_type_name(column.type), ")");
  }
  if (!names.empty()) note("not learned from: ", names);
}

}  // namespace

namespace {

ThresholdRule threshold_of(const TableFlags& flags) {
  if (flags.cutoff) return ThresholdRule::parse("fixed", *flags.cutoff);
  if (flags.threshold == "fixed" && !flags.k) {
    throw Error(Code::usage, "--threshold fixed: the cutoff is missing", "give it with -k VALUE, or --cutoff VALUE alone");
  }
  return ThresholdRule::parse(flags.threshold, flags.k.value_or(ThresholdRule::usual_k(flags.threshold)));
}

}  // namespace

DetectorTable read_detector_table(const Program& program, const TableFlags& flags, const Json& defaults) {
  refuse_model_as_data(flags.data);
  TableProject plan;
  plan.data.path = flags.data;
  plan.model = flags.model;
  plan.params = given_params(flags.sets, defaults);
  plan.features = flags.features;
  plan.per = flags.per;
  if (!flags.label.empty()) plan.label = {flags.label, flags.anomaly, ""};
  plan.threshold = threshold_of(flags);
  plan.seed = flags.seed;
  program.registry.at(plan.model).params().resolve(plan.params);  // before any work: what is wrong here is not the data's fault
  note("reading ", flags.data);
  DetectorTable read;
  read.table = read_table(plan.data, &read.reading);
  require_rows(read.table, flags.data);
  read.project = plan.project(read.table, program.registry);
  tell_left_out(read.table, read.project);
  return read;
}

RunResult run_table(Exec& exec, const Program& program, const TableFlags& flags, const Json& defaults,
                    PhaseClock& clock) {
  const DetectorTable read = read_detector_table(program, flags, defaults);
  return run_on_table(exec, read.project, read.table, read.reading, clock);
}

}  // namespace crisp
