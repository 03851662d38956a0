/// A 64-bit hash that is the same on every machine and in every release: it keys random streams by name.
#pragma once

#include <cstdint>
#include <string_view>

namespace crisp {

/// FNV-1a.
inline uint64_t stable_hash(std::string_view text) {
  uint64_t hash = 0xcbf29ce484222325u;
  for (const char c : text) hash = (hash ^ static_cast<unsigned char>(c)) * 0x100000001b3u;
  return hash;
}

}  // namespace crisp
