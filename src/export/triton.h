/// A model repository for NVIDIA's Triton Inference Server.
#pragma once

#include <string>

#include "export/script_module.h"

namespace crisp {

/// config.pbtxt of the PyTorch backend for the module.
std::string triton_config(const ScriptModule& module, const std::string& name);

}  // namespace crisp
