/// JSON as used in every file and every --json output: keys keep the order in which they were written.
#pragma once

#include <cstdint>
#include <nlohmann/json.hpp>
#include <string>
#include <string_view>

#include "cuda/error.h"

namespace crisp {

using Json = nlohmann::ordered_json;

/// What a text may hold. The defaults are those of a bundle's metadata.
struct JsonLimits {
  uint64_t bytes = 16 << 20;
  uint64_t values =
      1 << 20;     ///< numbers, texts, lists and objects together: bounds the memory, 100 bytes or so each
  int depth = 32;  ///< copies and destructors of the tree recurse, so deep input must never become one
};

/// The parsed text. Anything that is not one JSON value within the limits, and any key that stands twice in
/// an object, is an error of `code` that names `origin` and the place: "manifest.json: line 3: ...".
Json parse_json(std::string_view text, const std::string& origin, Code code = Code::data,
                const JsonLimits& limits = {});

/// One line or indented text; bytes that are not UTF-8 become U+FFFD, NaN and infinities null.
std::string to_text(const Json& value, int indent = -1);

}  // namespace crisp
