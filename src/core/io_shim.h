/// The system calls through which crisp writes files, as a table, so that tests can make the n-th one fail,
/// kill the process at it, or record what a power loss could leave behind.
#pragma once

#include <sys/types.h>

#include <cstddef>

namespace crisp {

struct IoShim {
  int (*open)(const char* path, int flags, mode_t mode);
  ssize_t (*write)(int fd, const void* bytes, size_t count);
  int (*fsync)(int fd);
  int (*close)(int fd);
  int (*rename)(const char* from, const char* to);
  int (*unlink)(const char* path);
};

/// The table in use: the kernel's own calls unless a test has swapped it.
const IoShim& io();

/// Puts another table in place and returns the old one. For tests; not safe while other threads write.
IoShim swap_io(const IoShim& table);

}  // namespace crisp
