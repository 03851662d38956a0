// The memory model of the trace build: the lanes of a warp that execute one instruction for the same time make one
// request; it costs as many 32-byte sectors (global) or bank-conflict ways (shared) as a GPU would need. Counts agreed
// exactly with the L1 accesses of a cycle-level GPU simulator on five kernels.
#include <algorithm>
#include <cstdio>
#include <map>
#include <unordered_map>
#include <vector>

#include "tests/emulation/trace.h"

namespace emulation {
namespace {

bool counting = false;

struct Line {
  uint64_t requests = 0, lanes = 0, bytes = 0, cost = 0;
};
struct Instruction {
  bool shared;
  AccessKind kind;
  uint32_t place;
  auto operator<=>(const Instruction&) const = default;
};
struct Request {
  uint32_t lanes = 0;
  uint8_t bytes = 0;
  uint64_t address[32];
};
struct Turn {  ///< the n-th time that an instruction runs
  Instruction instruction;
  uint32_t n;
  auto operator<=>(const Turn&) const = default;
};

std::map<Instruction, Line> lines;
std::vector<std::map<Turn, Request>> requests;                       // per warp
std::vector<std::unordered_map<uint32_t, uint32_t>> turns_of_thread;  // per thread: place -> how often so far

size_t distinct(std::vector<uint64_t>& values) {
  std::sort(values.begin(), values.end());
  values.erase(std::unique(values.begin(), values.end()), values.end());
  return values.size();
}

uint64_t sectors(const Request& request) {
  std::vector<uint64_t> touched;
  for (uint32_t i = 0; i < request.lanes; ++i) {
    for (uint64_t s = request.address[i] / 32; s <= (request.address[i] + request.bytes - 1) / 32; ++s) touched.push_back(s);
  }
  return distinct(touched);
}

uint64_t ways(const Request& request, bool atomic) {
  std::vector<uint64_t> words;
  std::map<uint64_t, uint64_t> same_word;
  for (uint32_t i = 0; i < request.lanes; ++i) {
    for (uint64_t k = 0; k < request.bytes; k += 4) words.push_back((request.address[i] + k) / 4);
    ++same_word[request.address[i]];
  }
  distinct(words);
  uint64_t per_bank[32] = {};
  uint64_t most = 0;
  for (const uint64_t word : words) most = std::max(most, ++per_bank[word % 32]);
  if (!atomic) return most;
  for (const auto& [word, lanes] : same_word) most = std::max(most, lanes);  // atomics on one word queue up
  return most;
}

const char* kind_name(const Instruction& instruction) {
  static const char* const names[2][3] = {{"global load", "global store", "global atomic"},
                                          {"shared load", "shared store", "shared atomic"}};
  return names[instruction.shared][static_cast<int>(instruction.kind)];
}

}  // namespace

void count_access(const Access& access) {
  if (!counting) return;
  const Fiber& me = *running->current;
  const uint32_t n = turns_of_thread[me.linear][access.place]++;
  Request& request = requests[me.warp][{{access.shared(), access.kind, access.place}, n}];
  request.bytes = static_cast<uint8_t>(access.bytes);
  if (request.lanes < 32) request.address[request.lanes++] = access.address;
}

void statistics_launch_begins() {}

void statistics_block_begins() {
  if (!counting) return;
  requests.assign(running->warps.size(), {});
  turns_of_thread.assign(running->fibers.size(), {});
}

void statistics_block_ends() {
  if (!counting) return;
  for (const auto& warp : requests) {
    for (const auto& [turn, request] : warp) {
      Line& line = lines[turn.instruction];
      ++line.requests;
      line.lanes += request.lanes;
      line.bytes += uint64_t{request.lanes} * request.bytes;
      line.cost += turn.instruction.shared ? ways(request, turn.instruction.kind == AccessKind::atomic) : sectors(request);
    }
  }
  requests.clear();
}

void start_access_statistics() {
  counting = true;
  lines.clear();
}

std::string access_statistics() {
  std::string out;
  char row[256];
  for (const auto& [instruction, line] : lines) {
    const double n = static_cast<double>(line.requests);
    std::snprintf(row, sizeof row, "%-14s %-28s %9llu requests %5.1f lanes %5.1f bytes/lane %6.2f %s\n",
                  kind_name(instruction), source_place(instruction.place).c_str(),
                  static_cast<unsigned long long>(line.requests), static_cast<double>(line.lanes) / n,
                  static_cast<double>(line.bytes) / static_cast<double>(line.lanes), static_cast<double>(line.cost) / n,
                  instruction.shared ? "ways/request" : "sectors/request");
    out += row;
  }
  return out;
}

AccessTotals access_totals() {
  AccessTotals totals;
  for (const auto& [instruction, line] : lines) {
    (instruction.shared ? totals.shared_requests : totals.global_requests) += line.requests;
    (instruction.shared ? totals.shared_wavefronts : totals.global_sectors) += line.cost;
  }
  return totals;
}

}  // namespace emulation
