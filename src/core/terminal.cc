#include "core/terminal.h"

#include <sys/ioctl.h>
#include <unistd.h>

#include <algorithm>
#include <charconv>
#include <cstdlib>
#include <mutex>

#include "cuda/text.h"

namespace crisp {
namespace {

std::mutex guard;
std::string bar;
bool bar_allowed = true;

// Messages about the output must not fail: what cannot be written to stderr is dropped.
void put(std::string_view text) {
  while (!text.empty()) {
    const ssize_t done = ::write(STDERR_FILENO, text.data(), text.size());
    if (done <= 0) return;
    text.remove_prefix(static_cast<size_t>(done));
  }
}

std::string_view environment(const char* name) {
  const char* value = std::getenv(name);
  return value ? value : "";
}

constexpr std::string_view kClearLine = "\r\x1b[K";

}  // namespace

bool has_colour(int file_descriptor) {
  const std::string_view term = environment("TERM");
  return ::isatty(file_descriptor) == 1 && environment("NO_COLOR").empty() && !term.empty() && term != "dumb";
}

size_t terminal_width(int file_descriptor) {
  const std::string_view columns = environment("COLUMNS");
  size_t width = 0;
  std::from_chars(columns.data(), columns.data() + columns.size(), width);
  winsize size = {};
  if (width == 0 && ::ioctl(file_descriptor, TIOCGWINSZ, &size) == 0) width = size.ws_col;
  return width == 0 ? 80 : std::clamp<size_t>(width, 20, 1000);
}

void print_line(std::string_view line) {
  const std::lock_guard lock(guard);
  if (bar.empty()) return put(concat(line, '\n'));
  put(concat(kClearLine, line, '\n', bar));
}

void show_bar(std::string_view text) {
  const std::lock_guard lock(guard);
  if (!bar_allowed || ::isatty(STDERR_FILENO) != 1 || (text.empty() && bar.empty())) return;
  bar = text;
  put(concat(kClearLine, bar));
}

void allow_bar(bool allowed) {
  const std::lock_guard lock(guard);
  bar_allowed = allowed;
}

}  // namespace crisp
