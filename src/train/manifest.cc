#include "train/manifest.h"

#include "cuda/error.h"

namespace crisp {

const Json& manifest_member(const Json& json, const char* key, bool (Json::*is_kind)() const noexcept) {
  CRISP_REQUIRE(json.is_object() && json.contains(key) && (json[key].*is_kind)(), Code::data, "manifest.json: '", key,
                "' is missing or not what it should be");
  return json[key];
}

std::vector<std::string> manifest_texts(const Json& list) {
  std::vector<std::string> texts;
  for (const Json& text : list) {
    CRISP_REQUIRE(text.is_string(), Code::data, "manifest.json: a list of texts holds something else");
    texts.push_back(text.get<std::string>());
  }
  return texts;
}

}  // namespace crisp
