#include "core/interrupt.h"

#include <time.h>

#include <atomic>
#include <cerrno>
#include <csignal>
#include <cstdint>
#include <new>

namespace crisp {
namespace {

std::atomic<int> pending_signal{0};
std::atomic<int64_t> first_at{0};
static_assert(std::atomic<int>::is_always_lock_free && std::atomic<int64_t>::is_always_lock_free,
              "a signal handler may only touch lock-free atomics");

int64_t milliseconds() {
  timespec now = {};
  clock_gettime(CLOCK_MONOTONIC, &now);
  return int64_t{now.tv_sec} * 1000 + now.tv_nsec / 1'000'000;
}

// timeout(1) and some supervisors send the same signal to the process and again to its group: what follows
// within a fifth of a second is taken for the same request.
constexpr int64_t kSameRequestMs = 200;

void on_signal(int signal) {
  const int saved = errno;
  if (pending_signal.load() == 0) {
    first_at = milliseconds();
    pending_signal = signal;
  } else if (milliseconds() - first_at.load() > kSameRequestMs) {
    std::signal(signal, SIG_DFL);
    std::raise(signal);
  }
  errno = saved;
}

std::string message_for(int signal) {
  if (signal == SIGPIPE) return "the reader of the output has gone";
  if (signal == SIGINT) return "interrupted (Ctrl-C)";
  return concat("stopped by signal ", signal);
}

}  // namespace

Interrupted::Interrupted(int signal, bool resumable)
    : Error(Code::interrupted, message_for(signal), resumable ? "a checkpoint is there: the same command with --resume goes on from it" : ""),
      signal_(signal),
      resumable_(resumable) {}

void install_signal_handlers() {
  struct sigaction action = {};
  action.sa_handler = on_signal;
  sigemptyset(&action.sa_mask);
  // No SA_RESTART: a read that waits for input must come back, so that the flag is seen.
  sigaction(SIGINT, &action, nullptr);
  sigaction(SIGTERM, &action, nullptr);
  std::signal(SIGPIPE, SIG_IGN);
  std::signal(SIGXFSZ, SIG_IGN);
}

void request_interrupt(int signal) {
  int none = 0;
  pending_signal.compare_exchange_strong(none, signal);
}

int interrupt_signal() { return pending_signal.load(std::memory_order_relaxed); }

void check_interrupt() {
  if (const int signal = interrupt_signal()) throw Interrupted(signal);
}

void clear_interrupt() { pending_signal = 0; }

int exit_status(const std::exception& error) {
  if (const auto* interrupted = dynamic_cast<const Interrupted*>(&error)) {
    if (!interrupted->resumable()) return 128 + interrupted->signal();
  }
  if (const auto* known = dynamic_cast<const Error*>(&error)) return static_cast<int>(known->code());
  if (dynamic_cast<const std::bad_alloc*>(&error)) return static_cast<int>(Code::no_memory);
  return static_cast<int>(Code::bug);
}

}  // namespace crisp
