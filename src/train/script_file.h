/// What a TorchScript file holds, and a module that was loaded from one: plain texts and numbers between
/// crisp and the LibTorch plug-in.
#pragma once

#include <map>
#include <string>
#include <utility>
#include <vector>

#include "core/tensors.h"

namespace crisp {

struct ScriptFile {
  std::string source;                                     ///< methods of the module
  std::map<std::string, Tensor> arrays;                   ///< buffers that it reads
  std::map<std::string, std::vector<std::string>> texts;  ///< attributes: List[str]
  /// Attribute `dictionaries`, Dict[str, Dict[str, int]]: the code of each text of a column.
  std::map<std::string, std::vector<std::pair<std::string, int64_t>>> dictionaries;
  std::map<std::string, std::string> extra;  ///< files beside the module
};

/// A loaded module.
class ScriptRunner {
 public:
  virtual ~ScriptRunner() = default;
  /// forward(encode(columns)): one list of numbers for each tensor that forward gives, row-major. The columns
  /// have equal lengths.
  virtual std::vector<std::vector<double>> answer(
      const std::map<std::string, std::vector<std::string>>& columns) const = 0;
  virtual std::string extra(const std::string& name) const = 0;
};

}  // namespace crisp
