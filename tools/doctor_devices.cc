#include <array>
#include <filesystem>

#include "cuda/device.h"
#include "cuda/error.h"
#include "core/format.h"
#include "core/instance_metadata.h"
#include "tools/doctor.h"

namespace crisp {
namespace {

using State = Finding::State;

/// Instance families with an NVIDIA GPU that crisp has code for, and its name.
constexpr std::array<std::pair<const char*, const char*>, 12> kGpuFamilies = {{{"g4dn.", "T4"},
                                                                               {"g5.", "A10G"},
                                                                               {"g5g.", "T4G"},
                                                                               {"g6.", "L4"},
                                                                               {"g6e.", "L40S"},
                                                                               {"gr6.", "L4"},
                                                                               {"p4d.", "A100"},
                                                                               {"p4de.", "A100"},
                                                                               {"p5.", "H100"},
                                                                               {"p5e.", "H200"},
                                                                               {"p5en.", "H200"},
                                                                               {"p6-b200.", "B200"}}};

std::string gpu_of(const std::string& instance_type) {
  for (const auto& [family, gpu] : kGpuFamilies) {
    if (instance_type.starts_with(family)) return gpu;
  }
  return "";
}

Finding driver_finding(const std::string& instance_type) {
  const std::string version = first_line_of("/sys/module/nvidia/version");
  if (!version.empty()) return {"NVIDIA driver", State::good, version};
  const std::string gpu = gpu_of(instance_type);
  if (gpu.empty()) return {"NVIDIA driver", State::absent, "none: crisp runs on the CPU"};
  return {"NVIDIA driver", State::problem, concat("none, though a ", instance_type, " has an NVIDIA ", gpu),
          "install NVIDIA's driver (580 or newer), or start from an AWS Deep Learning Base AMI"};
}

Finding dmi_finding(std::string& instance_type) {
  const std::string vendor = first_line_of("/sys/devices/virtual/dmi/id/sys_vendor");
  if (vendor != "Amazon EC2")
    return {"EC2", State::absent, "no sign of it in this machine's firmware tables"};
  instance_type = first_line_of("/sys/devices/virtual/dmi/id/product_name");
  return {"EC2", State::good, instance_type};
}

Finding metadata_finding(std::string& instance_type) {
  try {
    instance_type = ec2_instance_type();
    return {"EC2", State::good, concat(instance_type, ", says its metadata service")};
  } catch (const Error& error) {
    if (error.code() != Code::unavailable) throw;
    return {"EC2", State::absent, error.message()};
  }
}

}  // namespace

std::vector<Finding> gpu_findings(const std::string& instance_type) {
  std::vector<Finding> out{driver_finding(instance_type)};
  const std::vector<DeviceInfo> devices = cuda_devices();
  for (size_t i = 0; i < devices.size(); ++i) {
    const DeviceInfo& device = devices[i];
    out.push_back({concat("cuda:", i), State::good,
                   concat(device.name, ", ", format_bytes(static_cast<double>(device.memory_bytes)),
                          ", compute capability ", device.major, ".", device.minor, ", ",
                          device.multiprocessors, " multiprocessors")});
  }
  if (devices.empty() && out[0].state == State::good) {
    out.push_back(
        {"GPU", State::problem, concat("none usable: ", cuda_absence_reason()),
         "CUDA 13 needs driver 580 or newer and a GPU since Turing (T4); nvidia-smi shows what is there"});
  }
  out.push_back({"CUDA", State::good,
                 concat("compiled with ", CRISP_CUDA_TOOLKIT, "; needs compute capability ",
                        kOldestArchitecture / 10, ".", kOldestArchitecture % 10, " or newer")});
  return out;
}

std::vector<Finding> cloud_findings(bool ask, std::string& instance_type) {
  std::vector<Finding> out{ask ? metadata_finding(instance_type) : dmi_finding(instance_type)};
  if (out[0].state == State::absent && !ask)
    out[0].advice = "crisp doctor --ec2 asks the metadata service (a network call)";
  std::error_code ignored;
  const bool pytorch = std::filesystem::exists("/opt/pytorch", ignored);
  const bool nvme = std::filesystem::exists("/opt/dlami/nvme", ignored);
  if (pytorch || nvme) {
    out.push_back(
        {"Deep Learning AMI", State::good,
         concat(pytorch ? "/opt/pytorch" : "", pytorch && nvme ? ", " : "", nvme ? "/opt/dlami/nvme" : "")});
    if (nvme)
      out.back().advice =
          "/opt/dlami/nvme is a fast disk that a stop of the instance empties: data there, results elsewhere";
  }
  return out;
}

std::vector<Finding> unproven_findings() {
  return {{"CUDA engines", State::absent,
           "compiled, and run by the tests on an emulated device that finds races and wild accesses; never "
           "yet on a real GPU",
           "on a GPU, compare a run with --device cuda to one with --device cpu before you rely on it"},
          {"nets on a GPU", State::absent,
           "the step as a CUDA graph, and products by cuBLAS; three steps are compared with the CPU's before a training, and where they "
           "differ nets run on the CPU",
           "perf/gpu/run.py measures them and writes a report to send back"},
          {"NCCL", State::absent,
           "gradients of several processes with a GPU each; tried out with known numbers, and where that fails they go by Gloo", ""}};
}

}  // namespace crisp
