/// The bundle: a trained model as data files and a manifest.json that vouches for each of them by its
/// SHA-256.
#pragma once

#include <cstdint>
#include <map>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "core/json.h"

namespace crisp {

/// The layout of bundles that this release writes; it reads this one and the older ones.
constexpr int64_t kBundleVersion = 1;

/// File names in a bundle: ^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$.
bool is_bundle_name(std::string_view name);

/// Collects the files of a bundle and writes them in one go. The same content gives the same bytes.
class BundleWriter {
 public:
  explicit BundleWriter(std::string directory) : directory_(std::move(directory)) {}

  void add(const std::string& name, std::vector<uint8_t> bytes);
  void add(const std::string& name, std::string_view text);
  /// Writes every file atomically and durably, manifest.json last: until it stands there, nothing is a
  /// bundle. A bundle that was there before loses its manifest first. `manifest` must not hold the keys
  /// format_version, sha256, files.
  void finish(const Json& manifest);

 private:
  std::string manifest_text(const Json& manifest) const;

  std::string directory_;
  std::map<std::string, std::vector<uint8_t>> files_;
};

/// A bundle that has been read and found whole. Every error is Code::data and names the file, but
/// Code::no_input where the folder does not exist.
class Bundle {
 public:
  /// Reads and checks everything: names, sizes, digests, depth, version. `path` is the folder (or its
  /// manifest.json).
  static Bundle open(const std::string& path);

  const std::string& path() const { return path_; }
  const Json& manifest() const { return manifest_; }
  bool has(const std::string& name) const { return files_.count(name) != 0; }
  std::vector<std::string> names() const;
  std::span<const uint8_t> file(const std::string& name) const;
  /// A file's JSON.
  Json json(const std::string& name) const;
  /// "<path>/<name>", for messages about a file's content.
  std::string where(const std::string& name) const { return path_ + "/" + name; }

 private:
  std::string path_;
  Json manifest_;
  std::map<std::string, std::vector<uint8_t>> files_;
};

}  // namespace crisp
