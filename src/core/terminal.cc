#include "core/terminal.h"

#include <sys/ioctl.h>
#include <unistd.h>

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

constexpr std::string_view kClearLine = "\r\x1b[K";

}  // namespace

bool stderr_is_terminal() { return ::isatty(STDERR_FILENO) == 1; }

bool stderr_has_colour() {
  const char* none = std::getenv("NO_COLOR");
  const char* term = std::getenv("TERM");
  if (none && *none) return false;
  return stderr_is_terminal() && term && std::string_view(term) != "dumb";
}

int terminal_width() {
  winsize size = {};
  if (::ioctl(STDERR_FILENO, TIOCGWINSZ, &size) != 0 || size.ws_col == 0) return 80;
  return size.ws_col;
}

void print_line(std::string_view line) {
  const std::lock_guard lock(guard);
  if (bar.empty()) return put(concat(line, '\n'));
  put(concat(kClearLine, line, '\n', bar));
}

void show_bar(std::string_view text) {
  const std::lock_guard lock(guard);
  if (!bar_allowed || !stderr_is_terminal() || (text.empty() && bar.empty())) return;
  bar = text;
  put(concat(kClearLine, bar));
}

void allow_bar(bool allowed) {
  const std::lock_guard lock(guard);
  bar_allowed = allowed;
}

std::string printable(std::string_view text) {
  std::string out;
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    if (c == '\n') {
      out += "\\n";
    } else if (c == '\t') {
      out += "\\t";
    } else if (byte < 0x20 || byte == 0x7f) {
      out += {'\\', 'x', "0123456789abcdef"[byte >> 4], "0123456789abcdef"[byte & 15]};
    } else {
      out.push_back(c);
    }
  }
  return out;
}

}  // namespace crisp
