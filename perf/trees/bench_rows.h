/// What the benchmarks of trees share: rows from files, the clock, memory, and ROC-AUC.
#pragma once

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <numeric>
#include <string>
#include <vector>

/// Raw float32; ends the program where there are fewer.
inline std::vector<float> read_floats(const std::string& path, int64_t count) {
  std::vector<float> values(static_cast<size_t>(count));
  std::ifstream file(path, std::ios::binary);
  if (!file.read(reinterpret_cast<char*>(values.data()), count * 4)) {
    std::fprintf(stderr, "cannot read %lld floats from %s\n", static_cast<long long>(count), path.c_str());
    std::exit(66);
  }
  return values;
}

inline double now() { return std::chrono::duration<double>(std::chrono::steady_clock::now().time_since_epoch()).count(); }

/// A figure of /proc/self/status, which are in kB of 1,024 bytes, in MB of 1,024 of these; 0 where it is not there.
inline double process_mb(const std::string& name) {
  std::ifstream status("/proc/self/status");
  for (std::string line; std::getline(status, line);) {
    if (line.starts_with(name + ":")) return std::stod(line.substr(name.size() + 1)) / 1024;
  }
  return 0;
}

/// Memory above what there was when it was made, at the most.
class PeakMemory {
 public:
  PeakMemory() : before_(process_mb("VmRSS")) { std::ofstream("/proc/self/clear_refs") << 5; }  // forgets the peak so far
  double mb() const { return process_mb("VmHWM") - before_; }

 private:
  double before_;
};

/// The share of pairs of a 1 and a 0 in which the 1 has more; equal ones count half.
inline double roc_auc(const float* target, const std::vector<double>& scores) {
  std::vector<size_t> order(scores.size());
  std::iota(order.begin(), order.end(), size_t{0});
  std::sort(order.begin(), order.end(), [&](size_t a, size_t b) { return scores[a] < scores[b]; });
  double ranks = 0, ones = 0;
  for (size_t begin = 0, end; begin < order.size(); begin = end) {
    for (end = begin + 1; end < order.size() && scores[order[end]] == scores[order[begin]];) ++end;
    for (size_t k = begin; k < end; ++k) {
      if (target[order[k]] <= 0.5f) continue;
      ranks += 0.5 * static_cast<double>(begin + end + 1);
      ++ones;
    }
  }
  return (ranks - ones * (ones + 1) / 2) / (ones * (static_cast<double>(scores.size()) - ones));
}
