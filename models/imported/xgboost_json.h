/// XGBoost's JSON, apart from what it means: members that must be there, numbers as it writes them.
#pragma once

#include <string>
#include <vector>

#include "core/json.h"
#include "cuda/error.h"

namespace crisp {

/// Every function is Code::data naming the file and what is wrong with it.
class XgboostJson {
 public:
  explicit XgboostJson(const std::string& origin) : origin_(origin) {}

  template <class... Parts>
  [[noreturn]] void refuse(const Parts&... parts) const {
    fail(Code::data, origin_, ": ", parts...);
  }
  const Json& member(const Json& json, const char* key, bool (Json::*is_kind)() const noexcept) const;
  /// XGBoost writes its parameters as texts.
  int64_t parameter(const Json& json, const char* key, int64_t low, int64_t high) const;
  /// A list of tree `number` with one number a node.
  std::vector<double> numbers(const Json& tree, const char* key, int64_t number, size_t expected) const;
  /// What is no whole number becomes -2, which is no node, no feature and no place.
  std::vector<int64_t> whole(const Json& tree, const char* key, int64_t number, size_t expected) const;

 protected:
  const std::string& origin_;
};

}  // namespace crisp
