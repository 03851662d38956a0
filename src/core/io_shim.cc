#include "core/io_shim.h"

#include <fcntl.h>
#include <unistd.h>

#include <cstdio>

namespace crisp {
namespace {

// open() is variadic, so it has no address of the type that the table wants.
int system_open(const char* path, int flags, mode_t mode) { return ::open(path, flags, mode); }

IoShim table = {system_open, ::write, ::fsync, ::close, ::rename, ::unlink};

}  // namespace

const IoShim& io() { return table; }

IoShim swap_io(const IoShim& other) {
  const IoShim old = table;
  table = other;
  return old;
}

}  // namespace crisp
