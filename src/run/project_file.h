/// What project files of all kinds have in common: where they are, their data, recipe and model.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "core/config.h"
#include "cuda/error.h"
#include "prepare/recipe.h"
#include "read/read.h"
#include "train/model.h"

namespace crisp {

struct ProjectFile {
  Config config;
  std::filesystem::path path;

  /// Code::config for a file that is none, or has a section that no project has. `sets`: "section.key=value" overrides.
  static ProjectFile open(const std::string& path, const std::vector<std::string>& sets);

  /// Whether it trains what predicts a column: it has a [target].
  bool predicts() const { return config.has("target"); }
  /// Paths in a project file are relative to its folder, so that it runs from anywhere.
  std::string resolved(const std::string& given) const;

  uint64_t seed() const { return static_cast<uint64_t>(config.integer("seed", 0, 0)); }
  std::string name() const { return config.table("project").text("name", path.stem().string()); }
  std::string question() const { return config.table("project").text("question", ""); }
  /// The run directory.
  std::string output() const;
  ReadRequest data() const;
  /// The steps; a mistake within one is placed at its [[recipe]].
  Recipe recipe() const;
  const Learner& learner(const std::string& name, const Registry& registry) const;
  Params params(const Learner& learner) const;
};

/// Reads a part of the file; what is wrong with it is said with the place of `key`.
template <class Read>
auto placed(const ConfigTable& table, const std::string& key, Read read) {
  try {
    return read();
  } catch (const Error& error) {
    throw Error(Code::config, concat(table.where(key), ": ", error.what()), error.hint());
  }
}

}  // namespace crisp
