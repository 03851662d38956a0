/// What `crisp doctor` looks at, one line a thing.
#pragma once

#include <string>
#include <vector>

namespace crisp {

struct Finding {
  enum class State {
    good,     ///< here
    absent,   ///< not here, and crisp does without
    problem,  ///< will get in the way
  };
  std::string name;  ///< "memory"
  State state = State::good;
  std::string text;         ///< "24 GB, 20 GB free"
  std::string advice = {};  ///< what to do, where there is something
};

/// CPU, cores, SIMD level, memory, disk of the working folder.
std::vector<Finding> machine_findings();
/// Driver, GPUs, and the CUDA that this crisp was compiled with.
std::vector<Finding> gpu_findings(const std::string& instance_type);
/// EC2 instance and Deep Learning AMI by what stands in files; asks the metadata service only where `ask`.
std::vector<Finding> cloud_findings(bool ask, std::string& instance_type);
/// The versions of crisp, Arrow and LibTorch.
std::vector<Finding> software_findings();
/// What no test of crisp could run yet.
std::vector<Finding> unproven_findings();

/// The first line of a small file without its line break; "" where it cannot be read.
std::string first_line_of(const std::string& path);

}  // namespace crisp
