/// Ctrl-C and SIGTERM: the first asks for an orderly end (a flag that long work looks at), the second kills
/// at once.
#pragma once

#include <exception>

#include "cuda/error.h"

namespace crisp {

/// Thrown where long work notices the flag. Unless whoever catches it has made a durable checkpoint, the
/// program exits with 128 + signal; with one it exits with 75.
class Interrupted : public Error {
 public:
  explicit Interrupted(int signal, bool resumable = false);
  int signal() const { return signal_; }
  bool resumable() const { return resumable_; }

 private:
  int signal_;
  bool resumable_;
};

/// SIGINT and SIGTERM set the flag; SIGPIPE and SIGXFSZ become errors of the write (see write_fully). Called
/// once, by main().
void install_signal_handlers();

/// As if the signal had arrived: for other ways of being asked to stop.
void request_interrupt(int signal);

/// The signal that arrived, or 0.
int interrupt_signal();

/// Throws Interrupted once a signal has arrived. Costs one load: call it in every long loop.
void check_interrupt();

/// Forgets the signal: for tests, and for a server that has drained.
void clear_interrupt();

/// What the process exits with for this exception: an Error's code, 128 + signal, 71 for std::bad_alloc,
/// else 70.
int exit_status(const std::exception& error);

}  // namespace crisp
