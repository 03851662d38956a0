/// crisp profile DATA: what is in a table, and what to look at before learning from it.
#include <CLI/CLI.hpp>

#include "core/atomic_file.h"
#include "core/log.h"
#include "profile/profile.h"
#include "tools/program.h"

namespace crisp {
namespace {

struct ProfileFlags {
  std::string data, output;
  std::vector<std::string> columns;
  bool force = false;
};

/// What a table made of text may take in memory; a larger one is parsed again for each pass.
constexpr int64_t kResidentBytes = int64_t{512} << 20;

void profile(const Program& program, const ProfileFlags& flags) {
  refuse_model_as_data(flags.data);
  if (!flags.output.empty()) require_writable(flags.output, flags.force);
  const auto exec = program.make_exec();
  ReadRequest request;
  request.path = flags.data;
  request.columns = flags.columns;
  request.threads = program.threads;
  ReadReport reading;
  note("reading ", flags.data);
  const TableScan scan(request, kResidentBytes, reading);
  const TableProfile result = profile_table(*exec, scan);
  if (!flags.output.empty()) {
    write_file_atomically(flags.output, profile_report(result, flags.data, reading));
    note("report: ", flags.output);
  }
  program.print_json(profile_json(result, flags.data, reading));
  program.print(profile_text(result, flags.data, reading));
}

}  // namespace

void add_profile(CLI::App& app, Program& program) {
  auto flags = std::make_shared<ProfileFlags>();
  CLI::App* verb =
      app.add_subcommand("profile", "Describe every column of a table, and what is wrong with it");
  verb->add_option("DATA", flags->data,
                   "CSV, TSV, JSON lines, Parquet or Arrow; a folder, a glob, or - for stdin")
      ->required();
  verb->add_option("--columns", flags->columns, "Only these, separated by commas")->delimiter(',');
  verb->add_option("-o,--output", flags->output, "Where the HTML page goes");
  verb->add_flag("--force", flags->force, "Overwrite the page");
  add_global_flags(*verb, program);
  verb->callback([&program, flags] { profile(program, *flags); });
}

}  // namespace crisp
