/// JSON as used in every file and every --json output: keys keep the order in which they were written.
#pragma once

#include <nlohmann/json.hpp>

namespace crisp {
using Json = nlohmann::ordered_json;
}
