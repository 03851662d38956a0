/// How much memory there is, and how people write so much.
#pragma once

#include <cstdint>
#include <string_view>

namespace crisp {

/// Bytes of the machine, or of the container where that has less.
int64_t machine_memory();

/// "512M", "8G" as bytes; -1 for anything else.
int64_t parse_memory_size(std::string_view text);

}  // namespace crisp
