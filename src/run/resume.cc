#include "run/resume.h"

#include <filesystem>

#include "core/atomic_file.h"
#include "core/bundle.h"
#include "core/file_io.h"
#include "core/json.h"
#include "cuda/error.h"
#include "run/prediction_run.h"
#include "train/manifest.h"
#include "train/training_run.h"

namespace crisp {
namespace {

constexpr const char* kRequest = "request.json";
constexpr uint64_t kLargestRequest = 1 << 24;

/// What the result depends on, as it was asked for.
Json request_of(const PredictionProject& project) {
  const SplitPlan& split = project.split;
  return {{"model", project.learner->name()},
          {"parameters", project.params.to_json()},
          {"seed", project.seed},
          {"target", project.target.column},
          {"task", project.target.task ? task_name(*project.target.task) : ""},
          {"positive", project.target.positive},
          {"features", project.features},
          {"cv", project.folds},
          {"refit", project.refit == Refit::all ? "all" : "none"},
          {"split", {split.group, split.time, split.column, split.test_value, split.test_share, split.validation_share, split.allow_leak}}};
}

/// The first member that differs: "dropout (0.0, not 0.5)"; "" where none does.
std::string difference_of(const Json& begun, const Json& request) {
  for (const auto& [key, value] : request.items()) {
    const Json was = begun.is_object() ? begun.value(key, Json()) : Json();
    if (was == value) continue;
    return was.is_object() && value.is_object() ? difference_of(was, value) : concat(key, " (", was.dump(), ", not ", value.dump(), ")");
  }
  return {};
}

}  // namespace

void note_request(const OutputDirectory& directory, const PredictionProject& project, bool resume) {
  const std::string path = directory.file(kRequest);
  const Json request = request_of(project);
  if (!resume) return write_file_atomically(path, to_text(request, 1) + "\n");
  std::error_code ignored;
  if (!std::filesystem::exists(path, ignored)) {
    throw Error(Code::no_input, concat("there is no run to go on with in '", directory.path(), "'"),
                "name its folder with -o, or leave --resume out");
  }
  const std::vector<uint8_t> bytes = read_file(path, kLargestRequest);
  const Json begun = parse_json({reinterpret_cast<const char*>(bytes.data()), bytes.size()}, path);
  const std::string difference = difference_of(begun, request);
  if (difference.empty()) return;
  throw Error(Code::data, concat("'", directory.path(), "' was begun with another ", difference),
              "give the flags that it was begun with, or begin anew with --force");
}

bool is_finished(const OutputDirectory& directory, const PredictionProject& project) {
  std::error_code ignored;
  if (!std::filesystem::exists(directory.file("manifest.json"), ignored)) return false;
  const Bundle bundle = Bundle::open(directory.path());
  const Json& lineage = manifest_member(bundle.manifest(), "lineage", &Json::is_object);
  if (manifest_member(lineage, "data_fingerprint", &Json::is_string).get<std::string>() != project_fingerprint(project)) {
    throw Error(Code::data, concat("'", directory.path(), "' was trained on other rows than those in ", project.data.path),
                "begin anew with --force, or choose another folder with -o");
  }
  return true;
}

bool has_checkpoint(const OutputDirectory& directory) {
  for (const char* folder : {TrainingRun::kCheckpoints, TrainingRun::kRefitCheckpoints}) {
    std::error_code error;
    for (const auto& entry : std::filesystem::directory_iterator(directory.file(folder), error)) {
      if (std::filesystem::exists(entry.path() / "manifest.json", error)) return true;
    }
  }
  return false;
}

}  // namespace crisp
