/// What every verb of the program shares: the global flags, the registry of models, and how results are printed.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "core/json.h"
#include "cuda/exec.h"
#include "train/model.h"

namespace CLI {
class App;
}

namespace crisp {

struct Program {
  std::string device = "auto";
  int threads = 0;
  bool json = false;
  Registry registry;

  std::unique_ptr<Exec> make_exec() const;
  /// The one JSON document of --json, on stdout.
  void print_json(const Json& document) const;
  /// Human text on stdout; nothing with --json.
  void print(const std::string& text) const;
};

/// Code::usage where the table stands in the place of the model, and the model behind it.
void require_model_first(const std::string& verb, const std::string& model, const std::string& data);
/// Code::usage where the data are a folder that a run wrote.
void refuse_model_as_data(const std::string& data);
/// For CLI11: what is wrong with a value that says nothing, "" where it says something.
std::string blank_complaint(const std::string& value);

/// Adds --device --threads --json --quiet --verbose, each with its CRISP_* variable.
void add_global_flags(CLI::App& verb, Program& program);

void add_run(CLI::App& app, Program& program);
void add_train(CLI::App& app, Program& program);
void add_predict(CLI::App& app, Program& program);
void add_detect(CLI::App& app, Program& program);
void add_evaluate(CLI::App& app, Program& program);
void add_explain(CLI::App& app, Program& program);
void add_export(CLI::App& app, Program& program);
void add_import(CLI::App& app, Program& program);
void add_models(CLI::App& app, Program& program);
void add_functions(CLI::App& app, Program& program);
void add_profile(CLI::App& app, Program& program);
void add_doctor(CLI::App& app, Program& program);
void add_completion(CLI::App& app, Program& program);

}  // namespace crisp
