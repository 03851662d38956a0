// What the emulated device found wrong, in words: kernel, block, threads and source lines.
#include <dlfcn.h>

#include <cstdarg>
#include <cstdio>
#include <map>
#include <string>

#include "tests/emulation/machine.h"

namespace emulation {
namespace {

constexpr int kPrintedReports = 20;
constexpr size_t kKeptBytes = 20000;
int count = 0;
std::string text;

void keep(const std::string& line) {
  if (count <= kPrintedReports) std::fprintf(stderr, "emulation: %s\n", line.c_str());
  if (text.size() < kKeptBytes) text += line + '\n';
}

std::string format_text(const char* format, va_list arguments) {
  char buffer[2048];
  std::vsnprintf(buffer, sizeof buffer, format, arguments);
  return buffer;
}

__attribute__((format(printf, 1, 2))) std::string format_text(const char* format, ...) {
  va_list arguments;
  va_start(arguments, format);
  std::string out = format_text(format, arguments);
  va_end(arguments);
  return out;
}

const char* op_name(WarpOp op) {
  static const char* const names[] = {
      "__syncwarp", "__shfl_sync", "__shfl_up_sync", "__shfl_down_sync", "__shfl_xor_sync", "__ballot_sync",
      "__any_sync", "__all_sync", "__match_any_sync", "__reduce_add_sync", "__reduce_min_sync", "__reduce_max_sync",
      "__reduce_min_sync", "__reduce_max_sync", "__reduce_and_sync", "__reduce_or_sync", "__reduce_xor_sync"};
  return names[static_cast<int>(op)];
}

std::string what_it_does(const Fiber& fiber) {
  switch (fiber.state) {
    case ThreadState::at_barrier: return format_text("wait in __syncthreads at %s:%d", fiber.file, fiber.line);
    case ThreadState::in_warp_operation:
      return format_text("wait in %s(mask=0x%08x) at %s:%d", op_name(fiber.op), fiber.mask, fiber.file, fiber.line);
    case ThreadState::done: return "have exited";
    default: return "are running";
  }
}

/// "0-15,32-47": the threads as ranges, at most six of them.
std::string ranges(const std::vector<unsigned>& threads) {
  std::string out;
  int written = 0;
  for (size_t i = 0; i < threads.size() && written < 6; ++written) {
    size_t last = i;
    while (last + 1 < threads.size() && threads[last + 1] == threads[last] + 1) ++last;
    if (!out.empty()) out += ',';
    out += std::to_string(threads[i]);
    if (last > i) out += '-' + std::to_string(threads[last]);
    i = last + 1;
  }
  return out;
}

}  // namespace

void report(const char* format, ...) {
  va_list arguments;
  va_start(arguments, format);
  ++count;
  keep(format_text(format, arguments));
  va_end(arguments);
}

void report_threads() {
  std::map<std::string, std::vector<unsigned>> groups;
  for (const Fiber& fiber : running->fibers) groups[what_it_does(fiber)].push_back(fiber.linear);
  for (const auto& [state, threads] : groups) {
    keep(format_text("  %zu threads %s [%s]", threads.size(), state.c_str(), ranges(threads).c_str()));
  }
}

const char* kernel_name() {
  static std::string name;
  Dl_info info;
  const bool found = dladdr(running->launch->kernel, &info) && info.dli_sname;
  name = found ? info.dli_sname : "kernel";
  return name.c_str();
}

int report_count() { return count; }

const std::string& reports() { return text; }

void clear_reports() {
  count = 0;
  text.clear();
}

}  // namespace emulation
