#include <unistd.h>

#include <charconv>
#include <filesystem>
#include <fstream>
#include <limits>
#include <thread>

#include "cuda/cpu_isa.h"
#include "cuda/error.h"
#include "cuda/text.h"
#include "cuda/thread_pool.h"
#include "core/format.h"
#include "table/arrow_runtime.h"
#include "train/net_library.h"
#include "tools/doctor.h"

namespace crisp {
namespace {

using State = Finding::State;

#if defined(__clang__)
constexpr const char* kCompiler = __VERSION__;  // names itself
#else
constexpr const char* kCompiler = "GCC " __VERSION__;
#endif

constexpr double kLittleMemory = 2e9, kLittleDisk = 2e9;

/// The rest of the first line that begins with `key`, after its colon.
std::string entry_of(const std::string& path, const std::string& key) {
  std::ifstream file(path);
  for (std::string line; std::getline(file, line);) {
    if (!line.starts_with(key)) continue;
    const size_t value = line.find_first_not_of(" \t", line.find(':') + 1);
    return value == std::string::npos ? "" : line.substr(value);
  }
  return "";
}

/// The number at the start of a text; infinity where there is none ("max").
double leading_number(const std::string& text) {
  double value = std::numeric_limits<double>::infinity();
  std::from_chars(text.data(), text.data() + text.size(), value);
  return value;
}

Finding cpu_finding() {
  std::string name = entry_of("/proc/cpuinfo", "model name");
  if (name.empty()) name = "unknown model";
  return {"CPU", State::good, name};
}

Finding cores_finding() {
  const int usable = available_cores();
  const auto all = static_cast<int>(std::thread::hardware_concurrency());
  if (all <= usable) return {"cores", State::good, concat(usable)};
  return {"cores", State::good, concat(usable, " of ", all, " (affinity of this process)")};
}

Finding simd_finding() {
  switch (detected_isa()) {
    case CpuIsa::avx512:
      return {"SIMD", State::good, "AVX-512 (AVX2 and SSE4.2 engines are here too)"};
    case CpuIsa::avx2:
      return {"SIMD", State::good, "AVX2 (no AVX-512 on this CPU)"};
    case CpuIsa::baseline:
      break;
  }
#if defined(__x86_64__)
  return {"SIMD", State::absent, "SSE4.2 only", "a CPU with AVX2 (any since 2015) is several times faster"};
#else
  return {"SIMD", State::good, "baseline of this architecture"};
#endif
}

Finding memory_finding() {
  double total = leading_number(entry_of("/proc/meminfo", "MemTotal")) * 1024;
  double free = leading_number(entry_of("/proc/meminfo", "MemAvailable")) * 1024;
  // A container may have less than its machine.
  for (const char* file : {"/sys/fs/cgroup/memory.max", "/sys/fs/cgroup/memory/memory.limit_in_bytes"}) {
    const std::string limit = first_line_of(file);
    if (!limit.empty()) total = std::min(total, leading_number(limit));
  }
  free = std::min(free, total);
  Finding out{"memory", State::good, concat(format_bytes(total), ", ", format_bytes(free), " free")};
  if (free < kLittleMemory)
    out = {out.name, State::problem, out.text,
           "tables must fit into memory: close something, or take a larger machine"};
  return out;
}

Finding disk_finding() {
  std::error_code error;
  const auto folder = std::filesystem::current_path(error);
  const auto space = std::filesystem::space(folder, error);
  if (error)
    return {"disk", State::problem, "the working folder cannot be looked at", "cd to a folder that exists"};
  Finding out{"disk", State::good,
              concat(format_bytes(static_cast<double>(space.available)), " free in ", folder.string())};
  if (static_cast<double>(space.available) < kLittleDisk)
    out = {out.name, State::problem, out.text, "make room, or write elsewhere with -o"};
  else if (::access(folder.c_str(), W_OK) != 0)
    out = {out.name, State::problem, concat(out.text, ", not writable"), "write elsewhere with -o"};
  return out;
}

Finding nets_finding() {
  const std::string built = built_torch_version();
  const TorchPlace torch = find_torch();
  if (built.empty()) return {"LibTorch", State::absent, "this build has no nets", "tools/setup --nets, then build again"};
  if (torch.version.empty()) {
    return {"LibTorch", State::absent, "not found; nets need it", concat("pip install torch==", built, ", or name its folder in CRISP_TORCH")};
  }
  try {
    return {"LibTorch", State::good, concat(net_library().torch_version, " in ", torch.folder)};
  } catch (const Error& error) {
    return {"LibTorch", State::problem, error.message(), error.hint()};
  }
}

}  // namespace

std::string first_line_of(const std::string& path) {
  std::ifstream file(path);
  std::string line;
  std::getline(file, line);
  return line;
}

std::vector<Finding> machine_findings() {
  return {cpu_finding(), cores_finding(), simd_finding(), memory_finding(), disk_finding()};
}

std::vector<Finding> software_findings() {
  return {{"crisp", State::good, CRISP_VERSION},
          {"Arrow", State::good, arrow_version()},
          nets_finding(),
          {"compiler", State::good, kCompiler}};
}

}  // namespace crisp
