#include <glob.h>

#include <algorithm>
#include <array>
#include <filesystem>

#include "core/file_io.h"
#include "cuda/error.h"
#include "read/read.h"

namespace crisp {
namespace {

namespace fs = std::filesystem;

bool known_ending(const std::string& name) {
  static constexpr std::array<std::string_view, 15> kEndings = {
      ".csv",     ".tsv", ".tab",   ".txt",     ".csv.gz", ".tsv.gz", ".tab.gz", ".txt.gz",
      ".parquet", ".pq",  ".arrow", ".feather", ".ipc",    ".jsonl",  ".ndjson"};
  std::string lower = name;
  std::transform(lower.begin(), lower.end(), lower.begin(),
                 [](char c) { return c >= 'A' && c <= 'Z' ? c + 32 : c; });
  return std::any_of(kEndings.begin(), kEndings.end(),
                     [&](std::string_view e) { return lower.ends_with(e); });
}

std::vector<std::string> names_in(const fs::path& folder) {
  std::vector<std::string> names;
  std::error_code error;
  for (fs::directory_iterator it(folder, error), end; !error && it != end; it.increment(error)) {
    names.push_back(it->path().filename().string());
  }
  if (error) fail_reading(error.value(), "list", folder.string());
  std::sort(names.begin(), names.end());
  return names;
}

std::vector<std::string> files_in(const std::string& folder) {
  std::vector<std::string> files;
  for (const std::string& name : names_in(folder)) {
    const fs::path path = fs::path(folder) / name;
    std::error_code ignored;
    const bool hidden = name.starts_with('.') || name.starts_with('_');
    if (!hidden && known_ending(name) && fs::is_regular_file(path, ignored)) files.push_back(path.string());
  }
  if (files.empty()) {
    throw Error(Code::no_input, concat("no table files in the folder '", folder, "'"),
                "looked for .csv, .tsv, .tab, .txt (also .gz), .parquet, .arrow, .feather and .jsonl");
  }
  return files;
}

std::vector<std::string> files_like(const std::string& pattern) {
  glob_t found{};
  const int failure = ::glob(pattern.c_str(), 0, nullptr, &found);
  std::vector<std::string> files;
  for (size_t i = 0; failure == 0 && i < found.gl_pathc; ++i) {
    std::error_code ignored;
    if (!fs::is_directory(found.gl_pathv[i], ignored)) files.emplace_back(found.gl_pathv[i]);
  }
  ::globfree(&found);
  CRISP_REQUIRE(!files.empty(), Code::no_input, "no file matches '", pattern, "'");
  std::sort(files.begin(), files.end());
  return files;
}

[[noreturn]] void fail_missing(const std::string& path) {
  const fs::path wanted(path);
  const fs::path folder = wanted.has_parent_path() ? wanted.parent_path() : fs::path(".");
  std::error_code error;
  std::string hint;
  if (!fs::is_directory(folder, error)) {
    hint = concat("there is no folder '", folder.string(), "' either");
  } else {
    const std::string near = nearest_name(wanted.filename().string(), names_in(folder));
    if (!near.empty())
      hint = concat("did you mean '", wanted.has_parent_path() ? (folder / near).string() : near, "'?");
  }
  throw Error(Code::no_input, concat("there is no file '", path, "'"), hint);
}

/// Object stores and web servers are left to the programs that know their keys.
void refuse_address(const std::string& path) {
  const struct {
    std::string_view scheme, fetch;
  } known[] = {{"s3://", "aws s3 cp"}, {"gs://", "gcloud storage cat"}, {"hdfs://", "hdfs dfs -cat"},
               {"http://", "curl -fsSL"}, {"https://", "curl -fsSL"}, {"ftp://", "curl -fsSL"},
               {"abfs://", "hdfs dfs -cat"}, {"s3a://", "hdfs dfs -cat"}};
  for (const auto& [scheme, fetch] : known) {
    if (!path.starts_with(scheme)) continue;
    const bool to_stdout = scheme == "s3://";
    throw Error(Code::no_input, concat("'", path, "' is an address; crisp reads files and standard input"),
                concat(fetch, " '", path, to_stdout ? "' -" : "'", " | crisp ... -"));
  }
}

}  // namespace

bool is_pipe(const std::string& path) {
  std::error_code error;
  const fs::file_status status = fs::status(path == "-" ? "/dev/stdin" : path, error);
  return fs::is_fifo(status) || fs::is_socket(status) || (path == "-" && !fs::is_regular_file(status));
}

std::vector<std::string> input_files(const std::string& path) {
  if (path == "-") return {path};
  CRISP_REQUIRE(!path.empty(), Code::usage, "no input was named");
  refuse_address(path);
  std::error_code error;
  const fs::file_status status = fs::status(path, error);
  if (error == std::errc::permission_denied) fail_reading(EACCES, "open", path);
  if (fs::is_directory(status)) return files_in(path);
  if (fs::exists(status)) return {path};
  if (path.find_first_of("*?[") != std::string::npos) return files_like(path);
  fail_missing(path);
}

std::string data_name(const std::string& path) {
  if (path == "-") return "stdin";
  const size_t end = path.find_last_not_of('/');
  if (end == std::string::npos) return path;
  const size_t slash = path.find_last_of('/', end);
  return path.substr(slash == std::string::npos ? 0 : slash + 1, end - (slash == std::string::npos ? -1 : slash));
}

}  // namespace crisp
