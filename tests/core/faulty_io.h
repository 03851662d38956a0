// Makes the n-th system call of the I/O shim go wrong: an error, an interruption, half a write, or the death
// of the process. Counts the calls, so that a test can try every n until one run stays clean.
#pragma once

#include <signal.h>
#include <unistd.h>

#include <cerrno>
#include <cstdint>

#include "core/io_shim.h"

namespace crisp {

enum class Fault { error, short_write, kill };

class FaultyIo {
 public:
  /// The `n`-th call (from 1) fails, or all from it on where `persistent`.
  FaultyIo(Fault fault, int64_t n, int error = EIO, bool persistent = false) {
    plan() = {fault, n, error, persistent, 0, 0};
    real() = swap_io({open, write, fsync, close, rename, unlink});
  }
  ~FaultyIo() { swap_io(real()); }
  FaultyIo(const FaultyIo&) = delete;
  FaultyIo& operator=(const FaultyIo&) = delete;

  /// How many faults were injected: a test must know that its fault happened.
  int64_t injected() const { return plan().injected; }

 private:
  struct Plan {
    Fault fault;
    int64_t n;
    int error;
    bool persistent;
    int64_t calls;
    int64_t injected;
  };
  static Plan& plan() {
    static Plan plan;
    return plan;
  }
  static IoShim& real() {
    static IoShim real;
    return real;
  }
  static bool now() {
    Plan& p = plan();
    ++p.calls;
    if (p.persistent ? p.calls < p.n : p.calls != p.n) return false;
    ++p.injected;
    return true;
  }
  // True where the call shall report an error instead of being done.
  static bool strikes() {
    if (!now()) return false;
    if (plan().fault == Fault::kill) ::kill(::getpid(), SIGKILL);
    errno = plan().error;
    return plan().fault == Fault::error;
  }

  static int open(const char* path, int flags, mode_t mode) {
    return strikes() ? -1 : real().open(path, flags, mode);
  }
  static ssize_t write(int fd, const void* bytes, size_t count) {
    if (!now()) return real().write(fd, bytes, count);
    errno = plan().error;
    if (plan().fault == Fault::error) return -1;
    const ssize_t done = real().write(fd, bytes, (count + 1) / 2);
    if (plan().fault == Fault::kill) ::kill(::getpid(), SIGKILL);
    return done;
  }
  static int fsync(int fd) { return strikes() ? -1 : real().fsync(fd); }
  static int close(int fd) {
    const bool failed = strikes();
    const int error = errno;
    const int result = real().close(fd);  // a failed close has closed all the same
    if (!failed) return result;
    errno = error;
    return -1;
  }
  static int rename(const char* from, const char* to) { return strikes() ? -1 : real().rename(from, to); }
  static int unlink(const char* path) { return strikes() ? -1 : real().unlink(path); }
};

}  // namespace crisp
