/// What a TOML text becomes: a tree that knows where each value stood. Between toml_reader.cc and config.cc
/// only.
#pragma once

#include <set>
#include <string>
#include <utility>
#include <vector>

#include "core/json.h"

namespace crisp {

constexpr int kConfigDepth = 32;
constexpr uint64_t kConfigBytes = 1 << 20;

struct ConfigNode {
  enum class Kind { absent, scalar, list, table };
  Kind kind = Kind::absent;
  Json scalar;        // boolean, integer, finite number or text
  std::string where;  // "crisp.toml:12"
  std::vector<std::pair<std::string, ConfigNode>>
      members;                          // in the order of the text; a list's have no names
  mutable bool read = false;            // somebody asked for it
  mutable std::set<std::string> asked;  // the names asked for in this table

  ConfigNode* member(const std::string& key);
  const ConfigNode* member(const std::string& key) const;
};

/// Code::config with line and column for anything that is not TOML within the limits.
ConfigNode read_toml(const std::string& text, const std::string& origin);

/// Lays one "section.key=value" over the tree.
void apply_set(ConfigNode& root, const std::string& assignment);

}  // namespace crisp
