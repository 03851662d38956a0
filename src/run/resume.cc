#include "run/resume.h"

#include <filesystem>

#include "core/atomic_file.h"
#include "core/bundle.h"
#include "core/file_io.h"
#include "core/json.h"
#include "core/sha256.h"
#include "cuda/error.h"
#include "run/prediction_run.h"
#include "train/manifest.h"
#include "train/training_run.h"

namespace crisp {
namespace {

constexpr const char* kRequest = "request.json";
constexpr const char* kReplaces = "replaces";
constexpr const char* kManifest = "manifest.json";
constexpr uint64_t kLargestRequest = 1 << 24, kLargestManifest = 1 << 30;

/// The first member that differs: "dropout (0.0, not 0.5)"; "" where none does.
std::string difference_of(const Json& begun, const Json& request) {
  for (const auto& [key, value] : request.items()) {
    const Json was = begun.is_object() ? begun.value(key, Json()) : Json();
    if (was == value) continue;
    return was.is_object() && value.is_object() ? difference_of(was, value) : concat(key, " (", was.dump(), ", not ", value.dump(), ")");
  }
  return {};
}

bool is_there(const std::string& folder, const char* name) {
  std::error_code ignored;
  return std::filesystem::exists(std::filesystem::path(folder) / name, ignored);
}
bool is_there(const OutputDirectory& directory, const char* name) { return is_there(directory.path(), name); }

/// The request that the folder's run was begun with.
Json begun_in(const std::string& folder) {
  const std::string path = concat(folder, "/", kRequest);
  const std::vector<uint8_t> bytes = read_file(path, kLargestRequest);
  const Json begun = parse_json({reinterpret_cast<const char*>(bytes.data()), bytes.size()}, path);
  CRISP_REQUIRE(begun.is_object(), Code::data, path, " is no request");
  return begun;
}

/// Tells one bundle from another.
std::string bundle_digest(const OutputDirectory& directory) {
  return sha256_hex(read_file(directory.file(kManifest), kLargestManifest));
}

}  // namespace

Json request_of(const PredictionProject& project) {
  const SplitPlan& split = project.split;
  return {{"model", project.learner->name()},
          {"parameters", project.params.to_json()},
          {"seed", project.seed},
          {"target", project.target.column},
          {"task", project.target.task ? task_name(*project.target.task) : ""},
          {"positive", project.target.positive},
          {"features", project.features},
          {"weight", project.weight},
          {"init_from", project.init_from.empty() ? "" : data_name(project.init_from)},
          {"recipe", project.recipe ? project.recipe->source() : Json()},
          {"test", project.test_rows ? project.test_rows->text() : ""},
          {"cv", project.folds},
          {"stream", project.stream.to_json()},
          {"forecast", project.forecast ? project.forecast.to_json() : Json::object()},
          {"calibrate", calibration_method_name(project.calibration)},
          {"refit", project.refit == Refit::all ? "all" : "none"},
          {"split", {split.group, split.time, split.column, split.test_value, split.test_share, split.validation_share, split.allow_leak}}};
}

Json request_of(const Project& project) {
  const PipelinePlan& plan = project.pipeline;
  return {{"model", plan.fit.learner->name()},
          {"parameters", plan.fit.params.to_json()},
          {"seed", plan.fit.seed},
          {"features", plan.features},
          {"recipe", plan.recipe.source()},
          {"test", project.test_rows ? project.test_rows->text() : ""},
          {"per", plan.per},
          {"label", {plan.label.column, plan.label.anomaly}},
          {"threshold", plan.threshold.to_json()},
          {"folds", plan.folds}};
}

bool was_begun(const std::string& folder, const Json& request) {
  return is_there(folder, kRequest) && difference_of(begun_in(folder), request).empty();
}

void note_request(const OutputDirectory& directory, Json request, bool resume) {
  const std::string path = directory.file(kRequest);
  if (!resume) {
    // A bundle that --force writes over stays until the new one is there: it is not this run's.
    if (is_there(directory, kManifest)) request[kReplaces] = bundle_digest(directory);
    return write_file_atomically(path, to_text(request, 1) + "\n");
  }
  if (!is_there(directory, kRequest)) {
    throw Error(Code::no_input, concat("there is no run to go on with in '", directory.path(), "'"),
                "name its folder with -o, or leave --resume out");
  }
  const Json begun = begun_in(directory.path());
  const std::string difference = difference_of(begun, request);
  if (difference.empty()) return;
  throw Error(Code::data, concat("'", directory.path(), "' was begun with another ", difference),
              "give the flags that it was begun with, or begin anew with --force");
}

void note_end(const OutputDirectory& directory, const Json& request) {
  if (begun_in(directory.path()).contains(kReplaces)) write_file_atomically(directory.file(kRequest), to_text(request, 1) + "\n");
}

bool is_finished(const OutputDirectory& directory, const std::function<std::string()>& fingerprint) {
  if (!is_there(directory, kManifest)) return false;
  if (is_there(directory, kRequest) && begun_in(directory.path()).value(kReplaces, Json()) == bundle_digest(directory)) return false;
  const Bundle bundle = Bundle::open(directory.path());
  const Json& lineage = manifest_member(bundle.manifest(), "lineage", &Json::is_object);
  if (manifest_member(lineage, "data_fingerprint", &Json::is_string).get<std::string>() != fingerprint()) {
    throw Error(Code::data, concat("'", directory.path(), "' was trained on other rows"),
                "begin anew with --force, or choose another folder with -o");
  }
  return true;
}

bool has_checkpoint(const OutputDirectory& directory) {
  std::error_code error;
  for (const auto& folder : std::filesystem::directory_iterator(directory.path(), error)) {
    if (!folder.path().filename().string().starts_with(TrainingRun::kCheckpoints)) continue;
    for (const auto& entry : std::filesystem::directory_iterator(folder.path(), error)) {
      if (std::filesystem::exists(entry.path() / "manifest.json", error)) return true;
    }
  }
  return false;
}

}  // namespace crisp
