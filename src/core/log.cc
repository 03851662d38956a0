#include "core/log.h"

#include <fcntl.h>
#include <time.h>
#include <unistd.h>

#include <atomic>
#include <cerrno>
#include <chrono>
#include <csignal>
#include <mutex>

#include "core/file_io.h"
#include "core/interrupt.h"
#include "core/io_shim.h"
#include "core/terminal.h"

namespace crisp {
namespace {

std::atomic<Verbosity> level{Verbosity::normal};
std::mutex file_guard;
int file_fd = -1;
bool file_failed = false;
std::chrono::steady_clock::time_point file_start;

std::string utc_now() {
  const auto now = std::chrono::system_clock::now();
  const auto seconds = std::chrono::floor<std::chrono::seconds>(now);
  const auto milliseconds = std::chrono::duration_cast<std::chrono::milliseconds>(now - seconds).count();
  const time_t whole = std::chrono::system_clock::to_time_t(seconds);
  tm parts = {};
  gmtime_r(&whole, &parts);
  char text[40];
  const size_t size = strftime(text, sizeof text, "%Y-%m-%dT%H:%M:%S", &parts);
  return concat(std::string_view(text, size), '.', std::string_view(concat(1000 + milliseconds)).substr(1),
                'Z');
}

double elapsed() {
  return std::chrono::duration<double>(std::chrono::steady_clock::now() - file_start).count();
}

// One write a line, so that lines of several threads or processes do not mix.
void append_line(const Json& line) {
  const std::string text = to_text(line) + "\n";
  try {
    write_fully(file_fd, as_bytes(text), "log");
  } catch (const std::exception& error) {
    if (!file_failed) print_line(concat("warning: the log is incomplete: ", printable(error.what())));
    file_failed = true;
  }
}

void append(const char* kind, const std::string& message) {
  const std::lock_guard lock(file_guard);
  if (file_fd < 0) return;
  append_line({{"time", utc_now()}, {"elapsed", elapsed()}, {"level", kind}, {"message", message}});
}

std::string coloured(const char* text, const char* code) {
  return has_colour(STDERR_FILENO) ? concat("\x1b[", code, 'm', text, "\x1b[0m") : std::string(text);
}

// Memory may be what has run out; then the message is lost rather than the program.
template <class Action>
void quietly(Action action) noexcept {
  try {
    action();
  } catch (...) {
  }
}

/// One line that says what and where, a second one that says what to try.
void print_error(const std::string& message, const std::string& hint) {
  print_line(concat(coloured("error:", "1;31"), ' ', printable(message)));
  if (hint.empty()) return;
  // A hint may have lines of its own: a caret under the place in an expression.
  const size_t line_end = hint.find('\n');
  if (line_end == std::string::npos) {
    return print_line(concat(hint.starts_with("did you mean") ? "  " : "  try: ", printable(hint)));
  }
  print_line(concat("  ", printable(hint.substr(0, line_end))));
  print_line(concat("  ", printable(hint.substr(line_end + 1))));
}

void print_error(const std::exception& error) {
  if (const auto* known = dynamic_cast<const Error*>(&error)) return print_error(known->what(), known->hint());
  if (dynamic_cast<const std::bad_alloc*>(&error)) {
    return print_error("out of memory", "use fewer rows or columns, or a larger machine");
  }
  print_error(concat("internal error: ", error.what()), "this is a bug in crisp; please report it");
}

bool reader_left(const std::exception& error) {
  const auto* interrupted = dynamic_cast<const Interrupted*>(&error);
  return interrupted && interrupted->signal() == SIGPIPE;
}

}  // namespace

void set_verbosity(Verbosity verbosity) {
  level = verbosity;
  allow_bar(verbosity != Verbosity::quiet);
}

Verbosity verbosity() { return level; }

void log_note(const std::string& message) noexcept {
  quietly([&] {
    append("note", message);
    if (level != Verbosity::quiet) print_line(printable(message));
  });
}

void log_detail(const std::string& message) noexcept {
  quietly([&] {
    append("detail", message);
    if (level == Verbosity::verbose) print_line(printable(message));
  });
}

void log_warning(const std::string& message) noexcept {
  quietly([&] {
    append("warning", message);
    if (level != Verbosity::quiet) print_line(concat(coloured("warning:", "33"), ' ', printable(message)));
  });
}

void log_error(const std::exception& error) noexcept {
  quietly([&] {
    if (reader_left(error)) return;
    append("error", error.what());
    print_error(error);
  });
}

LogFile::LogFile(const std::string& path) {
  const std::lock_guard lock(file_guard);
  CRISP_ASSERT(file_fd < 0);
  file_fd = io().open(path.c_str(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC | O_NOFOLLOW, 0666);
  if (file_fd < 0) fail_writing(errno, "create", path);
  file_failed = false;
  file_start = std::chrono::steady_clock::now();
}

LogFile::~LogFile() {
  const std::lock_guard lock(file_guard);
  io().close(file_fd);
  file_fd = -1;
}

void LogFile::event(const std::string& name, const Json& fields) {
  Json line = {{"time", utc_now()}, {"elapsed", elapsed()}, {"event", name}};
  for (const auto& [key, value] : fields.items()) line[key] = value;
  const std::lock_guard lock(file_guard);
  append_line(line);
}

}  // namespace crisp
