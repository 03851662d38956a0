/// How our own code throws crisp::Error, the one exception type for everything that goes wrong.
#pragma once

#include <string>
#include <vector>

#include "cuda/text.h"
#include "include/crisp/error.h"

namespace crisp {

template <class... Parts>
[[noreturn]] void fail(Code code, const Parts&... parts) {
  throw Error(code, concat(parts...));
}

/// Aborts the operation because of our own mistake; the text asks the user to report it.
[[noreturn]] void fail_assertion(const char* condition, const char* file, int line);

/// The name among `names` nearest to `wanted` by edit distance, or "" when none is near enough to be meant.
std::string nearest_name(const std::string& wanted, const std::vector<std::string>& names);

}  // namespace crisp

/// For what a user can cause: CRISP_REQUIRE(rows > 0, Code::data, "no rows in ", path).
#define CRISP_REQUIRE(condition, code, ...)                \
  do {                                                     \
    if (!(condition)) ::crisp::fail((code), __VA_ARGS__);  \
  } while (0)

/// For our own mistakes; always checked, so only where it costs nothing.
#define CRISP_ASSERT(condition)                                                      \
  do {                                                                               \
    if (!(condition)) ::crisp::fail_assertion(#condition, __FILE__, __LINE__);       \
  } while (0)
