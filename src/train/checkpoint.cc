#include "train/checkpoint.h"

#include <algorithm>
#include <charconv>
#include <filesystem>

#include "core/atomic_file.h"
#include "core/bundle.h"
#include "core/log.h"
#include "cuda/error.h"

namespace crisp {
namespace {

namespace fs = std::filesystem;

constexpr const char* kArrays = "arrays.safetensors";
constexpr const char* kState = "state.json";
constexpr std::string_view kPrefix = "step-";
constexpr size_t kDigits = 12;

std::string folder_name(int64_t step) {
  std::string digits = std::to_string(step);
  return concat(kPrefix, std::string(kDigits - std::min(kDigits, digits.size()), '0'), digits);
}

/// The step of a folder of ours; nothing for any other name.
std::optional<int64_t> step_of(const std::string& name) {
  if (!name.starts_with(kPrefix)) return std::nullopt;
  int64_t step = 0;
  const char* end = name.data() + name.size();
  const auto parsed = std::from_chars(name.data() + kPrefix.size(), end, step);
  if (parsed.ec != std::errc() || parsed.ptr != end || folder_name(step) != name) return std::nullopt;
  return step;
}

bool is_finished(const fs::path& folder) {
  std::error_code ignored;
  return fs::is_regular_file(folder / "manifest.json", ignored);
}

/// Without its manifest a checkpoint is none, so that goes first: a crash in between leaves nothing that looks whole.
void remove_checkpoint(const fs::path& folder) {
  std::error_code ignored;
  fs::remove(folder / "manifest.json", ignored);
  fs::remove_all(folder, ignored);
}

/// Steps ascending, with their folders.
std::vector<std::pair<int64_t, fs::path>> folders(const std::string& directory, bool finished) {
  std::vector<std::pair<int64_t, fs::path>> found;
  std::error_code error;
  for (const fs::directory_entry& entry : fs::directory_iterator(directory, error)) {
    const auto step = step_of(entry.path().filename().string());
    if (step && is_finished(entry.path()) == finished) found.emplace_back(*step, entry.path());
  }
  std::sort(found.begin(), found.end());
  return found;
}

bool is_best(const Json& manifest) { return manifest.value("best", Json(false)) == Json(true); }

}  // namespace

CheckpointStore::CheckpointStore(std::string directory, int keep) : directory_(std::move(directory)), keep_(keep) {
  CRISP_ASSERT(keep >= 1);
  std::error_code error;
  fs::create_directories(directory_, error);
  CRISP_REQUIRE(!error, Code::cannot_create, "cannot make the folder '", directory_, "': ", error.message());
  if (const auto before = best()) best_step_ = before->step;
}

void CheckpointStore::save(const Checkpoint& checkpoint, bool best) {
  CRISP_ASSERT(checkpoint.step >= 0);
  const fs::path folder = fs::path(directory_) / folder_name(checkpoint.step);
  std::error_code error;
  fs::create_directory(folder, error);
  CRISP_REQUIRE(!error, Code::cannot_create, "cannot make the folder '", folder.string(), "': ", error.message());
  sync_directory(directory_);
  BundleWriter writer(folder.string());
  writer.add(kArrays, checkpoint.arrays.serialise());
  writer.add(kState, to_text(checkpoint.state, 1));
  writer.finish({{"checkpoint", 1}, {"step", checkpoint.step}, {"best", best}});
  if (best) best_step_ = checkpoint.step;
  remove_old();
}

void CheckpointStore::clear() {
  for (const bool finished : {true, false}) {
    for (const auto& [step, folder] : folders(directory_, finished)) remove_checkpoint(folder);
  }
  best_step_ = -1;
}

std::vector<int64_t> CheckpointStore::steps() const {
  std::vector<int64_t> steps;
  for (const auto& [step, folder] : folders(directory_, true)) steps.push_back(step);
  return steps;
}

void require_same_run(const Json& was, const Json& now) {
  for (const auto& [key, value] : now.items()) {
    if (was.contains(key) && was[key] == value) continue;
    throw Error(Code::data, concat("cannot go on from the checkpoint: its ", key, " differs (", was.value(key, Json()).dump(),
                                   ", now ", value.dump(), ")"),
                "give what the run was begun with, or begin anew with --force");
  }
}

std::optional<Checkpoint> CheckpointStore::newest() const { return newest_where(false); }
std::optional<Checkpoint> CheckpointStore::best() const { return newest_where(true); }

std::optional<Checkpoint> CheckpointStore::newest_where(bool only_best) const {
  auto finished = folders(directory_, true);
  std::reverse(finished.begin(), finished.end());
  for (const auto& [step, folder] : finished) {
    try {
      const Bundle bundle = Bundle::open(folder.string());
      if (only_best && !is_best(bundle.manifest())) continue;
      return Checkpoint{step, Tensors::parse(bundle.file(kArrays), bundle.where(kArrays)), bundle.json(kState)};
    } catch (const Error& error) {
      if (error.code() != Code::data) throw;
      note("checkpoint skipped: ", error.what());
    }
  }
  return std::nullopt;
}

void CheckpointStore::remove_old() const {
  for (const auto& [step, folder] : folders(directory_, false)) remove_checkpoint(folder);
  const auto finished = folders(directory_, true);
  const size_t old = finished.size() - std::min(finished.size(), static_cast<size_t>(keep_));
  for (size_t i = 0; i < old; ++i) {
    if (finished[i].first != best_step_) remove_checkpoint(finished[i].second);
  }
}

}  // namespace crisp
