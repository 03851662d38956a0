#include "tools/program.h"

#include <CLI/CLI.hpp>

#include <filesystem>

#include "core/file_io.h"
#include "core/json.h"
#include "core/log.h"

namespace crisp {

std::unique_ptr<Exec> Program::make_exec() const { return std::make_unique<Exec>(parse_device(device), threads); }

void Program::print_json(const Json& document) const {
  if (json) write_stdout(to_text(document, 2) + "\n");
}

void Program::print(const std::string& text) const {
  if (!json) write_stdout(text);
}

namespace {

bool is_model(const std::string& path) {
  std::error_code ignored;
  return !path.empty() && std::filesystem::exists(std::filesystem::path(path) / "manifest.json", ignored);
}

}  // namespace

void require_model_first(const std::string& verb, const std::string& model, const std::string& data) {
  if (is_model(model) || !is_model(data)) return;
  throw Error(Code::usage, concat("'", model, "' is no model, but '", data, "' is"),
              concat("the model comes first: crisp ", verb, " ", data, " ", model));
}

void refuse_model_as_data(const std::string& data) {
  if (!is_model(data)) return;
  throw Error(Code::usage, concat("'", data, "' is a model, not a table"),
              concat("score rows with it: crisp predict ", data, " DATA; those that it was scored on are in ", data,
                     "/predictions.parquet"));
}

std::string blank_complaint(const std::string& value) {
  return value.empty() ? "an empty value (a variable that is not set?)" : "";
}

void add_global_flags(CLI::App& verb, Program& program) {
  verb.add_option("--device", program.device, "auto, cpu, cuda or cuda:N")->envname("CRISP_DEVICE")->capture_default_str();
  verb.add_option("--threads", program.threads, "CPU threads; 0: one per core")
      ->envname("CRISP_THREADS")
      ->check(CLI::Range(0, 4096))
      ->capture_default_str();
  verb.add_flag("--json", program.json, "One JSON document on stdout instead of text");
  verb.add_flag_callback("-q,--quiet", [] { set_verbosity(Verbosity::quiet); }, "Errors only on stderr");
  verb.add_flag_callback("-v,--verbose", [] { set_verbosity(Verbosity::verbose); }, "Details on stderr");
}

}  // namespace crisp
