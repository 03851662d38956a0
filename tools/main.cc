/// The crisp program: parses the command line, runs one verb, and turns every failure into one line and an exit code.
#include <CLI/CLI.hpp>

#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <cstring>
#include <sstream>
#include <string_view>

#include "core/file_io.h"
#include "core/interrupt.h"
#include "core/log.h"
#include "cuda/error.h"
#include "models/registry.h"
#include "tools/program.h"

namespace crisp {
namespace {

constexpr const char* kVersion = "crisp " CRISP_VERSION "\n";

std::vector<std::string> verb_names(const CLI::App& app) {
  std::vector<std::string> names;
  for (const CLI::App* verb : app.get_subcommands([](const CLI::App*) { return true; })) names.push_back(verb->get_name());
  return names;
}

/// "crisp --json run x": every flag belongs to a verb.
template <class IsVerb>
void require_verb_first(int argc, char** argv, IsVerb is_verb) {
  const auto asks_about_crisp = [](std::string_view flag) {
    return flag == "-h" || flag == "--help" || flag == "-V" || flag == "--version";
  };
  if (asks_about_crisp(argv[1])) return;
  char** verb = std::find_if(argv + 1, argv + argc, is_verb);
  if (verb == argv + argc) {
    const std::string nearest = nearest_name(argv[1], {"--help", "--version"});
    throw Error(Code::usage, concat("unknown flag '", argv[1], "'"),
                concat(nearest.empty() ? std::string() : concat("did you mean ", nearest, "? "), "crisp --help lists the verbs"));
  }
  std::string right = concat("crisp ", *verb);
  for (char** word = argv + 1; word != argv + argc; ++word) {
    if (word != verb) right += concat(" ", *word);
  }
  throw Error(Code::usage, concat("'", argv[1], "' stands before the verb"), concat("flags come after it: ", right));
}

/// CLI11 would only say that a subcommand is required.
void require_known_verb(const CLI::App& app, int argc, char** argv) {
  if (argc < 2) return;
  const std::vector<std::string> names = verb_names(app);
  const auto is_verb = [&](const char* word) { return std::find(names.begin(), names.end(), word) != names.end(); };
  if (argv[1][0] == '-') return require_verb_first(argc, argv, is_verb);
  if (is_verb(argv[1])) return;
  const std::string nearest = nearest_name(argv[1], names);
  throw Error(Code::usage, concat("unknown verb '", argv[1], "'"),
              concat(nearest.empty() ? std::string() : concat("did you mean ", nearest, "? "), "crisp --help lists the verbs"));
}

/// CLI11's complaint as ours, with the nearest verb or flag where a name is unknown.
int report_usage(const CLI::App& app, const CLI::ParseError& error) {
  std::string message = error.what(), hint = "crisp --help lists the verbs, crisp VERB --help the flags of one";
  if (dynamic_cast<const CLI::ExtrasError*>(&error)) {
    std::vector<std::string> names;
    for (const CLI::App* verb : app.get_subcommands()) {
      for (const CLI::Option* option : verb->get_options()) names.push_back(option->get_name());
    }
    const std::string unknown = app.remaining(true).front();
    message = concat(unknown.starts_with('-') ? "unknown flag '" : "one argument too many: '", unknown, "'");
    const std::string nearest = nearest_name(unknown, names);
    if (unknown.starts_with('-') && !nearest.empty()) hint = concat("did you mean ", nearest, "? ", hint);
  }
  const Error complaint(Code::usage, message, hint);
  log_error(complaint);
  return exit_status(complaint);
}

void add_verbs(CLI::App& app, Program& program) {
  app.description("From a table to a model in production: the phases of CRISP-DM as commands, on the CPU or an NVIDIA GPU.");
  app.set_version_flag("-V,--version", std::string("crisp " CRISP_VERSION), "Print the version");
  app.require_subcommand(1);
  app.footer("Exit codes: 0 done, 1 criterion not met, 64 usage, 65 bad data or model, 66 not found, 69 device\n"
             "unavailable, 70 bug, 71 no memory, 73/74 cannot create/IO, 75 interrupted, 77 permission, 78 configuration");
  add_run(app, program);
  add_train(app, program);
  add_predict(app, program);
  add_detect(app, program);
  add_evaluate(app, program);
  add_explain(app, program);
  add_export(app, program);
  add_import(app, program);
  add_models(app, program);
  add_functions(app, program);
  add_profile(app, program);
  add_doctor(app, program);
  add_completion(app, program);
}

/// A standard stream that came closed would be the first file that is opened, and be written into: stdout's place is taken
/// by something that cannot be written, so that a lost result is an error.
void open_standard_streams() {
  for (int fd = 0; fd <= 2; ++fd) {
    if (::fcntl(fd, F_GETFD) < 0) [[maybe_unused]] const int opened = ::open("/dev/null", fd == 1 ? O_RDONLY : O_RDWR);
  }
}

int run_program(int argc, char** argv) {
  Program program;
  register_models(program.registry);
  CLI::App app;
  add_verbs(app, program);
  require_known_verb(app, argc, argv);
  try {
    app.parse(argc, argv);
    return 0;
  } catch (const CLI::ParseError& error) {
    if (error.get_exit_code() == 0) {
      std::ostringstream help;
      app.exit(error, help, help);
      write_stdout(help.str());
      return 0;
    }
    return report_usage(app, error);
  }
}

}  // namespace
}  // namespace crisp

int main(int argc, char** argv) {
  crisp::open_standard_streams();
  try {
    crisp::install_signal_handlers();
    // Answered before anything else is set up: scripts ask for it often.
    if (argc == 2 && (std::strcmp(argv[1], "--version") == 0 || std::strcmp(argv[1], "-V") == 0)) {
      crisp::write_stdout(crisp::kVersion);
      return 0;
    }
    return crisp::run_program(argc, argv);
  } catch (const std::exception& error) {
    crisp::log_error(error);
    return crisp::exit_status(error);
  }
}
