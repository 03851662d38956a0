#include "models/imported/lightgbm_text.h"

#include "core/printable.h"
#include "core/words.h"
#include "cuda/error.h"

namespace crisp {

LightgbmBlock::LightgbmBlock(std::string where, std::vector<std::string_view> lines) : where_(std::move(where)) {
  for (const std::string_view line : lines) {
    const size_t equals = line.find('=');
    const bool fresh = values_.emplace(line.substr(0, equals), equals == std::string_view::npos ? "" : line.substr(equals + 1)).second;
    if (!fresh) fail(Code::data, where_, ": '", printable(std::string(line.substr(0, std::min<size_t>(equals, 60)))), "' stands twice");
  }
}

std::string_view LightgbmBlock::text(std::string_view key) const {
  const auto found = values_.find(key);
  if (found == values_.end()) fail(Code::data, where_, ": '", key, "' is missing");
  return found->second;
}

int64_t LightgbmBlock::integer(std::string_view key, int64_t low, int64_t high) const {
  const auto value = whole_number(text(key));
  if (!value || *value < low || *value > high) fail(Code::data, where_, ": '", key, "' is not a whole number from ", low, " to ", high);
  return *value;
}

template <class Number>
std::vector<Number> LightgbmBlock::list(std::string_view key, size_t expected) const {
  std::vector<Number> out;
  for (const std::string_view word : words(text(key), " ")) {
    const auto value = number_in<Number>(word);
    if (!value) fail(Code::data, where_, ": '", printable(std::string(word.substr(0, 60))), "' among '", key, "' is no number that may stand there");
    out.push_back(*value);
  }
  if (out.size() != expected) fail(Code::data, where_, ": '", key, "' has ", out.size(), " numbers; expected ", expected);
  return out;
}

std::vector<int64_t> LightgbmBlock::integers(std::string_view key, size_t expected) const { return list<int64_t>(key, expected); }
std::vector<double> LightgbmBlock::reals(std::string_view key, size_t expected) const { return list<double>(key, expected); }

LightgbmFile split_lightgbm(std::string_view file, const std::string& origin) {
  constexpr std::string_view kPandas = "pandas_categorical:";
  std::vector<std::vector<std::string_view>> blocks(1);
  std::string_view pandas;
  bool trees_over = false;
  for (std::string_view line : words(file, "\n")) {
    if (line.ends_with('\r')) line.remove_suffix(1);
    if (line == "end of trees") trees_over = true;
    if (trees_over && line.starts_with(kPandas)) pandas = line.substr(kPandas.size());
    if (trees_over || line.empty()) continue;
    if (line.starts_with("Tree=")) blocks.emplace_back();
    blocks.back().push_back(line);
  }
  if (!trees_over) fail(Code::data, origin, ": the file ends before 'end of trees'; was it cut off?");
  LightgbmFile out{{origin, blocks[0]}, {}, pandas};
  for (size_t tree = 1; tree < blocks.size(); ++tree) {
    out.trees.emplace_back(concat(origin, ": tree ", tree - 1), blocks[tree]);
    if (out.trees.back().integer("Tree", 0, INT64_MAX) != static_cast<int64_t>(tree) - 1) {
      fail(Code::data, out.trees.back().where(), ": it says that it is another one");
    }
  }
  return out;
}

}  // namespace crisp
