/// Project files: TOML with the place of every key, typed access, and a list of keys that nobody asked for.
#pragma once

#include <cstdint>
#include <limits>
#include <memory>
#include <string>
#include <vector>

#include "core/json.h"

namespace crisp {

struct ConfigNode;

/// One table. Reading a key marks it as known. Every error is Code::config and begins with the place:
/// "crisp.toml:12: [model] trees: expected a whole number, found the text 'many'".
class ConfigTable {
 public:
  /// Without a fallback the key must be there. Numbers must be finite and lie in [low, high].
  std::string text(const std::string& key) const;
  std::string text(const std::string& key, const std::string& fallback) const;
  int64_t integer(const std::string& key) const;
  int64_t integer(const std::string& key, int64_t fallback, int64_t low = std::numeric_limits<int64_t>::min(),
                  int64_t high = std::numeric_limits<int64_t>::max()) const;
  double real(const std::string& key) const;
  double real(const std::string& key, double fallback, double low = -1e308, double high = 1e308) const;
  bool flag(const std::string& key) const;
  bool flag(const std::string& key, bool fallback) const;
  /// A text that must be one of `choices`.
  std::string choice(const std::string& key, const std::string& fallback,
                     const std::vector<std::string>& choices) const;
  /// Lists; empty where the key is absent. A single value counts as a list of one.
  std::vector<std::string> texts(const std::string& key) const;
  std::vector<double> reals(const std::string& key) const;

  /// [key]; where it is absent, an empty table.
  ConfigTable table(const std::string& key) const;
  /// [[key]], in order; none where it is absent.
  std::vector<ConfigTable> tables(const std::string& key) const;
  /// Any value, with everything in it; null where the key is absent. Dates and times become texts.
  Json json(const std::string& key) const;
  /// This table, with everything in it.
  Json json() const;

  bool has(const std::string& key) const;
  std::vector<std::string> keys() const;
  /// "crisp.toml:12", or "--set model.trees" for what the command line set; of the table itself where `key`
  /// is absent.
  std::string where(const std::string& key = "") const;
  /// Throws Code::config, placed at `key`: "<where>: [table] key: <problem>".
  [[noreturn]] void fail_at(const std::string& key, const std::string& problem,
                            const std::string& hint = "") const;
  /// Throws for the first key, here or in any table below, that nothing has asked for.
  void require_all_known() const;

 protected:
  ConfigTable(std::shared_ptr<const ConfigNode> node, std::string name);

 private:
  const ConfigNode* find(const std::string& key) const;
  const ConfigNode& get(const std::string& key) const;
  std::string label(const std::string& key) const;
  std::string text_of(const ConfigNode& node, const std::string& key) const;
  double real_of(const ConfigNode& node, const std::string& key) const;
  [[noreturn]] void fail_type(const ConfigNode& node, const std::string& key, const char* expected) const;
  ConfigTable child(const ConfigNode& node, std::string name) const;

  std::shared_ptr<const ConfigNode> node_;
  std::string name_;  // "model", "recipe.step[2]", "" for the whole file
};

/// A whole file. Limits: 1 MiB, 32 levels.
class Config : public ConfigTable {
 public:
  /// `sets`: "section.key=value" from the command line, laid over the file. The value is read as TOML where
  /// it is valid TOML, else taken as text; a number in the path is an index into a list.
  static Config load(const std::string& path, const std::vector<std::string>& sets = {});
  static Config parse(const std::string& text, const std::string& origin,
                      const std::vector<std::string>& sets = {});

 private:
  using ConfigTable::ConfigTable;
};

}  // namespace crisp
