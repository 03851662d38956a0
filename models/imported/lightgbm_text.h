/// LightGBM's text format, apart from what it means: a head, blocks of trees, and what comes after them.
#pragma once

#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "models/imported/number_text.h"

namespace crisp {

/// `key=value` lines; a line without = is a key with nothing.
class LightgbmBlock {
 public:
  LightgbmBlock(std::string where, std::vector<std::string_view> lines);

  bool has(std::string_view key) const { return values_.contains(key); }
  /// Code::data naming the block and the key where it is absent.
  std::string_view text(std::string_view key) const;
  int64_t integer(std::string_view key, int64_t low, int64_t high) const;
  std::vector<int64_t> integers(std::string_view key, size_t expected) const;
  std::vector<double> reals(std::string_view key, size_t expected) const;
  const std::string& where() const { return where_; }

 private:
  template <class Number>
  std::vector<Number> list(std::string_view key, size_t expected) const;

  std::string where_;
  std::map<std::string_view, std::string_view> values_;
};

struct LightgbmFile {
  LightgbmBlock head;
  std::vector<LightgbmBlock> trees;
  std::string_view pandas_categories;  ///< JSON; empty: none
};

/// `file` must outlive what is given.
LightgbmFile split_lightgbm(std::string_view file, const std::string& origin);

}  // namespace crisp
