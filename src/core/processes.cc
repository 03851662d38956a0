#include "core/processes.h"

#include <algorithm>
#include <charconv>
#include <cstdlib>
#include <optional>

#include "core/json.h"
#include "core/printable.h"
#include "cuda/error.h"

namespace crisp {
namespace {

constexpr int kMostProcesses = 1 << 16;
constexpr int kUsualPort = 29500;  // PyTorch's

/// The variables, read and checked.
class Reader {
 public:
  explicit Reader(const Environment& environment) : environment_(environment) {}

  std::string text(const char* name) const {
    const char* value = environment_(name);
    return value ? value : "";
  }
  bool has(const char* name) const { return !text(name).empty(); }

  /// A whole number in [low, high], `fallback` where the variable is absent.
  int number(const char* name, int low, int high, std::optional<int> fallback = {}) const {
    const std::string value = text(name);
    if (value.empty() && fallback) return *fallback;
    CRISP_REQUIRE(!value.empty(), Code::config, name, " is not set, though the launcher's other variables are");
    int number = 0;
    const char* const end = value.data() + value.size();
    const auto parsed = std::from_chars(value.data(), end, number);
    CRISP_REQUIRE(parsed.ec == std::errc() && parsed.ptr == end && number >= low && number <= high, Code::config, name, " is '",
                  printable(value), "', expected a whole number from ", low, " to ", high);
    return number;
  }

 private:
  const Environment& environment_;
};

void take_local(const Reader& reader, const char* rank, const char* size, Processes& all) {
  all.local_size = reader.number(size, 1, all.size, 1);
  all.local_rank = reader.number(rank, 0, all.size - 1, 0);
}

Processes of_torchrun(const Reader& reader) {
  Processes all;
  all.launcher = "torchrun";
  all.size = reader.number("WORLD_SIZE", 1, kMostProcesses);
  if (!all.several()) return {};
  all.rank = reader.number("RANK", 0, all.size - 1);
  take_local(reader, "LOCAL_RANK", "LOCAL_WORLD_SIZE", all);
  all.address = reader.text("MASTER_ADDR");
  CRISP_REQUIRE(!all.address.empty(), Code::config, "MASTER_ADDR is not set, though WORLD_SIZE is");
  all.port = reader.number("MASTER_PORT", 1, 65535);
  all.hosted = reader.text("TORCHELASTIC_USE_AGENT_STORE") == "True";
  all.restarts = reader.number("TORCHELASTIC_RESTART_COUNT", 0, 1 << 30, 0);
  return all;
}

/// "gpu-003" of "gpu-[003-010,12],login": Slurm writes lists of hosts short.
std::string first_host(const std::string& list) {
  const size_t bracket = list.find_first_of("[,");
  if (bracket == std::string::npos || list[bracket] == ',') return list.substr(0, bracket);
  const size_t begin = bracket + 1, end = list.find_first_of("-,]", begin);
  return list.substr(0, bracket) + list.substr(begin, end == std::string::npos ? end : end - begin);
}

/// "2(x3),1" or "2": tasks on the first nodes; nothing exact where nodes differ, which only sets how many threads each takes.
int first_count(const std::string& text, int most) {
  int count = 1;
  std::from_chars(text.data(), text.data() + text.size(), count);
  return std::clamp(count, 1, most);
}

Processes of_slurm(const Reader& reader) {
  Processes all;
  all.launcher = "Slurm";
  all.size = reader.number(reader.has("SLURM_STEP_NUM_TASKS") ? "SLURM_STEP_NUM_TASKS" : "SLURM_NTASKS", 1, kMostProcesses);
  if (!all.several()) return {};
  all.rank = reader.number("SLURM_PROCID", 0, all.size - 1);
  all.local_rank = reader.number("SLURM_LOCALID", 0, all.size - 1, 0);
  const char* const tasks = reader.has("SLURM_STEP_TASKS_PER_NODE") ? "SLURM_STEP_TASKS_PER_NODE" : "SLURM_TASKS_PER_NODE";
  all.local_size = first_count(reader.text(tasks), all.size);
  all.address = reader.text("MASTER_ADDR");
  for (const char* list : {"SLURM_STEP_NODELIST", "SLURM_JOB_NODELIST", "SLURM_NODELIST"}) {
    if (all.address.empty()) all.address = first_host(reader.text(list));
  }
  CRISP_REQUIRE(!all.address.empty(), Code::config, "neither MASTER_ADDR nor SLURM_JOB_NODELIST says where process 0 runs");
  // Jobs that share a machine must not meet at one port.
  const int of_job = 20000 + reader.number("SLURM_JOB_ID", 0, 1 << 30, kUsualPort - 20000) % 10000;
  all.port = reader.number("MASTER_PORT", 1, 65535, of_job);
  all.restarts = reader.number("SLURM_RESTART_COUNT", 0, 1 << 30, 0);
  return all;
}

Processes of_sagemaker(const Reader& reader) {
  const Json hosts = parse_json(reader.text("SM_HOSTS"), "SM_HOSTS");
  CRISP_REQUIRE(hosts.is_array() && !hosts.empty() && std::all_of(hosts.begin(), hosts.end(), [](const Json& host) { return host.is_string(); }),
                Code::config, "SM_HOSTS is no list of names");
  auto names = hosts.get<std::vector<std::string>>();
  std::sort(names.begin(), names.end());  // alike on every host
  const auto self = std::find(names.begin(), names.end(), reader.text("SM_CURRENT_HOST"));
  CRISP_REQUIRE(self != names.end(), Code::config, "SM_CURRENT_HOST is none of SM_HOSTS");
  CRISP_REQUIRE(names.size() <= kMostProcesses, Code::config, "SM_HOSTS names more than ", kMostProcesses, " hosts");
  if (names.size() == 1) return {};
  Processes all;
  all.launcher = "SageMaker";
  all.size = static_cast<int>(names.size());
  all.rank = static_cast<int>(self - names.begin());
  all.address = reader.has("MASTER_ADDR") ? reader.text("MASTER_ADDR") : names.front();
  all.port = reader.number("MASTER_PORT", 1, 65535, kUsualPort);
  return all;
}

}  // namespace

std::string Processes::name() const { return concat("process ", rank, " of ", size); }

Processes find_processes(const Environment& environment) {
  const Reader reader(environment);
  if (reader.has("WORLD_SIZE")) return of_torchrun(reader);
  // A batch script and salloc's shell have SLURM_PROCID too; only srun's steps have a number, and who names the meeting place means it.
  const bool in_step = reader.has("SLURM_STEP_ID") || reader.has("MASTER_ADDR");
  if (reader.has("SLURM_PROCID") && reader.has("SLURM_NTASKS") && in_step) return of_slurm(reader);
  if (reader.has("SM_HOSTS") && reader.has("SM_CURRENT_HOST")) return of_sagemaker(reader);
  return {};
}

Processes find_processes() { return find_processes([](const char* name) { return std::getenv(name); }); }

}  // namespace crisp
