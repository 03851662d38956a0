/// UBJSON (https://ubjson.org), a binary form of JSON.
#pragma once

#include <span>

#include "core/json.h"

namespace crisp {

/// What parse_json does, of UBJSON. Binary data in it are refused.
Json parse_ubjson(std::span<const uint8_t> bytes, const std::string& origin, Code code = Code::data, const JsonLimits& limits = {});

}  // namespace crisp
