#include "core/run_info.h"

#include <fcntl.h>
#include <sys/resource.h>
#include <sys/utsname.h>
#include <unistd.h>

#include <algorithm>
#include <charconv>
#include <optional>
#include <string_view>

#include "cuda/error.h"
#include "cuda/thread_pool.h"

namespace crisp {
namespace {

// Files under /proc have no size, so they are read as they come; what cannot be read is empty.
std::string proc_text(const char* path) {
  std::string out;
  const int fd = ::open(path, O_RDONLY | O_CLOEXEC);
  if (fd < 0) return out;
  char block[4096];
  for (ssize_t got; (got = ::read(fd, block, sizeof block)) > 0 && out.size() < (1 << 20);) {
    out.append(block, static_cast<size_t>(got));
  }
  ::close(fd);
  return out;
}

// The value behind "key<tabs and spaces>:<spaces>" at the beginning of a line.
std::optional<std::string_view> field(std::string_view text, std::string_view key) {
  for (size_t at = 0; (at = text.find(key, at)) != std::string_view::npos; at += key.size()) {
    if (at != 0 && text[at - 1] != '\n') continue;
    const std::string_view line = text.substr(at, text.find('\n', at) - at);
    const size_t colon = line.find(':');
    const size_t value = line.find_first_not_of(" \t", colon == line.npos ? colon : colon + 1);
    if (value != line.npos) return line.substr(value);
  }
  return std::nullopt;
}

int64_t kilobytes(std::string_view text, std::string_view key) {
  int64_t value = 0;
  if (const auto found = field(text, key))
    std::from_chars(found->data(), found->data() + found->size(), value);
  return value * 1024;
}

}  // namespace

int64_t peak_memory_bytes() {
  const std::string status = proc_text("/proc/self/status");
  if (const int64_t peak = kilobytes(status, "VmHWM")) return peak;
  rusage usage = {};
  ::getrusage(RUSAGE_SELF, &usage);
  return int64_t{usage.ru_maxrss} * 1024;
}

void reset_peak_memory() {
  const int fd = ::open("/proc/self/clear_refs", O_WRONLY | O_CLOEXEC);
  if (fd < 0) return;
  [[maybe_unused]] const ssize_t ignored = ::write(fd, "5", 1);  // 5: forget the peak and nothing else
  ::close(fd);
}

PhaseClock::Phase::Phase(PhaseClock& clock, const char* name)
    : clock_(clock), index_(clock.entries_.size()), range_(name) {
  clock.note_peak();
  std::string path = name;
  for (auto outer = clock.entries_.rbegin(); outer != clock.entries_.rend(); ++outer) {
    if (outer->open) {
      path = concat(outer->name, '/', name);
      break;
    }
  }
  clock.entries_.push_back({.name = std::move(path), .start = std::chrono::steady_clock::now()});
}

PhaseClock::Phase::~Phase() {
  Entry& entry = clock_.entries_[index_];
  entry.seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - entry.start).count();
  clock_.note_peak();
  entry.open = false;
}

// The peak so far belongs to every phase that is open; then counting begins anew, so that the next one gets
// its own.
void PhaseClock::note_peak() {
  const int64_t peak = peak_memory_bytes();
  for (Entry& entry : entries_) {
    if (entry.open) entry.peak_bytes = std::max(entry.peak_bytes, peak);
  }
  reset_peak_memory();
}

double PhaseClock::seconds() const {
  return std::chrono::duration<double>(std::chrono::steady_clock::now() - start_).count();
}

Json PhaseClock::to_json() const {
  Json out = Json::array();
  for (const Entry& entry : entries_) {
    out.push_back(
        {{"phase", entry.name}, {"seconds", entry.seconds}, {"peak_memory_bytes", entry.peak_bytes}});
  }
  return out;
}

Json machine_facts() {
  const std::string cpu = proc_text("/proc/cpuinfo"), memory = proc_text("/proc/meminfo");
  utsname system = {};
  ::uname(&system);
  return {{"cpu", std::string(field(cpu, "model name").value_or(system.machine))},
          {"cores", available_cores()},
          {"memory_bytes", kilobytes(memory, "MemTotal")},
          {"system", concat(system.sysname, ' ', system.release)},
          {"host", std::string(system.nodename)}};
}

}  // namespace crisp
