/// Names by pattern: `speed_*`.
#pragma once

#include <string>

namespace crisp {

/// Whether `name` matches `pattern`, in which `*` stands for any characters.
bool name_matches(const std::string& name, const std::string& pattern);

}  // namespace crisp
