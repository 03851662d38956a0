/// Reading a bundle's manifest: what is not there, or is not what it should be, makes it none of ours.
#pragma once

#include <string>
#include <vector>

#include "core/json.h"

namespace crisp {

/// The member `key` of `json`, of the given kind (&Json::is_object, say); Code::data otherwise.
const Json& manifest_member(const Json& json, const char* key, bool (Json::*is_kind)() const noexcept);

/// A list of texts; Code::data for anything else in it.
std::vector<std::string> manifest_texts(const Json& list);

}  // namespace crisp
