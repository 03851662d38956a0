/// Messages to people (stderr) and to machines (JSON lines beside the results). The command's result is
/// neither: it goes to stdout.
#pragma once

#include <string>

#include "core/json.h"
#include "cuda/error.h"

namespace crisp {

enum class Verbosity { quiet, normal, verbose };

/// quiet: errors only, no bar. normal: what is done, warnings, a bar on a terminal. verbose: details too.
void set_verbosity(Verbosity verbosity);
Verbosity verbosity();

/// One line each; control characters are shown, not obeyed. All of them go to the log file as well, whatever
/// the verbosity. They never throw: a message that cannot be written is dropped.
void log_note(const std::string& message) noexcept;
void log_detail(const std::string& message) noexcept;
void log_warning(const std::string& message) noexcept;
/// "error: <message>" and, where there is one, a second line "  try: <hint>"; of a hint of two lines (a place in an
/// expression, and the caret below it) both. Nothing for a reader of stdout that left.
void log_error(const std::exception& error) noexcept;

template <class... Parts>
void note(const Parts&... parts) {
  log_note(concat(parts...));
}
template <class... Parts>
void detail(const Parts&... parts) {
  log_detail(concat(parts...));
}
template <class... Parts>
void warn(const Parts&... parts) {
  log_warning(concat(parts...));
}

/// While it lives, every message is also a JSON line in `path`: {"time","elapsed","level","message"}.
/// Code::io and so on where the file cannot be opened; later failures are reported once and then ignored.
class LogFile {
 public:
  explicit LogFile(const std::string& path);
  ~LogFile();
  LogFile(const LogFile&) = delete;
  LogFile& operator=(const LogFile&) = delete;

  /// A line of one's own, such as the metrics of a round; the time is added.
  void event(const std::string& name, const Json& fields);
};

}  // namespace crisp
