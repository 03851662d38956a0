/// Parameter tables: the single source of a model's flags, help, validation, documentation and search space.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <variant>
#include <vector>

#include "core/json.h"

namespace crisp {

using ParamValue = std::variant<bool, int64_t, double, std::string>;

struct Param {
  std::string name;
  ParamValue fallback;                    ///< the default; its alternative is the parameter's type
  std::string help;                       ///< one line
  double low = -1e308, high = 1e308;      ///< inclusive range of numbers
  bool log_scale = false;                 ///< search it on a logarithmic scale
  std::vector<std::string> choices = {};  ///< for text: the allowed values; empty = free text
  std::vector<std::string> aliases = {};  ///< other names that users know it by
};

/// Values by name, complete and checked.
class Params {
 public:
  bool flag(const std::string& name) const;
  int64_t integer(const std::string& name) const;
  double real(const std::string& name) const;
  const std::string& text(const std::string& name) const;
  Json to_json() const;

 private:
  friend class ParamTable;
  std::map<std::string, ParamValue> values_;
};

class ParamTable {
 public:
  ParamTable() = default;
  ParamTable(std::vector<Param> params);

  const std::vector<Param>& params() const { return params_; }
  bool has(const std::string& name) const;
  /// Defaults overlaid with `given` (JSON scalars, strings as typed on a command line, for free text lists of those). Unknown names,
  /// wrong types and values out of range are Code::config, and say what is allowed; a near miss names the
  /// nearest parameter.
  Params resolve(const Json& given) const;

 private:
  std::vector<Param> params_;
};

}  // namespace crisp
