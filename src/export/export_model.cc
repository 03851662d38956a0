#include "export/export_model.h"

#include <algorithm>
#include <filesystem>

#include "core/atomic_file.h"
#include "core/log.h"
#include "core/output_directory.h"
#include "core/params.h"
#include "cuda/error.h"
#include "export/invented_rows.h"
#include "export/triton.h"
#include "read/read.h"
#include "train/net_library.h"

namespace crisp {
namespace {

constexpr int64_t kMostVerified = 20'000;

Comparison compare_given(Exec& exec, const Exported& source, const ScriptModule& module,
                         const ScriptRunner& runner, const std::string& path) {
  const Table raw = read_table(source.request(path));
  StepLog unasked;
  const Table rows = source.input.telling_absent(
      raw, [&] { return source.recipe->run_steps(exec, raw, 0, module.first, false, unasked); });
  return compare(exec, source, module, runner, rows.slice(0, std::min(rows.rows(), kMostVerified)));
}

/// Odd rows that the recipe refuses as a whole are left out.
Comparison compare_invented(Exec& exec, const Exported& source, const ScriptModule& module,
                            const ScriptRunner& runner) {
  Comparison all;
  for (const Oddity oddity : {Oddity::none, Oddity::missing_cells, Oddity::unseen_texts}) {
    try {
      all.add(compare(exec, source, module, runner, invented_rows(source, module, 256 + source.steps, oddity)));
    } catch (const Error& error) {
      if (error.code() != Code::data && error.code() != Code::config) throw;
    }
  }
  return all;
}

Comparison verified(Exec& exec, const Exported& source, const ScriptModule& module, const std::string& bytes,
                    const std::string& data) {
  const auto runner = net_library().open_script(bytes);
  CRISP_REQUIRE(runner->extra("schema.json") == module.file.extra.at("schema.json"), Code::bug,
                "the module lost its schema");
  try {
    return data.empty() ? compare_invented(exec, source, module, *runner)
                        : compare_given(exec, source, module, *runner, data);
  } catch (Error& error) {
    if (error.code() == Code::bug)
      error.add_context("the exported module does not answer as the model does; nothing was written");
    throw;
  }
}

const NetLibrary& open_torch() {
  try {
    return net_library();
  } catch (Error& error) {
    error.add_context("TorchScript is written by LibTorch");
    throw;
  }
}

std::string write_file(const ExportPlan& plan, const std::string& bytes) {
  write_file_atomically(plan.output, bytes);
  return plan.output;
}

/// The configuration comes last: until it is there, Triton sees no model.
std::string write_repository(const ExportPlan& plan, const ScriptModule& module, const std::string& bytes) {
  OutputDirectory model((std::filesystem::path(plan.output) / plan.name).string(), plan.force);
  OutputDirectory version(model.file("1"), plan.force);
  write_file_atomically(version.file("model.pt"), bytes);
  write_file_atomically(model.file("config.pbtxt"), triton_config(module, plan.name));
  version.keep();
  model.keep();
  return model.path();
}

}  // namespace

ExportFormat parse_export_format(const std::string& name) {
  if (name == "torchscript") return ExportFormat::torchscript;
  if (name == "triton") return ExportFormat::triton;
  const std::string nearest = nearest_name(name, {"torchscript", "triton"});
  throw Error(Code::usage, concat("unknown format '", name, "'"),
              concat(nearest.empty() ? std::string() : concat("did you mean ", nearest, "? "),
                     "the formats are torchscript and triton"));
}

ExportResult export_model(Exec& exec, const Exported& source, const ExportPlan& plan) {
  if (plan.format == ExportFormat::torchscript) require_writable(plan.output, plan.force);
  const NetLibrary& torch = open_torch();
  ExportResult result;
  result.module = script_module(exec, source);
  const std::string bytes = torch.save_script(result.module.file);
  result.comparison = verified(exec, source, result.module, bytes, plan.verify);
  result.path = plan.format == ExportFormat::torchscript ? write_file(plan, bytes)
                                                         : write_repository(plan, result.module, bytes);
  return result;
}

}  // namespace crisp
